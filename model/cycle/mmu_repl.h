/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The replacement twin that an array's policy names, for mmu_array and mmu_row_array; in RTL a generate.
 */
#ifndef MMU_REPL_H
#define MMU_REPL_H

#include <assert.h>

#include "cycle/mmu_fifo.h"
#include "cycle/mmu_lfsr.h"
#include "cycle/mmu_lru.h"
#include "cycle/mmu_nru.h"
#include "cycle/mmu_plru.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t policy; /* mmu_policy_e; the twin of no other policy is used */
    mmu_plru_t plru;
    mmu_fifo_t fifo;
    mmu_lru_t lru;
    mmu_nru_t nru;
    mmu_lfsr_t lfsr;
} mmu_repl_t;

/* The policies' twins have the same ports under names of their own: these four functions are written once. */
#define MMU_REPL_POLICY(x)                                                                                   \
    static inline void mmu_repl_init_##x(mmu_##x##_t *m, uint16_t sets, uint8_t ways, mmu_arena_t *arena)    \
    {                                                                                                        \
        const mmu_##x##_cfg_t cfg = {sets, ways};                                                            \
        mmu_##x##_init(m, cfg, arena);                                                                       \
    }                                                                                                        \
    static inline unsigned mmu_repl_victim_##x(const mmu_##x##_t *m, unsigned set)                           \
    {                                                                                                        \
        mmu_##x##_in_t in;                                                                                   \
        mmu_##x##_out_t out;                                                                                 \
        memset(&in, 0, sizeof in);                                                                           \
        in.victim_set = (uint16_t)set;                                                                       \
        mmu_##x##_out(m, &in, &out);                                                                         \
        return out.victim;                                                                                   \
    }                                                                                                        \
    static inline void mmu_repl_touch_##x(mmu_##x##_t *m, unsigned set, unsigned way)                        \
    {                                                                                                        \
        mmu_##x##_in_t in;                                                                                   \
        memset(&in, 0, sizeof in);                                                                           \
        in.touch = true;                                                                                     \
        in.touch_set = (uint16_t)set;                                                                        \
        in.touch_way = (uint8_t)way;                                                                         \
        mmu_##x##_comb(m, &in);                                                                              \
    }                                                                                                        \
    static inline void mmu_repl_fill_##x(mmu_##x##_t *m, unsigned set, unsigned way, bool chose)             \
    {                                                                                                        \
        mmu_##x##_in_t in;                                                                                   \
        memset(&in, 0, sizeof in);                                                                           \
        in.fill = true;                                                                                      \
        in.fill_set = (uint16_t)set;                                                                         \
        in.fill_way = (uint8_t)way;                                                                          \
        in.chose = chose;                                                                                    \
        mmu_##x##_comb(m, &in);                                                                              \
    }

MMU_REPL_POLICY(plru)
MMU_REPL_POLICY(fifo)
MMU_REPL_POLICY(lru)
MMU_REPL_POLICY(nru)
MMU_REPL_POLICY(lfsr)

/* REPL-8 */
static inline void mmu_repl_init(mmu_repl_t *m, uint16_t sets, uint8_t ways, uint8_t policy,
                                 mmu_arena_t *arena)
{
    m->policy = policy;
    switch (policy) {
    case MMU_POLICY_PLRU:
        mmu_repl_init_plru(&m->plru, sets, ways, arena);
        break;
    case MMU_POLICY_FIFO:
        mmu_repl_init_fifo(&m->fifo, sets, ways, arena);
        break;
    case MMU_POLICY_LRU:
        mmu_repl_init_lru(&m->lru, sets, ways, arena);
        break;
    case MMU_POLICY_NRU:
        mmu_repl_init_nru(&m->nru, sets, ways, arena);
        break;
    default:
        assert(policy == MMU_POLICY_RANDOM);
        mmu_repl_init_lfsr(&m->lfsr, sets, ways, arena);
        break;
    }
}

static inline unsigned mmu_repl_victim(const mmu_repl_t *m, unsigned set)
{
    switch (m->policy) {
    case MMU_POLICY_PLRU:
        return mmu_repl_victim_plru(&m->plru, set);
    case MMU_POLICY_FIFO:
        return mmu_repl_victim_fifo(&m->fifo, set);
    case MMU_POLICY_LRU:
        return mmu_repl_victim_lru(&m->lru, set);
    case MMU_POLICY_NRU:
        return mmu_repl_victim_nru(&m->nru, set);
    default:
        return mmu_repl_victim_lfsr(&m->lfsr, set);
    }
}

/* Whether a touch of this way would change anything. */
static inline bool mmu_repl_touch_moves(const mmu_repl_t *m, unsigned set, unsigned way)
{
    if (m->policy == MMU_POLICY_PLRU) /* before the others: every hit asks */
        return mmu_plru_touch_moves(&m->plru, set, way);
    switch (m->policy) {
    case MMU_POLICY_LRU:
        return mmu_lru_touch_moves(&m->lru, set, way);
    case MMU_POLICY_NRU:
        return mmu_nru_touch_moves(&m->nru, set, way);
    default:
        return false; /* REPL-3, REPL-7 */
    }
}

/* REPL-1 lets a touch and a fill come together; an array that knows of both gives the fill alone. */
static inline void mmu_repl_touch(mmu_repl_t *m, unsigned set, unsigned way)
{
    switch (m->policy) {
    case MMU_POLICY_PLRU:
        mmu_repl_touch_plru(&m->plru, set, way);
        break;
    case MMU_POLICY_FIFO:
        mmu_repl_touch_fifo(&m->fifo, set, way);
        break;
    case MMU_POLICY_LRU:
        mmu_repl_touch_lru(&m->lru, set, way);
        break;
    case MMU_POLICY_NRU:
        mmu_repl_touch_nru(&m->nru, set, way);
        break;
    default:
        mmu_repl_touch_lfsr(&m->lfsr, set, way);
        break;
    }
}

static inline void mmu_repl_fill(mmu_repl_t *m, unsigned set, unsigned way, bool chose)
{
    switch (m->policy) {
    case MMU_POLICY_PLRU:
        mmu_repl_fill_plru(&m->plru, set, way, chose);
        break;
    case MMU_POLICY_FIFO:
        mmu_repl_fill_fifo(&m->fifo, set, way, chose);
        break;
    case MMU_POLICY_LRU:
        mmu_repl_fill_lru(&m->lru, set, way, chose);
        break;
    case MMU_POLICY_NRU:
        mmu_repl_fill_nru(&m->nru, set, way, chose);
        break;
    default:
        mmu_repl_fill_lfsr(&m->lfsr, set, way, chose);
        break;
    }
}

static inline void mmu_repl_seq(mmu_repl_t *m, bool rst_n)
{
    switch (m->policy) {
    case MMU_POLICY_PLRU:
        mmu_plru_seq(&m->plru, rst_n);
        break;
    case MMU_POLICY_FIFO:
        mmu_fifo_seq(&m->fifo, rst_n);
        break;
    case MMU_POLICY_LRU:
        mmu_lru_seq(&m->lru, rst_n);
        break;
    case MMU_POLICY_NRU:
        mmu_nru_seq(&m->nru, rst_n);
        break;
    default:
        mmu_lfsr_seq(&m->lfsr, rst_n);
        break;
    }
}

#ifdef __cplusplus
}
#endif
#endif
