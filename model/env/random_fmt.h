/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The random stimulus in formats other than riscv. All that is RISC-V's (random_world.c, random_entry.c,
 * random_space.c) has its counterpart here; what remains (ports, fences, kills, drains, memory) is shared.
 *
 *     random_fmt.c          cells: the words of all tables; slow registers; address spaces and contexts; drains
 *     random_fmt_x86.c      x86: where tables stand, a cell's word
 *     random_fmt_classic.c  classical formats: the same
 *     random_fmt_va.c       virtual addresses
 *
 * A *cell* is a word of a table that addresses reach. Its words are drawn when tables are built, and change under
 * traffic; nothing else is ever written to memory. In x86 two indexes of every root are *shared*: their words are the
 * same in all roots and lead to *global* tables, and only there may G stand, as software must have it.
 */
#ifndef LOCKWALK_ENV_RANDOM_FMT_H
#define LOCKWALK_ENV_RANDOM_FMT_H

#include "env/random.h"
#include "lockwalk/mmu_format.h"

enum {
    MMU_FMT_ROOTS = 6,   /* as world.roots */
    MMU_FMT_TABLES = 32, /* all */
    MMU_FMT_LEVELS = 5,
    MMU_FMT_INDEXES = 24, /* of a level */
    MMU_FMT_CELLS = 2048,
    MMU_FMT_ROWS = 64 /* of an inverted table */
};

typedef struct {
    uint64_t addr;
    uint8_t level;   /* as a position has it */
    uint8_t table;   /* number of its table */
    bool wide;       /* 8 bytes, else 4 */
    bool shared;     /* the same in all roots */
    uint16_t index;  /* in its table; inverted: anchor or row */
    uint32_t change; /* epoch << 3 | how often it has changed since */
} mmu_cell_t;

typedef struct {
    uint64_t addr;
    uint8_t level;
    bool root;
    bool global; /* in the part that all roots share */
} mmu_fmt_table_t;

struct mmu_fmt {
    uint8_t number; /* mmu_format_e */
    const mmu_format_t *format;
    uint8_t mode; /* ctx.mode while on */
    mmu_fmt_table_t table[MMU_FMT_TABLES];
    unsigned tables, roots;
    uint64_t aux[MMU_FMT_ROOTS]; /* of each root: anchors, CR3[11:5], rows of its table */
    uint16_t index[MMU_FMT_LEVELS][MMU_FMT_INDEXES];
    unsigned indexes[MMU_FMT_LEVELS];
    uint16_t shared[2]; /* indexes of a root, x86 */
    unsigned shareds;
    mmu_cell_t cell[MMU_FMT_CELLS];
    unsigned cells;
    bool clean; /* only good words */
    /* inverted: chains as they should be */
    uint16_t row_page[MMU_FMT_ROOTS][MMU_FMT_ROWS]; /* number in index[0] */
    uint16_t row_asid[MMU_FMT_ROOTS][MMU_FMT_ROWS];
    uint8_t next[MMU_FMT_ROOTS][MMU_FMT_ROWS], first[MMU_FMT_ROOTS][MMU_FMT_ROWS]; /* row + 1; 0: none */
};

static inline bool mmu_fmt_percent(mmu_random_t *r, mmu_weight_e w)
{
    return mmu_chance(r, w, 100);
}

/* Bits of an index of this level. */
unsigned mmu_fmt_bits(const mmu_random_t *r, unsigned level);

/* random_fmt_x86.c, random_fmt_classic.c. place: tables, indexes, cells. word: a new one; changed: another one. */
void mmu_fmt_x86_place(mmu_random_t *r);
uint64_t mmu_fmt_x86_word(mmu_random_t *r, const mmu_cell_t *cell);
uint64_t mmu_fmt_x86_changed(mmu_random_t *r, const mmu_cell_t *cell, uint64_t word);
void mmu_fmt_classic_place(mmu_random_t *r);
uint64_t mmu_fmt_classic_word(mmu_random_t *r, const mmu_cell_t *cell);
uint64_t mmu_fmt_classic_changed(mmu_random_t *r, const mmu_cell_t *cell, uint64_t word);

/* For them. */
void mmu_fmt_add_cell(mmu_random_t *r, uint64_t addr, unsigned level, unsigned table, unsigned index,
                      bool wide, bool shared);
unsigned mmu_fmt_add_table(mmu_random_t *r, uint64_t addr, unsigned level, bool root, bool global);
void mmu_fmt_draw_indexes(mmu_random_t *r, unsigned level, unsigned count, unsigned limit);
/* A table of that level, no root; NULL where there is none. */
const mmu_fmt_table_t *mmu_fmt_target(mmu_random_t *r, unsigned level, bool global);
/* A physical page of 2^lg bytes below 2^bits: near the start of RAM, anywhere, the last one, one bit. */
uint64_t mmu_fmt_page(mmu_random_t *r, unsigned lg, unsigned bits);
/* Where no RAM is, a multiple of 4 KiB below 2^bits. 0 where RAM is everywhere. */
uint64_t mmu_fmt_out(mmu_random_t *r, unsigned bits);

#endif
