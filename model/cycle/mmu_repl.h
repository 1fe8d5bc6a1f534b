/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The replacement twin that an array's policy names, for mmu_array and mmu_row_array; in RTL a generate.
 */
#ifndef MMU_REPL_H
#define MMU_REPL_H

#include "cycle/mmu_fifo.h"
#include "cycle/mmu_plru.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t policy; /* mmu_policy_e */
    mmu_plru_t plru;
    mmu_fifo_t fifo;
} mmu_repl_t;

static inline void mmu_repl_init(mmu_repl_t *m, uint16_t sets, uint8_t ways, uint8_t policy,
                                 mmu_arena_t *arena)
{
    const mmu_plru_cfg_t plru = {sets, ways};
    const mmu_fifo_cfg_t fifo = {sets, ways};
    m->policy = policy;
    if (policy == MMU_POLICY_PLRU)
        mmu_plru_init(&m->plru, plru, arena);
    else
        mmu_fifo_init(&m->fifo, fifo, arena);
}

static inline unsigned mmu_repl_victim(const mmu_repl_t *m, unsigned set)
{
    if (m->policy == MMU_POLICY_PLRU) {
        mmu_plru_in_t in;
        mmu_plru_out_t out;
        memset(&in, 0, sizeof in);
        in.victim_set = (uint16_t)set;
        mmu_plru_out(&m->plru, &in, &out);
        return out.victim;
    }
    mmu_fifo_in_t in;
    mmu_fifo_out_t out;
    memset(&in, 0, sizeof in);
    in.victim_set = (uint16_t)set;
    mmu_fifo_out(&m->fifo, &in, &out);
    return out.victim;
}

/* Whether a touch of this way would change anything. */
static inline bool mmu_repl_touch_moves(const mmu_repl_t *m, unsigned set, unsigned way)
{
    return m->policy == MMU_POLICY_PLRU && mmu_plru_touch_moves(&m->plru, set, way);
}

/* REPL-1 lets a touch and a fill come together; an array that knows of both gives the fill alone. */
static inline void mmu_repl_touch(mmu_repl_t *m, unsigned set, unsigned way)
{
    if (m->policy == MMU_POLICY_PLRU) {
        mmu_plru_in_t in;
        memset(&in, 0, sizeof in);
        in.touch = true;
        in.touch_set = (uint16_t)set;
        in.touch_way = (uint8_t)way;
        mmu_plru_comb(&m->plru, &in);
    } else {
        mmu_fifo_in_t in;
        memset(&in, 0, sizeof in);
        in.touch = true;
        in.touch_set = (uint16_t)set;
        in.touch_way = (uint8_t)way;
        mmu_fifo_comb(&m->fifo, &in);
    }
}

static inline void mmu_repl_fill(mmu_repl_t *m, unsigned set, unsigned way, bool chose)
{
    if (m->policy == MMU_POLICY_PLRU) {
        mmu_plru_in_t in;
        memset(&in, 0, sizeof in);
        in.fill = true;
        in.fill_set = (uint16_t)set;
        in.fill_way = (uint8_t)way;
        in.chose = chose;
        mmu_plru_comb(&m->plru, &in);
    } else {
        mmu_fifo_in_t in;
        memset(&in, 0, sizeof in);
        in.fill = true;
        in.fill_set = (uint16_t)set;
        in.fill_way = (uint8_t)way;
        in.chose = chose;
        mmu_fifo_comb(&m->fifo, &in);
    }
}

static inline void mmu_repl_seq(mmu_repl_t *m, bool rst_n)
{
    if (m->policy == MMU_POLICY_PLRU)
        mmu_plru_seq(&m->plru, rst_n);
    else
        mmu_fifo_seq(&m->fifo, rst_n);
}

#ifdef __cplusplus
}
#endif
#endif
