/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A world's memory: a hash table of the words that are not zero by default, and a journal of the words
 * written since the last settle.
 */
#include "tv/tv_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A walk writes few words: one in each of two stages, and the model of two stages a few more. */
#define JOURNAL_MAX 16

typedef struct {
    uint64_t addr;
    uint64_t value;
    bool used;
} slot_t;

struct mmu_tv_image {
    slot_t *slot;
    size_t slots; /* a power of two, at least twice `used` */
    size_t used;
    uint64_t ram_base, ram_size;
    bool wide;
    unsigned changes;
    mmu_tv_change_t change[JOURNAL_MAX];
};

mmu_tv_image_t *mmu_tv_image_new(void)
{
    return calloc(1, sizeof(mmu_tv_image_t));
}

void mmu_tv_image_free(mmu_tv_image_t *image)
{
    if (image == NULL)
        return;
    free(image->slot);
    free(image);
}

/* The slot of an address, or the free one where it would stand. */
static slot_t *find(const mmu_tv_image_t *image, uint64_t addr)
{
    size_t i = (size_t)((addr >> 2) * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (image->slots - 1);

    while (image->slot[i].used && image->slot[i].addr != addr)
        i = (i + 1) & (image->slots - 1);
    return &image->slot[i];
}

static uint64_t get(const mmu_tv_image_t *image, uint64_t addr)
{
    return find(image, addr)->value; /* a free slot holds 0 */
}

/* There is room: load counted the words of `m`, and every `u` of the world. */
static void put(mmu_tv_image_t *image, uint64_t addr, uint64_t value)
{
    slot_t *s = find(image, addr);

    if (!s->used) {
        assert(image->used + 1 < image->slots);
        image->used++;
        s->used = true;
        s->addr = addr;
    }
    s->value = value;
}

bool mmu_tv_image_load(mmu_tv_image_t *image, const mmu_tv_world_t *world)
{
    /* Besides `m` and `u`, a wrong model may write a word of its own in each access; it stays as a slot. */
    const size_t words = (size_t)world->words + world->updates + (size_t)JOURNAL_MAX * world->accesses;
    size_t slots = 64;

    while (slots < 2 * words)
        slots *= 2;
    if (slots > image->slots) {
        free(image->slot);
        image->slots = 0;
        image->slot = malloc(slots * sizeof *image->slot);
        if (image->slot == NULL)
            return false;
        image->slots = slots;
    }
    memset(image->slot, 0, image->slots * sizeof *image->slot);
    image->used = 0;
    image->ram_base = world->ram_base;
    image->ram_size = world->ram_size;
    image->wide = world->wide;
    image->changes = 0;
    for (unsigned i = 0; i < world->words; i++)
        put(image, world->word[i].addr, world->word[i].value);
    return true;
}

static bool inside(const mmu_tv_image_t *image, uint64_t addr, bool wide)
{
    const uint64_t bytes = wide ? 8 : 4;

    assert(wide == image->wide && addr % bytes == 0);
    return addr >= image->ram_base && addr - image->ram_base <= image->ram_size - bytes;
}

static bool image_read(void *user, uint64_t addr, bool wide, uint64_t *word)
{
    const mmu_tv_image_t *image = user;

    if (!inside(image, addr, wide))
        return false;
    *word = get(image, addr);
    return true;
}

static bool image_cas(void *user, uint64_t addr, bool wide, uint64_t old_word, uint64_t new_word,
                      uint64_t *before)
{
    mmu_tv_image_t *image = user;
    unsigned i = 0;

    if (!inside(image, addr, wide))
        return false;
    *before = get(image, addr);
    if (*before != old_word)
        return true;
    while (i < image->changes && image->change[i].addr != addr)
        i++;
    if (i == image->changes) {
        assert(i < JOURNAL_MAX);
        image->change[i] = (mmu_tv_change_t){.addr = addr, .before = old_word};
        image->changes++;
    }
    image->change[i].after = new_word;
    put(image, addr, new_word);
    return true;
}

mmu_arch_mem_t mmu_tv_image_mem(mmu_tv_image_t *image)
{
    return (mmu_arch_mem_t){.read = image_read, .cas = image_cas, .user = image};
}

unsigned mmu_tv_image_changes(mmu_tv_image_t *image, const mmu_tv_change_t **changes)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < image->changes; i++)
        if (image->change[i].before != image->change[i].after)
            image->change[kept++] = image->change[i];
    image->changes = kept;
    *changes = image->change;
    return kept;
}

void mmu_tv_image_settle(mmu_tv_image_t *image, const mmu_tv_world_t *world, const mmu_tv_access_t *access)
{
    for (unsigned i = 0; i < image->changes; i++)
        put(image, image->change[i].addr, image->change[i].before);
    image->changes = 0;
    for (unsigned i = 0; i < access->updates; i++) {
        const mmu_tv_word_t *u = &world->update[access->first_update + i];

        put(image, u->addr, u->value);
    }
}
