/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A world's memory behind the walk port, and a journal of what is written to it.
 */
#include "env/vectors.h"

/* Called back for each word that changes. */
static void changed(void *user, uint64_t addr, uint64_t before, uint64_t after)
{
    mmu_vectors_t *v = user;
    unsigned n = 0;

    if (v->own_writes)
        return;
    while (n < v->touches && v->touched[n].addr != addr)
        n++;
    if (n == MMU_VECTORS_TOUCHED) {
        mmu_stage_fail(v->base.stage, MMU_ENV_BAD_ANSWER,
                       "%s:%u: more than %u words of memory were changed between two flushes", v->world->file,
                       v->world->line, (unsigned)MMU_VECTORS_TOUCHED);
        return;
    }
    if (n == v->touches)
        v->touched[v->touches++] = (mmu_vectors_touched_t){.addr = addr, .base = before, .before = before};
    v->touched[n].now = after;
}

static void write_word(mmu_vectors_t *v, uint64_t addr, bool wide, uint64_t word)
{
    v->own_writes = true;
    mmu_mem_write(v->base.stage->mem, addr, wide, word);
    v->own_writes = false;
}

bool mmu_vectors_ram_load(mmu_vectors_t *v)
{
    mmu_stage_t *stage = v->base.stage;
    const mmu_tv_world_t *world = v->world;
    mmu_mem_t *mem = mmu_mem_create(world->ram_base, world->ram_size);

    if (mem == NULL)
        return false;
    mmu_mem_destroy(stage->mem);
    stage->mem = stage->memport.mem = mem;
    for (unsigned i = 0; i < world->words; i++)
        mmu_mem_write(mem, world->word[i].addr, world->wide, world->word[i].value);
    mmu_mem_watch(mem, changed, v);
    v->touches = 0;
    return true;
}

static bool read_now(void *user, uint64_t addr, bool wide, uint64_t *word)
{
    const mmu_vectors_t *v = user;

    if (!mmu_mem_is_ram(v->base.stage->mem, addr, wide ? 8 : 4))
        return false;
    *word = mmu_mem_read(v->base.stage->mem, addr, wide);
    return true;
}

mmu_arch_mem_t mmu_vectors_ram_now(mmu_vectors_t *v)
{
    return (mmu_arch_mem_t){.read = read_now, .user = v};
}

void mmu_vectors_step_begins(mmu_vectors_t *v)
{
    for (unsigned n = 0; n < v->touches; n++)
        v->touched[n].before = v->touched[n].now;
}

bool mmu_vectors_untouched(const mmu_vectors_t *v)
{
    for (unsigned n = 0; n < v->touches; n++)
        if (v->touched[n].now != v->touched[n].base)
            return false;
    return true;
}

/* In words of the world's width. */
void mmu_vectors_add_changes(const mmu_vectors_t *v, mmu_vectors_answer_t *answer)
{
    for (unsigned n = 0; n < v->touches; n++) {
        const mmu_vectors_touched_t *t = &v->touched[n];

        if (v->world->wide) {
            if (t->now != t->before)
                mmu_vectors_answer_word(answer, t->addr, t->now);
            continue;
        }
        for (unsigned half = 0; half < 2; half++) {
            const uint64_t word = t->now >> 32 * half & UINT32_MAX;

            if (word != (t->before >> 32 * half & UINT32_MAX))
                mmu_vectors_answer_word(answer, t->addr + 4 * half, word);
        }
    }
}

void mmu_vectors_put_back(mmu_vectors_t *v)
{
    for (unsigned n = 0; n < v->touches; n++)
        write_word(v, v->touched[n].addr, true, v->touched[n].base);
    v->touches = 0;
}

void mmu_vectors_settle(mmu_vectors_t *v, const mmu_tv_access_t *access)
{
    for (unsigned i = 0; i < access->updates; i++) {
        const mmu_tv_word_t *u = &v->world->update[access->first_update + i];

        write_word(v, u->addr, v->world->wide, u->value);
    }
}
