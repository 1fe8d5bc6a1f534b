/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a translation would be now, by the architectural model, so that requests and changes can be aimed.
 */
#include "env/random.h"

static bool peek(void *user, uint64_t addr, bool wide, uint64_t *word)
{
    const mmu_mem_t *mem = user;

    if (!mmu_mem_is_ram(mem, addr, wide ? 8 : 4))
        return false;
    *word = mmu_mem_read(mem, addr, wide);
    return true;
}

/* Looking only: the swap is said to have happened. */
static bool pretend(void *user, uint64_t addr, bool wide, uint64_t old_word, uint64_t new_word,
                    uint64_t *before)
{
    (void)new_word;
    *before = old_word;
    return mmu_mem_is_ram(user, addr, wide ? 8 : 4);
}

bool mmu_random_look(const mmu_random_t *r, const mmu_ctx_t *ctx, uint64_t va, uint8_t prv, uint8_t acc,
                     mmu_arch_result_t *result, mmu_arch_trail_t *trail)
{
    mmu_arch_mem_t mem = {.read = peek, .cas = pretend, .user = r->base.stage->mem};
    mmu_rq_t rq = {.va = va, .ctx = *ctx, .prv = prv, .acc = acc};

    mmu_arch_translate_pmp(&mem, r->file.entries > 0 ? &r->file : NULL, &rq, &r->slow, result, trail);
    return trail->count > 0 && trail->count <= MMU_TRAIL_STEPS;
}
