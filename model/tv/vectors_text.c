/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Answers in words.
 */
#include "lockwalk/mmu_vectors.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* Those of riscv, by cause; then those of other formats, by kind. */
enum { RISCV_OUTCOMES = 10 };

static const struct {
    uint8_t cause;
    const char *key, *name;
} outcomes[MMU_VECTORS_OUTCOMES] = {
    {0, "translated", "translated"},
    {1, "fetch_access_fault", "fetch access fault"},
    {5, "load_access_fault", "load access fault"},
    {7, "store_access_fault", "store access fault"},
    {12, "fetch_page_fault", "fetch page fault"},
    {13, "load_page_fault", "load page fault"},
    {15, "store_page_fault", "store page fault"},
    {20, "fetch_guest_page_fault", "fetch guest-page fault"},
    {21, "load_guest_page_fault", "load guest-page fault"},
    {23, "store_guest_page_fault", "store guest-page fault"},
    {1, "not_present", "page fault, not present"},
    {2, "protection", "protection fault"},
    {3, "reserved", "reserved bit or mode"},
    {4, "beyond_limit", "beyond a limit"},
    {5, "table_not_present", "table absent or broken"},
    {6, "access_fault", "access fault"},
};

/* Of a fault of another format than riscv: "Classical formats", cause. */
static unsigned kind_of(const mmu_vectors_answer_t *answer)
{
    if (answer->format != MMU_FORMAT_X86)
        return (unsigned)answer->cause & 7u;
    if (answer->cause >= MMU_VECTORS_GP) /* X86-12 */
        return answer->cause == MMU_VECTORS_GP ? 4 : 6;
    return (answer->cause & 8) != 0 ? 3 : (answer->cause & 1) != 0 ? 2 : 1;
}

unsigned mmu_vectors_outcome(const mmu_vectors_answer_t *answer)
{
    unsigned i = 0;

    if (!answer->fault)
        return 0;
    if (answer->format != MMU_FORMAT_RISCV) {
        i = RISCV_OUTCOMES;
        while (i + 1 < MMU_VECTORS_OUTCOMES && outcomes[i].cause != kind_of(answer))
            i++;
        return i;
    }
    while (i + 1 < RISCV_OUTCOMES && outcomes[i].cause != answer->cause)
        i++;
    return i;
}

const char *mmu_vectors_outcome_key(unsigned outcome)
{
    return outcomes[outcome].key;
}

const char *mmu_vectors_cause_name(uint64_t cause)
{
    for (unsigned i = 1; i < RISCV_OUTCOMES; i++)
        if (outcomes[i].cause == cause)
            return outcomes[i].name;
    return "fault";
}

const char *mmu_vectors_fault_name(const mmu_vectors_answer_t *answer)
{
    if (answer->format == MMU_FORMAT_RISCV)
        return mmu_vectors_cause_name(answer->cause);
    if (answer->format == MMU_FORMAT_X86 && answer->cause == MMU_VECTORS_GP)
        return "general-protection fault";
    return outcomes[mmu_vectors_outcome(answer)].name;
}

/* ---- an answer -------------------------------------------------------------------------------------- */

typedef struct {
    char *text;
    size_t n, used;
} line_t;

__attribute__((format(printf, 2, 3))) static void add(line_t *line, const char *format, ...)
{
    va_list args;
    int length;

    if (line->used >= line->n)
        return;
    va_start(args, format);
    length = vsnprintf(line->text + line->used, line->n - line->used, format, args);
    va_end(args);
    line->used += length > 0 ? (size_t)length : 0;
}

void mmu_vectors_answer_text(const mmu_vectors_answer_t *answer, char *text, size_t n)
{
    line_t line = {text, n, 0};

    if (answer->fault) {
        add(&line, "%s, cause 0x%" PRIx64, mmu_vectors_fault_name(answer), answer->cause);
        if ((answer->given & MMU_TV_HAS_TVAL) != 0)
            add(&line, ", tval 0x%" PRIx64, answer->tval);
        if ((answer->given & MMU_TV_HAS_GPA) != 0 && answer->gpa != 0)
            add(&line, ", gpa 0x%" PRIx64, answer->gpa);
    } else {
        add(&line, "pa 0x%" PRIx64, answer->pa);
        if ((answer->given & MMU_TV_HAS_SIZE) != 0 && answer->size == 0)
            add(&line, ", no page");
        else if ((answer->given & MMU_TV_HAS_SIZE) != 0)
            add(&line, ", size 0x%" PRIx64, answer->size);
        if ((answer->given & MMU_TV_HAS_PBMT) != 0)
            add(&line, ", pbmt %" PRIu64, answer->pbmt);
    }
    add(&line, "; words changed:%s", answer->words == 0 ? " none" : "");
    for (unsigned i = 0; i < answer->words && i < MMU_VECTORS_WORDS; i++)
        add(&line, " 0x%" PRIx64 " = 0x%" PRIx64, answer->word[i].addr, answer->word[i].value);
    if (answer->words > MMU_VECTORS_WORDS)
        add(&line, " and %u more", answer->words - MMU_VECTORS_WORDS);
}
