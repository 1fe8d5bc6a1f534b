/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Set-associative array in flops: L1 TLB arrays and walk caches. Twin: rtl/mmu_array.sv. Rules: ARR.
 *
 *     lookup, key, space --> [ set ] --> compare all ways --> hit, data  (this clock)
 *                                                       |
 *     touch, drop (of the row that hit), fill, fence ---+--> edge     (write ports)
 */
#ifndef MMU_ARRAY_H
#define MMU_ARRAY_H

#include "cycle/mmu_internal.h"
#include "cycle/mmu_repl.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MMU_ARRAY_HINTS 64

typedef struct {
    uint16_t sets;  /* a power of two */
    uint8_t ways;   /* 1..64 */
    uint8_t policy; /* mmu_policy_e */
    bool vm;        /* rows keep their virtual machine (KEY-5) */
} mmu_array_cfg_t;

typedef struct {
    bool lookup;            /* [1] */
    uint64_t key;           /* [KeyW] */
    uint16_t space;         /* [SpaceW] of the look-up; this and fence_vm* with parameter vm */
    uint8_t key_lg;         /* [6] KEY-4's lg of the look-up; of no account with one set */
    uint8_t fill_lg;        /* [6] the same of the fill */
    bool touch;             /* [1] the row that hit was used */
    bool drop;              /* [1] the row that hit becomes invalid */
    bool fill;              /* [1] */
    mmu_line_t fill_row;    /* row_t */
    bool fence;             /* [1] */
    uint64_t fence_key;     /* [KeyW] */
    uint64_t fence_mask;    /* [KeyW] the bits of it that count */
    bool fence_spare_g;     /* [1] global rows stay */
    uint16_t fence_vm;      /* [SpaceW] */
    uint16_t fence_vm_mask; /* [SpaceW] the bits of it that count */
} mmu_array_in_t;

typedef struct {
    bool hit;      /* [1] */
    uint64_t data; /* [DataW] 0 without a hit */
} mmu_array_out_t;

typedef struct {
    mmu_array_cfg_t cfg;
    struct {
        uint64_t *valid; /* [Sets·Ways] a word a set, a bit a way */
        uint64_t *key;   /* [64] */
        uint64_t *mask;  /* [64] */
        uint64_t *data;  /* [64] */
        mmu_vm_t *vm;    /* [Sets·Ways] vm_t NULL without cfg.vm */
    } q;
    struct {
        bool hit;   /* the row that hit, for touch and drop */
        bool found; /* not by the hint: a better one is known now */
        uint16_t hit_set;
        uint8_t hit_way;
        uint8_t hint; /* where its way is to be remembered */
        bool repl;    /* the replacement state moves */
        bool drop;
        bool fill;
        uint16_t fill_set;
        uint8_t fill_way;
        uint8_t fill_hint;
        uint64_t fill_valid; /* the set's valid bits after the fill */
        mmu_line_t row;
        bool fence;
        uint32_t
            version; /* for fast.h: another one after each clock in which a row was written or became invalid */
        uint64_t *valid; /* with a fence: all valid bits after it */
    } d;
    mmu_repl_t repl;

    /* Where a key hit last, by some of its bits: tried first. It decides nothing: at most one row of a set
     * matches a key (ARR-4), so the row that is found is the same without it. */
    uint8_t hint[MMU_ARRAY_HINTS];
} mmu_array_t;

void mmu_array_init(mmu_array_t *m, mmu_array_cfg_t cfg, mmu_arena_t *arena);

/* KEY-4 */
static inline unsigned mmu_array_set(const mmu_array_t *m, uint64_t key, unsigned lg)
{
    return (unsigned)(key >> ((lg - MMU_PPN_LG) & 63u)) & (m->cfg.sets - 1u);
}

/* By the bits from VA bit 12 up, and a little of the larger pages' numbers. */
static inline uint8_t mmu_array_hint(uint64_t key)
{
    return (uint8_t)(((key >> 3) ^ (key >> 12)) % MMU_ARRAY_HINTS);
}

/* The look-up through all ways of a set, where the hint does not help. */
bool mmu_array_search(mmu_array_t *m, const mmu_array_in_t *in, unsigned set, mmu_array_out_t *out);

/* KEY-5 of a row that the key matches. */
static inline bool mmu_array_same_space(const mmu_array_t *m, size_t row, uint16_t space)
{
    return !m->cfg.vm || (m->q.vm[row] & MMU_VM_SPACE) == space;
}

/* The look-up (ARR-1): hit and data, from lookup, key, space and key_lg alone. Before mmu_array_comb where that
 * gets a touch or a drop, which depend on it. */
static inline void mmu_array_out(mmu_array_t *m, const mmu_array_in_t *in, mmu_array_out_t *out)
{
    /* p_lookup */
    out->hit = false;
    out->data = 0;
    m->d.hit = m->d.found = false;
    if (!in->lookup)
        return;

    const unsigned set = mmu_array_set(m, in->key, in->key_lg);
    const unsigned hint = mmu_array_hint(in->key), way = m->hint[hint];
    const size_t row = (size_t)set * m->cfg.ways + way;
    m->d.hit_set = (uint16_t)set;
    m->d.hint = (uint8_t)hint;
    if (((m->q.valid[set] >> way) & 1u) != 0 && ((m->q.key[row] ^ in->key) & m->q.mask[row]) == 0 &&
        mmu_array_same_space(m, row, in->space)) {
        out->hit = true;
        out->data = m->q.data[row];
        m->d.hit_way = (uint8_t)way;
    } else {
        out->hit = mmu_array_search(m, in, set, out);
    }
    m->d.hit = out->hit;
}

/* Whether a touch of the row that hit would change anything; where it would not, and nothing else happens,
 * neither mmu_array_comb nor mmu_array_seq need be called. */
static inline bool mmu_array_touch_moves(const mmu_array_t *m)
{
    return m->d.found || mmu_repl_touch_moves(&m->repl, m->d.hit_set, m->d.hit_way);
}

/* The next state. */
void mmu_array_comb(mmu_array_t *m, const mmu_array_in_t *in);
void mmu_array_seq(mmu_array_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
