/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Answers: what is expected, what came, and what differs.
 */
#include "lockwalk/mmu_vectors.h"

#include <string.h>

/* ---- from somewhere --------------------------------------------------------------------------------- */

/* What a fault or a translation has at all; REQ-8. */
static void give_all(mmu_vectors_answer_t *answer, bool fault)
{
    memset(answer, 0, sizeof *answer);
    answer->fault = fault;
    answer->given = fault ? MMU_TV_HAS_TVAL | MMU_TV_HAS_GPA : MMU_TV_HAS_SIZE | MMU_TV_HAS_PBMT;
}

static uint64_t size_of(unsigned lg)
{
    return lg == 0 ? 0 : UINT64_C(1) << lg;
}

void mmu_vectors_answer_of_result(const mmu_arch_result_t *result, mmu_vectors_answer_t *answer)
{
    give_all(answer, result->fault != MMU_FAULT_NONE);
    answer->pa = result->pa;
    answer->size = size_of(result->lg);
    answer->pbmt = result->mt;
    answer->cause = result->cause;
    answer->tval = result->tval;
    answer->gpa = result->gpa;
}

void mmu_vectors_answer_of_rsp(const mmu_rsp_t *rsp, mmu_vectors_answer_t *answer)
{
    give_all(answer, rsp->fault);
    answer->pa = rsp->pa;
    answer->size = size_of(rsp->lg);
    answer->pbmt = rsp->mt;
    answer->cause = rsp->cause;
    answer->tval = rsp->tval;
    answer->gpa = rsp->gpa;
}

void mmu_vectors_answer_word(mmu_vectors_answer_t *answer, uint64_t addr, uint64_t value)
{
    if (answer->words < MMU_VECTORS_WORDS) {
        answer->word[answer->words].addr = addr;
        answer->word[answer->words].value = value;
    }
    answer->words++;
}

void mmu_vectors_answer_changes(mmu_vectors_answer_t *answer, const mmu_vectors_memory_t *memory)
{
    for (unsigned n = 0; n < memory->words; n++)
        if (memory->word[n].now != memory->word[n].before)
            mmu_vectors_answer_word(answer, memory->word[n].addr, memory->word[n].now);
}

/* ---- what is expected ------------------------------------------------------------------------------- */

static bool is_guest_fault(uint64_t cause)
{
    return cause == 20 || cause == 21 || cause == 23;
}

/* As the file says; details that it leaves out are not given. */
static void answer_of_vector(const mmu_tv_world_t *world, const mmu_tv_access_t *access,
                             mmu_vectors_answer_t *answer)
{
    memset(answer, 0, sizeof *answer);
    answer->fault = access->fault;
    answer->given = access->given & (MMU_TV_HAS_PBMT | MMU_TV_HAS_SIZE | MMU_TV_HAS_TVAL | MMU_TV_HAS_GPA);
    answer->pa = access->pa;
    answer->size = access->size;
    answer->pbmt = access->pbmt;
    answer->cause = access->gp ? MMU_VECTORS_GP : access->cause;
    answer->tval = access->tval;
    answer->gpa = access->gpa & ~UINT64_C(3); /* what htval can hold: REQ-8 */
    /* No other fault has one. */
    if (access->fault && !(world->key[MMU_TV_VIRT] != 0 && is_guest_fault(access->cause)))
        answer->given |= MMU_TV_HAS_GPA;
}

static void expect_of_model(const mmu_tv_world_t *world, const mmu_pmp_file_t *pmp,
                            const mmu_tv_access_t *access, unsigned step, const mmu_arch_mem_t *memory,
                            mmu_vectors_answer_t *answer)
{
    const mmu_rq_t rq = mmu_vectors_request(world, access, step);
    const mmu_slow_t slow = mmu_vectors_slow(world);
    mmu_vectors_memory_t over;
    mmu_arch_mem_t mem;
    mmu_arch_result_t result;

    mmu_vectors_memory_init(&over, *memory);
    mem = mmu_vectors_memory_mem(&over);
    mmu_arch_translate_pmp(&mem, pmp, &rq, &slow, &result, NULL);
    mmu_vectors_answer_of_result(&result, answer);
    mmu_vectors_answer_changes(answer, &over);
}

void mmu_vectors_expect(const mmu_tv_world_t *world, const mmu_pmp_file_t *pmp, const mmu_tv_access_t *access,
                        unsigned step, const mmu_arch_mem_t *memory, bool untouched,
                        mmu_vectors_answer_t *answer)
{
    const bool first = step == MMU_VECTORS_COLD || step == MMU_VECTORS_RANDOM;

    if (first || (step == MMU_VECTORS_WARM && untouched && access->updates == 0)) {
        answer_of_vector(world, access, answer);
        for (unsigned i = 0; i < access->updates; i++) {
            const mmu_tv_word_t *u = &world->update[access->first_update + i];

            mmu_vectors_answer_word(answer, u->addr, u->value);
        }
        return;
    }
    expect_of_model(world, pmp, access, step, memory, answer);
}

/* ---- what differs ----------------------------------------------------------------------------------- */

const char *mmu_vectors_difference_name(unsigned n)
{
    static const char *const names[MMU_VECTORS_DIFFERENCES] = {"outcome", "pa",   "size", "pbmt",
                                                               "cause",   "tval", "gpa",  "words"};

    return names[n];
}

/* The sets must be the same, no word more. */
static bool words_equal(const mmu_vectors_answer_t *a, const mmu_vectors_answer_t *b)
{
    if (a->words != b->words || a->words > MMU_VECTORS_WORDS)
        return false;
    for (unsigned i = 0; i < a->words; i++) {
        bool found = false;

        for (unsigned k = 0; k < b->words; k++)
            found |= a->word[i].addr == b->word[k].addr && a->word[i].value == b->word[k].value;
        if (!found)
            return false;
    }
    return true;
}

unsigned mmu_vectors_compare(const mmu_vectors_answer_t *expected, const mmu_vectors_answer_t *got)
{
    unsigned differs = words_equal(expected, got) ? 0 : MMU_VECTORS_CHANGES;

    if (expected->fault != got->fault)
        return differs | MMU_VECTORS_OUTCOME;
    if (expected->fault) {
        if (got->cause != expected->cause)
            differs |= MMU_VECTORS_CAUSE;
        if ((expected->given & MMU_TV_HAS_TVAL) != 0 && got->tval != expected->tval)
            differs |= MMU_VECTORS_TVAL;
        if ((expected->given & MMU_TV_HAS_GPA) != 0 && got->gpa != expected->gpa)
            differs |= MMU_VECTORS_GPA;
        return differs;
    }
    if (got->pa != expected->pa)
        differs |= MMU_VECTORS_PA;
    if ((expected->given & MMU_TV_HAS_SIZE) != 0 && got->size != expected->size)
        differs |= MMU_VECTORS_SIZE;
    if ((expected->given & MMU_TV_HAS_PBMT) != 0 && got->pbmt != expected->pbmt)
        differs |= MMU_VECTORS_PBMT;
    return differs;
}
