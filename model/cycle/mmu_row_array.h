/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Set-associative array in memories, one a way, read synchronously: the arrays of the L2 TLB.
 * Twin: rtl/mmu_row_array.sv. Rules: ROW.
 *
 *     clock n       read, read_set --> the rows of the set
 *     clock n + 1…  cmp_key, cmp_mask --> hit, row; touch, drop, fill, scan act on that set
 *
 * The RTL keeps copies of the rows read (rd_valid, rd_row); here the set's number is enough (ROW-1).
 */
#ifndef MMU_ROW_ARRAY_H
#define MMU_ROW_ARRAY_H

#include "cycle/mmu_internal.h"
#include "cycle/mmu_repl.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint16_t sets;  /* a power of two */
    uint8_t ways;   /* 1..64 */
    uint8_t policy; /* mmu_policy_e */
    bool vm;        /* rows keep their virtual machine (KEY-5) */
} mmu_row_array_cfg_t;

typedef struct {
    bool read;            /* [1] */
    uint16_t read_set;    /* [SetW] */
    uint64_t cmp_key;     /* [KeyW] */
    uint64_t cmp_mask;    /* [KeyW] the bits of it that count */
    bool cmp_spare_g;     /* [1] global rows do not match */
    uint16_t cmp_vm;      /* [SpaceW] this and its mask with parameter vm */
    uint16_t cmp_vm_mask; /* [SpaceW] the bits of it that count */
    bool touch;           /* [1] the row that matches was used */
    bool drop;            /* [1] the row that matches becomes invalid */
    bool fill;            /* [1] */
    mmu_line_t fill_row;  /* row_t */
    bool scan;            /* [1] all rows of the set that match become invalid; the compare is a fence's */
    bool clear;           /* [1] all rows become invalid */
} mmu_row_array_in_t;

typedef struct {
    bool hit;       /* [1] */
    mmu_line_t row; /* row_t 0 without a hit */
} mmu_row_array_out_t;

typedef struct {
    mmu_row_array_cfg_t cfg;
    struct {
        uint64_t *valid;    /* [Sets·Ways] a word a set, a bit a way */
        uint64_t *mem_key;  /* [64] */
        uint64_t *mem_mask; /* [64] */
        uint64_t *mem_data; /* [64] */
        mmu_vm_t *mem_vm;   /* vm_t NULL without cfg.vm */
        uint16_t rd_set;    /* [SetW] */
    } q;
    struct {
        uint64_t match; /* the ways that match, for touch, drop, fill and scan */
        uint16_t rd_set;
        bool repl;        /* the replacement state moves */
        bool write_valid; /* the valid bits of rd_set change */
        uint64_t valid;
        bool fill;
        uint8_t fill_way;
        mmu_line_t row;
        bool clear;
    } d;
    mmu_repl_t repl;
} mmu_row_array_t;

void mmu_row_array_init(mmu_row_array_t *m, mmu_row_array_cfg_t cfg, mmu_arena_t *arena);

/* The compare (ROW-2): hit and row, from cmp_* and scan alone. Before mmu_row_array_comb where that gets more than a
 * read or a clear. */
void mmu_row_array_out(mmu_row_array_t *m, const mmu_row_array_in_t *in, mmu_row_array_out_t *out);

/* The next state. */
void mmu_row_array_comb(mmu_row_array_t *m, const mmu_row_array_in_t *in);
void mmu_row_array_seq(mmu_row_array_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
