/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Words written over another memory.
 */
#include "lockwalk/mmu_vectors.h"

#include <assert.h>

void mmu_vectors_memory_init(mmu_vectors_memory_t *memory, mmu_arch_mem_t under)
{
    memory->under = under;
    memory->words = 0;
}

/* The place of an address; `words` where it has none. */
static unsigned find(const mmu_vectors_memory_t *memory, uint64_t addr)
{
    unsigned n = 0;

    while (n < memory->words && memory->word[n].addr != addr)
        n++;
    return n;
}

static bool memory_read(void *user, uint64_t addr, bool wide, uint64_t *word)
{
    const mmu_vectors_memory_t *memory = user;
    const unsigned n = find(memory, addr);

    if (n == memory->words)
        return memory->under.read(memory->under.user, addr, wide, word);
    *word = memory->word[n].now;
    return true;
}

static bool memory_cas(void *user, uint64_t addr, bool wide, uint64_t old_word, uint64_t new_word,
                       uint64_t *before)
{
    mmu_vectors_memory_t *memory = user;
    const unsigned n = find(memory, addr);

    if (!memory_read(memory, addr, wide, before))
        return false;
    if (*before != old_word)
        return true;
    if (n == memory->words) {
        assert(n < MMU_VECTORS_WORDS);
        memory->word[n].addr = addr;
        memory->word[n].below = memory->word[n].before = old_word;
        memory->words++;
    }
    memory->word[n].now = new_word;
    return true;
}

mmu_arch_mem_t mmu_vectors_memory_mem(mmu_vectors_memory_t *memory)
{
    return (mmu_arch_mem_t){.read = memory_read, .cas = memory_cas, .user = memory};
}

void mmu_vectors_memory_begin(mmu_vectors_memory_t *memory)
{
    for (unsigned n = 0; n < memory->words; n++)
        memory->word[n].before = memory->word[n].now;
}

void mmu_vectors_memory_forget(mmu_vectors_memory_t *memory)
{
    memory->words = 0;
}

bool mmu_vectors_memory_untouched(const mmu_vectors_memory_t *memory)
{
    for (unsigned n = 0; n < memory->words; n++)
        if (memory->word[n].now != memory->word[n].below)
            return false;
    return true;
}
