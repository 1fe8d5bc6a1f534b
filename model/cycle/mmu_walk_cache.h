/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The walk caches of one stage: pointers found on earlier walks. Twin: rtl/mmu_walk_cache.sv. Rules: PWC.
 *
 *     key, space --> cache 1, 2, 3, 4 (pointers found in level-k entries) --> the hit of the lowest k: level, pos
 */
#ifndef MMU_WALK_CACHE_H
#define MMU_WALK_CACHE_H

#include "cycle/mmu_array.h"
#include "cycle/mmu_internal.h"
#include "lockwalk/mmu_cfg.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    mmu_cfg_pwc_t pwc[MMU_PWC_LEVELS]; /* [k − 1]: cache k */
    uint8_t stage;                     /* 0 first stage, 1 G stage: keys of KEY-6 */
    bool hypervisor;                   /* rows of the first stage keep their virtual machine */
} mmu_walk_cache_cfg_t;

typedef struct {
    bool lookup;         /* [1] */
    uint64_t key;        /* [KeyW] */
    uint16_t space;      /* [SpaceW] 0 in the G stage */
    bool use;            /* [1] a walk starts with what is found */
    bool fill;           /* [1] */
    uint8_t fill_level;  /* [3] of the entry that holds the pointer: cache k */
    mmu_line_t fill_row; /* row_t */
    bool fence_accept;   /* [1] */
    mmu_fence_t fence;   /* fence_t */
} mmu_walk_cache_in_t;

typedef struct {
    bool hit;      /* [1] */
    uint8_t level; /* [3] the cache that hit, 0 without a hit */
    mmu_pos_t pos; /* pos_t 0 without a hit */
} mmu_walk_cache_out_t;

typedef struct {
    mmu_walk_cache_cfg_t cfg;
    struct {
        uint8_t arrays; /* bit k − 1: cache k changes */
    } d;
    mmu_array_t array[MMU_PWC_LEVELS];
    uint8_t exists; /* bit k − 1: cache k has ways */
} mmu_walk_cache_t;

void mmu_walk_cache_init(mmu_walk_cache_t *m, const mmu_walk_cache_cfg_t *cfg, mmu_arena_t *arena);
void mmu_walk_cache_comb(mmu_walk_cache_t *m, const mmu_walk_cache_in_t *in, mmu_walk_cache_out_t *out);
void mmu_walk_cache_seq(mmu_walk_cache_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
