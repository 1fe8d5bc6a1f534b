/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Hits without clocks: what fast.h promises. Rules: L1, REQ-5.
 */
#include "cycle/fast.h"

#include <assert.h>

#include "cycle/frame.h"
#include "lockwalk/mmu_pmp.h"

/* ---- does the back rest? ----------------------------------------------------------------------------- */

#define EVENT(name) (UINT64_C(1) << MMU_EV_##name)
/* What may happen at the L1s while nothing moves behind them. */
#define FRONT                                                                                                \
    (EVENT(ACCEPT_I) | EVENT(ACCEPT_D) | EVENT(L1_HIT_I) | EVENT(L1_HIT_D) | EVENT(FAULT_I) |                \
     EVENT(FAULT_D) | EVENT(STALL_I) | EVENT(STALL_D))

/* A miss that wants a walker and does not get one (WALK-1) will not get it as long as no other slot, no other miss and
 * no other choice of the arbiter comes: had it been otherwise in the last clock, there would be an event. */
static bool queue_rests(const mmu_miss_queue_t *q, bool nothing_moved)
{
    for (unsigned k = 0; k < q->cfg.entries; k++)
        if (q->q.st[k] != MMU_MISS_FREE && q->q.st[k] != MMU_MISS_WALK &&
            (q->q.st[k] != MMU_MISS_WANT || !nothing_moved))
            return false;
    return true;
}

static bool walker_rests(const mmu_walker_t *w)
{
    for (unsigned s = 0; s < w->cfg.slots; s++)
        if (w->q.st[s] != MMU_WALK_IDLE && w->q.st[s] != MMU_WALK_WAIT && w->q.st[s] != MMU_WALK_CAS_WAIT)
            return false;
    return true;
}

bool mmu_fast_rests(const mmu_t *m, uint64_t events)
{
    const bool nothing_moved = (events & ~FRONT) == 0;

    return m->l2.q.st == MMU_L2_IDLE && !m->fence.q.busy && walker_rests(&m->walker) &&
           queue_rests(&m->queue[MMU_PORT_I], nothing_moved) &&
           queue_rests(&m->queue[MMU_PORT_D], nothing_moved);
}

/* ---- begin and end ------------------------------------------------------------------------------------ */

static uint32_t version_of(const mmu_l1_t *l1)
{
    uint32_t version = 1; /* a piece that is all 0 is not known */

    for (unsigned left = l1->exists; left != 0; left &= left - 1)
        version += l1->array[mmu_lowest(left)].d.version;
    return version;
}

/* Accesses of a piece have one outcome by their format (FRM-10), and all are looked up in the same sets: where the first
 * probe is at a size that is smaller than the page, a row may stand in the set of some of its addresses (L1-13). */
static unsigned piece_lg(const mmu_t *m, const mmu_slow_t *slow)
{
    unsigned lg = frame_merge_lg(frame_of(slow), slow);

    for (unsigned p = 0; p < MMU_PORTS; p++)
        for (unsigned left = m->l1[p].probe[0].arrays; left != 0; left &= left - 1) {
            const unsigned k = mmu_lowest(left), probe_lg = m->l1[p].probe[0].lg[k];

            if (m->l1[p].cfg.array[k].sets_log2 != 0 && probe_lg < lg)
                lg = probe_lg;
        }
    return lg;
}

/* All that the pieces were made from, but rows. */
static void forget(mmu_fast_t *f, const mmu_ctx_t *ctx, const mmu_slow_t *slow, uint8_t prv)
{
    const unsigned lg = piece_lg(f->mmu, slow);

    f->ctx = *ctx;
    f->slow = *slow;
    f->prv = prv;
    f->lg = (uint8_t)lg;
    f->pmp_version = f->mmu->pmp_regs.version;
    memset(f->port, 0, sizeof f->port);
}

bool mmu_fast_begin(mmu_fast_t *f, const mmu_in_t *in, uint8_t prv)
{
    const mmu_t *m = f->mmu;
    mmu_slow_t slow;
    mmu_ctx_t ctx;

    if (in->kill[MMU_PORT_I] || in->kill[MMU_PORT_D] || in->fence.valid || in->pmp.valid || in->mrsp.valid ||
        m->l1[MMU_PORT_I].q.s1_probe != 0 || m->l1[MMU_PORT_D].q.s1_probe != 0 ||
        memcmp(&in->ctx[MMU_PORT_I], &in->ctx[MMU_PORT_D], sizeof in->ctx[0]) != 0)
        return false;
    memset(&ctx, 0, sizeof ctx);
    memset(&slow, 0, sizeof slow);
    mmu_mask_ctx(m, &in->ctx[MMU_PORT_I], prv, &ctx);
    mmu_mask_slow(&in->slow, &slow);
    if (m->others) { /* REQ-1 */
        slow = in->slow;
        ctx.aux = in->ctx[MMU_PORT_I].aux;
        ctx.flags = in->ctx[MMU_PORT_I].flags;
    }
    if (f->pmp_version != m->pmp_regs.version || f->prv != prv || memcmp(&f->ctx, &ctx, sizeof ctx) != 0 ||
        memcmp(&f->slow, &slow, sizeof slow) != 0 || f->port[MMU_PORT_I].version == 0)
        forget(f, &ctx, &slow, prv);
    for (unsigned p = 0; p < MMU_PORTS; p++) {
        f->port[p].version = version_of(&m->l1[p]);
        f->port[p].last = NULL;
    }
    return true;
}

void mmu_fast_leave(mmu_fast_t *f, unsigned port, const mmu_req_t *last, bool valid)
{
    mmu_l1_t *l1 = &f->mmu->l1[port];

    l1->q.s1_valid = valid;
    if (last == NULL)
        return;
    l1->q.s1_old = false;
    l1->q.s1_id = last->id;
    l1->q.s1_rq =
        (mmu_rq_t){.va = last->va, .ctx = f->ctx, .acc = last->acc, .size = last->size, .prv = last->prv};
}

/* ---- looks -------------------------------------------------------------------------------------------- */

static void set_place(mmu_fast_piece_t *piece, const mmu_l1_look_t *found)
{
    piece->array = found->array;
    piece->way = found->way;
    piece->set = found->set;
    piece->page_lg = found->lg;
    piece->mt = found->mt;
}

/* MQ-1 */
static bool is_full(const mmu_miss_queue_t *q)
{
    for (unsigned k = 0; k < q->cfg.entries; k++)
        if (q->q.st[k] == MMU_MISS_FREE)
            return false;
    return true;
}

mmu_fast_stage1_t mmu_fast_stage1(mmu_fast_t *f, unsigned port)
{
    mmu_l1_t *l1 = &f->mmu->l1[port];
    mmu_fast_stage1_t s = {.valid = l1->q.s1_valid, .id = l1->q.s1_id};
    mmu_fast_piece_t *once = &f->port[port].once;
    mmu_l1_look_t found;
    mmu_l1_look_e look;

    if (!s.valid)
        return s;
    look = mmu_l1_look(l1, &l1->q.s1_rq, &f->slow, f->mmu->w.l1_in[port].ranges, &found);
    s.stalls = look == MMU_LOOK_MISS && l1->last_probe == 0 && is_full(&f->mmu->queue[port]);
    if (look != MMU_LOOK_ANSWER)
        return s;
    memset(once, 0, sizeof *once);
    set_place(once, &found);
    once->pa = found.pa & ~((UINT64_C(1) << f->lg) - 1);
    s.piece = once;
    return s;
}

/* Physical protection has one answer for the whole piece (PMP-3). */
static bool protected_alike(const mmu_fast_t *f, uint64_t pa)
{
    const mmu_t *m = f->mmu;
    mmu_pmp_window_t window;

    if (m->cfg.pmp_entries == 0)
        return true;
    mmu_pmp_look(&window, m->w.l1_in[0].ranges, m->cfg.pmp_entries, pa, mmu_slow_sec(&f->slow));
    return window.base <= pa >> 2 && (pa + (UINT64_C(1) << f->lg) - 1) >> 2 <= window.last;
}

mmu_fast_piece_t *mmu_fast_look_afresh(mmu_fast_t *f, unsigned port, uint64_t va, uint8_t acc, uint8_t size)
{
    const mmu_rq_t rq = {.va = va, .ctx = f->ctx, .acc = acc, .size = size, .prv = f->prv};
    const uint64_t tag = va >> f->lg, offset = va & ((UINT64_C(1) << f->lg) - 1);
    mmu_fast_port_t *p = &f->port[port];
    mmu_fast_piece_t *piece = &p->piece[(tag ^ tag >> 9) % MMU_FAST_PIECES];
    mmu_l1_look_t found;

    if (mmu_l1_look(&f->mmu->l1[port], &rq, &f->slow, f->mmu->w.l1_in[port].ranges, &found) !=
        MMU_LOOK_ANSWER)
        return NULL;
    assert(f->lg == 0 || ((found.pa ^ va) & ((UINT64_C(1) << f->lg) - 1)) == 0);
    if (f->lg == 0 || (found.array != MMU_ARRAYS && found.lg < f->lg) ||
        !protected_alike(f, found.pa - offset)) {
        piece = &p->once;
        piece->granted = 0;
    }
    if (piece == p->last) /* it stands for other addresses now */
        p->last = NULL;
    if (piece->tag != tag || piece->version != p->version)
        piece->granted = 0;
    piece->tag = tag;
    piece->version = p->version;
    piece->pa = found.pa - offset;
    piece->granted = (uint8_t)(piece->granted | 1u << acc);
    piece->vouched = 0;
    set_place(piece, &found);
    return piece;
}
