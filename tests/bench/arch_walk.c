/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Work for the benchmark: N architectural walks, Sv39 from the root to a 4 KiB page, three words read; with
 * `two-stage` the same over Sv39x4, where each of the four guest physical addresses is a G walk of three words:
 * fifteen. tests/bench/run counts the instructions of mmu_arch_translate in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockwalk/mmu_arch.h"

#define ROOT UINT64_C(0x80000000)
#define PAGES 64u

/* Pages of memory from ROOT: four for the G stage's root, its middle and last table, the first stage's three.
 * Guest physical page i is the page ROOT + i. */
enum { G_ROOT = 0, G_MIDDLE = 4, G_LAST = 5, TABLES = 6, MEMORY = TABLES + 3 };
static uint64_t table[MEMORY][512];

static uint64_t pointer(uint64_t frame)
{
    return frame << 10 | 1;
}

static uint64_t leaf(uint64_t frame)
{
    return frame << 10 | 0xdf; /* D A U X W R V */
}

static bool read_word(void *user, uint64_t addr, bool wide, uint64_t *word)
{
    (void)user;
    (void)wide;
    *word = table[(addr - ROOT) >> 12][addr >> 3 & 511];
    return true;
}

static bool swap_word(void *user, uint64_t addr, bool wide, uint64_t old_word, uint64_t new_word,
                      uint64_t *before)
{
    (void)user, (void)addr, (void)wide, (void)old_word, (void)new_word, (void)before;
    return false; /* A and D are set: no walk gets here */
}

/* base: the frame of page 0 as the first stage sees it. */
static void fill_tables(uint64_t base, uint64_t pages_at)
{
    table[TABLES][0] = pointer(base + TABLES + 1);
    table[TABLES + 1][0] = pointer(base + TABLES + 2);
    for (unsigned i = 0; i < PAGES; i++)
        table[TABLES + 2][i] = leaf(pages_at + i);
    table[G_ROOT][0] = pointer((ROOT >> 12) + G_MIDDLE);
    table[G_MIDDLE][0] = pointer((ROOT >> 12) + G_LAST);
    for (unsigned i = 0; i < 512; i++)
        table[G_LAST][i] = leaf((ROOT >> 12) + i);
}

int main(int argc, char **argv)
{
    const unsigned long walks = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
    const bool two = argc > 2 && strcmp(argv[2], "two-stage") == 0;
    const mmu_arch_mem_t mem = {.read = read_word, .cas = swap_word};
    const mmu_slow_t slow = {.adue = true, .hadue = true};
    const mmu_ctx_t one_stage = {.mode = MMU_MODE_SV39, .root = (ROOT >> 12) + TABLES};
    const mmu_ctx_t two_stages = {.mode = MMU_MODE_SV39,
                                  .root = TABLES,
                                  .v = true,
                                  .gmode = MMU_MODE_SV39,
                                  .groot = (ROOT >> 12) + G_ROOT};
    const uint64_t base = two ? 0 : ROOT >> 12, pages_at = base + 0x100;
    mmu_arch_result_t result;
    unsigned long good = 0;

    if (walks == 0 || (argc > 2 && !two)) {
        fprintf(stderr, "usage: bench-arch-walk WALKS [two-stage]\n");
        return 2;
    }
    fill_tables(base, pages_at);
    for (unsigned long n = 0; n < walks; n++) {
        const uint64_t va = (uint64_t)(n % PAGES) << 12 | 0x123;
        const mmu_rq_t rq = {
            .va = va, .acc = MMU_ACC_LOAD, .prv = MMU_PRIV_U, .ctx = two ? two_stages : one_stage};

        mmu_arch_translate(&mem, &rq, &slow, &result);
        good += result.fault == MMU_FAULT_NONE && result.pa == ROOT + 0x100123 + ((n % PAGES) << 12);
    }
    printf("%lu walks, %lu as expected\n", walks, good);
    return good == walks ? 0 : 1;
}
