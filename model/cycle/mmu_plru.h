/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Tree-PLRU replacement state of an array. Twin: rtl/mmu_plru.sv. Rules: REPL.
 *
 *                 node 0              A node's bit says in which half the victim is: 0 lower, 1 upper.
 *               0 /    \ 1            Children of n: 2n+1 and 2n+2.
 *           node 1      node 2
 *           0/  \1      0/  \1        Example, 4 ways, tree = 000 (nodes 2, 1, 0): the victim is way 0.
 *         way 0 way 1 way 2 way 3     Touch way 0: nodes 0 and 1 point away from it, tree = 011, victim 2.
 *                                     Touch way 2: node 0 = 0, node 2 = 1, tree = 110, victim 1.
 */
#ifndef MMU_PLRU_H
#define MMU_PLRU_H

#include "cycle/mmu_internal.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint16_t sets;
    uint8_t ways; /* a power of two, up to 64 */
} mmu_plru_cfg_t;

typedef struct {
    bool touch;          /* [1] a row was used */
    uint16_t touch_set;  /* [SetW] */
    uint8_t touch_way;   /* [WayW] */
    bool fill;           /* [1] a row is written */
    uint16_t fill_set;   /* [SetW] */
    uint8_t fill_way;    /* [WayW] */
    bool chose;          /* [1] the filled way was the policy's choice */
    uint16_t victim_set; /* [SetW] */
} mmu_plru_in_t;

typedef struct {
    uint8_t victim; /* [WayW] of victim_set */
} mmu_plru_out_t;

typedef struct {
    mmu_plru_cfg_t cfg;
    struct {
        uint64_t *tree; /* [Sets][Ways − 1] */
    } q;
    struct {
        bool write;
        uint16_t set;
        uint64_t tree;
    } d;
    uint64_t *path; /* by way: the nodes above it */
    uint64_t *away; /* by way: those of them that are 1 to point away from it */
} mmu_plru_t;

void mmu_plru_init(mmu_plru_t *m, mmu_plru_cfg_t cfg, mmu_arena_t *arena);

/* The output: it depends on victim_set alone, and fill_way depends on it. */
void mmu_plru_out(const mmu_plru_t *m, const mmu_plru_in_t *in, mmu_plru_out_t *out);

/* Whether a touch of this way would change anything: most find the tree as they would leave it. */
static inline bool mmu_plru_touch_moves(const mmu_plru_t *m, unsigned set, unsigned way)
{
    return ((m->q.tree[set] ^ m->away[way]) & m->path[way]) != 0;
}

/* The next state. */
void mmu_plru_comb(mmu_plru_t *m, const mmu_plru_in_t *in);
void mmu_plru_seq(mmu_plru_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
