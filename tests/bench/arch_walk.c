/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Work for the benchmark: N architectural walks, Sv39 from the root to a 4 KiB page, three words read. tests/bench/run counts the
 * instructions of mmu_arch_translate in it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lockwalk/mmu_arch.h"

#define ROOT UINT64_C(0x80000000)
#define PAGES 64u

/* Three tables of 512 words: root, middle, last. */
static uint64_t table[3][512];

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

int main(int argc, char **argv)
{
    const unsigned long walks = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
    const mmu_arch_mem_t mem = {.read = read_word, .cas = swap_word};
    const mmu_slow_t slow = {.adue = true};
    mmu_arch_result_t result;
    unsigned long good = 0;

    if (walks == 0) {
        fprintf(stderr, "usage: bench-arch-walk WALKS\n");
        return 2;
    }
    table[0][0] = (ROOT + 0x1000) >> 12 << 10 | 1;
    table[1][0] = (ROOT + 0x2000) >> 12 << 10 | 1;
    for (unsigned i = 0; i < PAGES; i++)
        table[2][i] = (uint64_t)(0x90000 + i) << 10 | 0xdf; /* D A U X W R V */
    for (unsigned long n = 0; n < walks; n++) {
        const uint64_t va = (uint64_t)(n % PAGES) << 12 | 0x123;
        const mmu_rq_t rq = {.va = va,
                             .acc = MMU_ACC_LOAD,
                             .prv = MMU_PRIV_U,
                             .ctx = {.mode = MMU_MODE_SV39, .root = ROOT >> 12}};

        mmu_arch_translate(&mem, &rq, &slow, &result);
        good += result.fault == MMU_FAULT_NONE && result.pa == (UINT64_C(0x90000123) + ((n % PAGES) << 12));
    }
    printf("%lu walks, %lu as expected\n", walks, good);
    return good == walks ? 0 : 1;
}
