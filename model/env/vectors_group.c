/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Which accesses may be played at once: those that change no word, and of which none may take its translation from
 * another's where its own walk would find another one. That is so in a NAPOT page whose 16 entries are not all the
 * same: a TLB may then answer from any of them (Svnapot), and vectors have such pages on purpose.
 */
#include "env/vectors.h"

#define WORD_N (UINT64_C(1) << 63)

/* Adds a page that the walk of an access translates. */
static void add_page(mmu_vectors_pages_t *pages, uint8_t stage, uint64_t addr, bool napot)
{
    for (unsigned n = 0; n < pages->count; n++)
        if (pages->page[n].stage == stage && pages->page[n].number == addr >> 12) {
            pages->page[n].napot |= napot;
            return;
        }
    if (pages->count < MMU_VECTORS_PAGES) {
        pages->page[pages->count].stage = stage;
        pages->page[pages->count].number = addr >> 12;
        pages->page[pages->count++].napot = napot;
    }
}

/* Of the first stage the page of the address, of the G stage those of all guest physical addresses. */
static void find_pages(mmu_vectors_t *v, const mmu_tv_access_t *access, mmu_vectors_pages_t *pages)
{
    const mmu_rq_t rq = mmu_vectors_request(v->world, access, MMU_VECTORS_COLD);
    const mmu_slow_t slow = mmu_vectors_slow(v->world);
    mmu_vectors_memory_t over;
    mmu_arch_mem_t mem;
    mmu_arch_result_t result;
    mmu_arch_trail_t trail;

    mmu_vectors_memory_init(&over, mmu_vectors_ram_now(v));
    mem = mmu_vectors_memory_mem(&over);
    mmu_arch_translate_pmp(&mem, v->pmp, &rq, &slow, &result, &trail);
    pages->count = 0;
    for (unsigned n = 0; n < trail.count && n < MMU_TRAIL_STEPS; n++) {
        const mmu_trail_step_t *s = &trail.step[n];
        const bool leaf = s->kind == MMU_STEP_LEAF || s->kind == MMU_STEP_NEED_AD;

        if (s->op == MMU_TRAIL_READ)
            add_page(pages, s->stage, s->stage != 0 ? s->gpa : rq.va, leaf && (s->word & WORD_N) != 0);
    }
}

/* Two pages of one NAPOT page. */
static bool meet(const mmu_vectors_pages_t *a, const mmu_vectors_pages_t *b)
{
    for (unsigned i = 0; i < a->count; i++)
        for (unsigned k = 0; k < b->count; k++)
            if (a->page[i].stage == b->page[k].stage && (a->page[i].napot || b->page[k].napot) &&
                a->page[i].number != b->page[k].number && a->page[i].number >> 4 == b->page[k].number >> 4)
                return true;
    return false;
}

/* Whether the access may be the group's next one. */
static bool may_join(mmu_vectors_t *v, unsigned size, const mmu_tv_access_t *access)
{
    if (access->updates != 0 || size == MMU_VECTORS_GROUP)
        return false;
    if (v->world->key[MMU_TV_NAPOT] == 0)
        return true;
    find_pages(v, access, &v->pages[size]);
    for (unsigned n = 0; n < size; n++)
        if (meet(&v->pages[n], &v->pages[size]))
            return false;
    return true;
}

bool mmu_vectors_next_group(mmu_vectors_t *v)
{
    const mmu_tv_world_t *world = v->world;
    unsigned n = 0;

    v->group += v->group_size;
    while (v->group + n < world->accesses && may_join(v, n, &world->access[v->group + n]))
        n++;
    if (n == 0 && v->group < world->accesses)
        n = 1;
    v->group_size = n;
    v->position = 0;
    v->apart = false;
    v->step = MMU_VECTORS_COLD;
    return n != 0;
}
