/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Sparse physical memory: a hash table, open addressing, from frame number to 512 words.
 */
#include "lockwalk/mmu_mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_LG 12
#define FRAME_WORDS 512u

typedef struct {
    uint64_t number; /* of the frame: address >> FRAME_LG */
    uint64_t *words; /* NULL: this place of the table is free */
} frame_t;

struct mmu_mem {
    uint64_t base, size;
    frame_t *table;
    size_t places; /* a power of two */
    size_t used;
    mmu_mem_changed_t *changed; /* NULL: nobody watches */
    void *user;
};

static size_t place_of(uint64_t number, size_t places)
{
    return (size_t)((number * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (places - 1);
}

/* The place of this frame, or the free place where it belongs. */
static frame_t *find(frame_t *table, size_t places, uint64_t number)
{
    size_t p = place_of(number, places);

    while (table[p].words != NULL && table[p].number != number)
        p = (p + 1) & (places - 1);
    return &table[p];
}

mmu_mem_t *mmu_mem_create(uint64_t base, uint64_t size)
{
    mmu_mem_t *mem;

    assert((base & 7) == 0 && (size & 7) == 0);
    assert(base <= MMU_PA_MASK && size <= MMU_PA_MASK + 1 - base);
    mem = calloc(1, sizeof *mem);
    if (mem == NULL)
        return NULL;
    mem->base = base;
    mem->size = size;
    mem->places = 1024;
    mem->table = calloc(mem->places, sizeof *mem->table);
    if (mem->table == NULL) {
        free(mem);
        return NULL;
    }
    return mem;
}

void mmu_mem_destroy(mmu_mem_t *mem)
{
    if (mem == NULL)
        return;
    for (size_t i = 0; i < mem->places; i++)
        free(mem->table[i].words);
    free(mem->table);
    free(mem);
}

uint64_t mmu_mem_base(const mmu_mem_t *mem)
{
    return mem->base;
}

uint64_t mmu_mem_size(const mmu_mem_t *mem)
{
    return mem->size;
}

bool mmu_mem_is_ram(const mmu_mem_t *mem, uint64_t addr, uint64_t bytes)
{
    return addr >= mem->base && bytes <= mem->size && addr - mem->base <= mem->size - bytes;
}

/* A host without memory for a few more pages cannot go on in any useful way. */
static void *must_have(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

static void grow(mmu_mem_t *mem)
{
    size_t places = mem->places * 2;
    frame_t *table = must_have(calloc(places, sizeof *table));

    for (size_t i = 0; i < mem->places; i++)
        if (mem->table[i].words != NULL)
            *find(table, places, mem->table[i].number) = mem->table[i];
    free(mem->table);
    mem->table = table;
    mem->places = places;
}

static uint64_t *word_to_write(mmu_mem_t *mem, uint64_t addr)
{
    uint64_t number = addr >> FRAME_LG;
    frame_t *frame = find(mem->table, mem->places, number);

    if (frame->words == NULL) {
        if (2 * (mem->used + 1) > mem->places) {
            grow(mem);
            frame = find(mem->table, mem->places, number);
        }
        frame->number = number;
        frame->words = must_have(calloc(FRAME_WORDS, sizeof *frame->words));
        mem->used++;
    }
    return &frame->words[(addr >> 3) & (FRAME_WORDS - 1)];
}

/* The half of a word of 8 bytes that an address of 4 bytes stands for (little-endian). */
static unsigned half_shift(uint64_t addr)
{
    return (addr & 4) != 0 ? 32 : 0;
}

uint64_t mmu_mem_read(const mmu_mem_t *mem, uint64_t addr, bool wide)
{
    const frame_t *frame = find(mem->table, mem->places, addr >> FRAME_LG);
    uint64_t word;

    assert(mmu_mem_is_ram(mem, addr, wide ? 8 : 4) && (addr & (wide ? 7 : 3)) == 0);
    if (frame->words == NULL)
        return 0;
    word = frame->words[(addr >> 3) & (FRAME_WORDS - 1)];
    return wide ? word : (word >> half_shift(addr)) & UINT32_MAX;
}

void mmu_mem_write(mmu_mem_t *mem, uint64_t addr, bool wide, uint64_t word)
{
    uint64_t *at, before;

    assert(mmu_mem_is_ram(mem, addr, wide ? 8 : 4) && (addr & (wide ? 7 : 3)) == 0);
    at = word_to_write(mem, addr);
    before = *at;
    if (wide) {
        *at = word;
    } else {
        uint64_t mask = (uint64_t)UINT32_MAX << half_shift(addr);
        *at = (*at & ~mask) | ((word << half_shift(addr)) & mask);
    }
    if (mem->changed != NULL && *at != before)
        mem->changed(mem->user, addr & ~UINT64_C(7), before, *at);
}

void mmu_mem_watch(mmu_mem_t *mem, mmu_mem_changed_t *changed, void *user)
{
    mem->changed = changed;
    mem->user = user;
}

uint64_t mmu_mem_cas(mmu_mem_t *mem, uint64_t addr, bool wide, uint64_t old_word, uint64_t new_word)
{
    uint64_t before = mmu_mem_read(mem, addr, wide);

    /* Of a 4-byte word 32 bits are compared (WALK-7). */
    if (before == (wide ? old_word : old_word & UINT32_MAX))
        mmu_mem_write(mem, addr, wide, new_word);
    return before;
}
