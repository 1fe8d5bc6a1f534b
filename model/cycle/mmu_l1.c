/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * First-level TLB of one port. Twin: rtl/mmu_l1.sv. Rules: L1, REQ.
 */
#include "cycle/mmu_l1.h"

#include <assert.h>

#include "cycle/frame.h"

/* L1-13: which arrays are looked up in which clock of a look-up, and at which sizes. `first`: the probe in
 * which array k is looked up first. Returns the last one in which it is. */
static unsigned add_probes(mmu_l1_t *m, unsigned k, unsigned first)
{
    const mmu_cfg_array_t *array = &m->cfg.array[k];
    unsigned probe = first;
    for (unsigned i = 0; i < 16; i++) {
        if (((array->pages >> i) & 1u) == 0)
            continue;
        assert(probe < MMU_L1_PROBES);
        m->probe[probe].arrays |= (uint8_t)(1u << k);
        m->probe[probe].lg[k] = (uint8_t)mmu_page_lg(i);
        if (array->sets_log2 == 0)
            break; /* one set: all sizes at once, and the size does not matter */
        probe++;
    }
    return array->sets_log2 == 0 || probe == first ? first : probe - 1;
}

void mmu_l1_init(mmu_l1_t *m, const mmu_l1_cfg_t *cfg, mmu_arena_t *arena)
{
    memset(m, 0, sizeof *m);
    m->cfg = *cfg;
    mmu_pmp_check_init(&m->pmp_check, (mmu_pmp_check_cfg_t){.entries = cfg->pmp_entries});
    memset(m->array_of, MMU_ARRAYS, sizeof m->array_of);
    for (unsigned k = 0; k < MMU_ARRAYS; k++) {
        const mmu_cfg_array_t *array = &cfg->array[k];
        if (array->ways == 0)
            continue;
        for (unsigned i = 0; i < 16; i++)
            if (((array->pages >> i) & 1u) != 0)
                m->array_of[mmu_page_lg(i)] = (uint8_t)k;
        m->last_probe = (uint8_t)add_probes(m, k, m->last_probe);
        m->exists |= (uint8_t)(1u << k);
        mmu_array_init(&m->array[k],
                       (mmu_array_cfg_t){.sets = (uint16_t)(1u << array->sets_log2),
                                         .ways = array->ways,
                                         .policy = array->policy,
                                         .vm = cfg->hypervisor},
                       arena);
    }
}

void mmu_l1_out(const mmu_l1_t *m, mmu_l1_out_t *out)
{
    /* L1-11 */
    out->busy = m->q.s1_valid;
    out->old_busy = m->q.s1_valid && m->q.s1_old;
}

/* L1-12, REQ-8, FRM-7 */
static inline void answer_page(frame_t other, mmu_rsp_t *rsp, uint8_t id, const mmu_rq_t *rq,
                               const mmu_slow_t *slow, mmu_entry_t entry)
{
    rsp->valid = true;
    rsp->id = id;
    rsp->pa = frame_pa(other, rq, slow, entry);
    rsp->lg = mmu_entry_lg(entry);
    rsp->mt = mmu_entry_mt(entry);
}

/* `guest`: WALK-16's word, for a guest-page fault. */
static inline void answer_fault(frame_t other, mmu_rsp_t *rsp, uint8_t id, const mmu_rq_t *rq,
                                const mmu_slow_t *slow, uint8_t fault, uint64_t guest)
{
    rsp->valid = true;
    rsp->id = id;
    rsp->fault = true;
    rsp->cause = frame_cause(other, fault, rq, slow);
    rsp->tval = rq->va;
    if (fault == MMU_FAULT_GUEST) {
        rsp->gpa = guest & ~UINT64_C(3);
        rsp->imp = (uint8_t)(guest & 3u);
        if (rsp->imp == 0) /* the walk may have been begun for another address of the page (L1-12) */
            rsp->gpa = (guest & ~UINT64_C(0xfff)) | (rq->va & 0xffc);
    }
}

/* L1-14: an answer without fault is the access that was asked for; may it be made? */
__attribute__((noinline)) static void protect(const mmu_l1_t *m, const mmu_pmp_range_t *ranges,
                                              const mmu_slow_t *slow, const mmu_rq_t *rq, mmu_rsp_t *rsp)
{
    const mmu_pmp_check_in_t check = {.ranges = ranges,
                                      .pa = rsp->pa,
                                      .acc = rq->acc == MMU_ACC_APPEND ? MMU_ACC_STORE : rq->acc,
                                      .size = rq->size,
                                      .prv = rq->prv,
                                      .sec = mmu_slow_sec(slow)};
    mmu_pmp_check_out_t verdict;
    if (rsp->fault)
        return;
    mmu_pmp_check_comb(&m->pmp_check, &check, &verdict);
    if (!verdict.allow) {
        const uint8_t id = rsp->id;
        memset(rsp, 0, sizeof *rsp);
        answer_fault(frame_of(slow), rsp, id, rq, slow, MMU_FAULT_ACCESS, 0);
    }
}

/* What stage 1 does in this clock, were there no kill. */
typedef enum {
    EMPTY,
    ANSWER, /* bare, or a fault of start */
    HIT,    /* granted */
    PROBE,  /* no hit yet */
    MISS,
    REFUSE /* a hit that is refused: a miss too */
} outcome_e;

typedef struct {
    outcome_e outcome;
    unsigned k; /* the array of the hit, granted or refused */
    mmu_array_in_t look;
} stage1_t;

/* L1-2..4: start, look-up, perm. */
__attribute__((always_inline)) static inline void stage1(mmu_l1_t *m, frame_t other, const mmu_slow_t *slow,
                                                         mmu_rsp_t *rsp, stage1_t *s)
{
    const mmu_rq_t *rq = &m->q.s1_rq;
    const mmu_start_t start = frame_start(other, rq, slow);

    if (start.kind != MMU_START_WALK) {
        s->outcome = ANSWER;
        if (start.kind == MMU_START_FAULT) {
            answer_fault(other, rsp, m->q.s1_id, rq, slow, start.fault, rq->va & ~UINT64_C(3)); /* L1-2 */
        } else {
            rsp->valid = true;
            rsp->id = m->q.s1_id;
            rsp->pa = (rq->va + start.base) & MMU_PA_MASK; /* FRM-2 */
        }
        return;
    }
    const unsigned probe = m->q.s1_probe;
    s->look.lookup = true;
    s->look.key = mmu_ctx_key(&rq->ctx, rq->va);
    s->look.space = (uint16_t)mmu_ctx_vm(&rq->ctx);
    for (unsigned left = m->probe[probe].arrays; left != 0; left &= left - 1) {
        const unsigned k = mmu_lowest(left);
        mmu_array_out_t found;
        s->look.key_lg = m->probe[probe].lg[k];
        mmu_array_out(&m->array[k], &s->look, &found);
        if (!found.hit)
            continue;
        s->k = k;
        s->outcome = REFUSE;
        if (frame_perm(other, rq, slow, found.data)) {
            s->outcome = HIT;
            answer_page(other, rsp, m->q.s1_id, rq, slow, found.data);
        }
        return;
    }
    s->outcome = probe == m->last_probe ? MISS : PROBE; /* L1-13 */
}

/* The arrays' part of a clock: touch or drop of the one that hit, a fill, a fence (L1-3, 4, 9, 10). */
static void write_arrays(mmu_l1_t *m, const mmu_l1_in_t *in, stage1_t *s)
{
    const bool hit_any = (s->outcome == HIT || s->outcome == REFUSE) && !in->kill;
    const unsigned hit = hit_any ? s->k : MMU_ARRAYS;
    const unsigned fill_lg = in->fill ? mmu_entry_lg(in->fill_row.data) : 0;
    const unsigned fill = m->array_of[fill_lg]; /* none for 0 */
    unsigned active = in->fence_accept ? m->exists : 0;
    if (hit < MMU_ARRAYS)
        active |= 1u << hit;
    if (fill < MMU_ARRAYS)
        active |= 1u << fill;
    m->d.arrays = (uint8_t)active;
    for (; active != 0; active &= active - 1) {
        const unsigned k = mmu_lowest(active);
        mmu_array_in_t *a = &s->look;
        a->touch = k == hit && s->outcome == HIT;
        a->drop = k == hit && s->outcome == REFUSE;
        a->fill = k == fill;
        if (a->fill) {
            a->fill_lg = (uint8_t)fill_lg;
            a->fill_row = in->fill_row;
        }
        a->fence = in->fence_accept;
        if (a->fence) {
            const mmu_fence_cmp_t cmp = mmu_fence_cmp(&in->fence);
            a->fence_key = cmp.key;
            a->fence_mask = cmp.mask;
            a->fence_spare_g = cmp.spare_g;
            a->fence_vm = cmp.vm;
            a->fence_vm_mask = cmp.vm_mask;
        }
        mmu_array_comb(&m->array[k], a);
    }
}

/* L1-1: the request of this clock, if it is accepted. `stay`: stage 1 is not free. */
__attribute__((always_inline)) static inline void accept(mmu_l1_t *m, const mmu_l1_in_t *in, bool ready,
                                                         bool stay)
{
    const bool load = in->req.valid && ready && !in->kill;
    m->d.load = load;
    m->d.s1_probe = 0;
    m->d.s1_valid = load || stay;
    m->d.s1_id = load ? in->req.id : m->q.s1_id;
    m->d.s1_old = in->fence_mark | (!load & m->q.s1_old); /* L1-9 */
    if (load) {
        m->d.s1_rq.va = in->req.va;
        m->d.s1_rq.ctx = in->ctx;
        m->d.s1_rq.acc = in->req.acc;
        m->d.s1_rq.size = in->req.size;
        m->d.s1_rq.prv = in->req.prv;
    }
}

/* What stage 1 does, where anything but a hit may go on. On its own, so that hits cost less. */
__attribute__((noinline)) static void lane(mmu_l1_t *m, const mmu_l1_in_t *in, mmu_l1_out_t *out, stage1_t *s)
{
    const bool answer = s->outcome == ANSWER || s->outcome == HIT;
    const bool miss = s->outcome == MISS || s->outcome == REFUSE;
    const bool stall = miss && in->mq_full; /* L1-5 */
    const bool stay = stall || s->outcome == PROBE;

    /* p_lane, L1-6 */
    out->take_done = in->mq_done && !answer;
    if (out->take_done) {
        const frame_t other = frame_of(&in->slow);
        if (in->mq_done_fault == MMU_FAULT_NONE)
            answer_page(other, &out->rsp, in->mq_done_id, &in->mq_done_rq, &in->slow, in->mq_done_entry);
        else
            answer_fault(other, &out->rsp, in->mq_done_id, &in->mq_done_rq, &in->slow, in->mq_done_fault,
                         in->mq_done_entry);
        if (m->pmp_check.cfg.entries != 0)
            protect(m, in->ranges, &in->slow, &in->mq_done_rq, &out->rsp);
    }
    /* L1-7, L1-13 */
    out->req_ready = !stay && (!in->mq_done || (!in->mq_done_two && !answer));

    if (in->kill) { /* L1-8 */
        memset(&out->rsp, 0, sizeof out->rsp);
    } else {
        if (miss && !stall) {
            out->miss = true;
            out->miss_id = m->q.s1_id;
            out->miss_rq = m->q.s1_rq;
            out->miss_old = m->q.s1_old;
        }
        out->ev_hit = s->outcome == HIT;
        out->ev_refuse = s->outcome == REFUSE;
        out->ev_fault = out->rsp.fault;
        out->ev_stall = stall;
    }

    /* p_next */
    accept(m, in, out->req_ready, stay && !in->kill);
    if (s->outcome == PROBE && !in->kill)
        m->d.s1_probe = (uint8_t)(m->q.s1_probe + 1u);
    write_arrays(m, in, s);
}

/* A clock in which stage 1 holds a request, or something but a request comes in. */
__attribute__((always_inline)) static inline void work(mmu_l1_t *m, frame_t other, const mmu_l1_in_t *in,
                                                       mmu_l1_out_t *out)
{
    stage1_t s;
    s.outcome = EMPTY;
    mmu_l1_out(m, out);
    m->d.any = true;

    /* p_stage1 */
    if (m->q.s1_valid) {
        stage1(m, other, &in->slow, &out->rsp, &s);
        if (m->pmp_check.cfg.entries != 0 && out->rsp.valid)
            protect(m, in->ranges, &in->slow, &m->q.s1_rq, &out->rsp);
    }
    const bool more = in->mq_done | in->fill | in->fence_accept | in->kill;
    if (s.outcome == HIT && !more) { /* the common case of what follows */
        out->req_ready = true;
        out->ev_hit = true;
        out->ev_fault = out->rsp.fault;
        accept(m, in, true, false);
        if (mmu_array_touch_moves(&m->array[s.k]))
            write_arrays(m, in, &s);
        return;
    }
    lane(m, in, out, &s);
}

/* On their own, so that the other clocks cost less; riscv's with its functions inline. */
__attribute__((noinline)) static void work_riscv(mmu_l1_t *m, const mmu_l1_in_t *in, mmu_l1_out_t *out)
{
    work(m, NULL, in, out);
}

__attribute__((noinline)) static void work_other(mmu_l1_t *m, const mmu_l1_in_t *in, mmu_l1_out_t *out)
{
    work(m, mmu_format(in->slow.format), in, out);
}

void mmu_l1_comb(mmu_l1_t *m, const mmu_l1_in_t *in, mmu_l1_out_t *out)
{
    memset(out, 0, offsetof(mmu_l1_out_t, miss_rq));
    m->d.arrays = 0;
    if (m->q.s1_valid || (in->mq_done | in->fill | in->fence_accept)) {
        if (frame_is_other(&in->slow))
            work_other(m, in, out);
        else
            work_riscv(m, in, out);
        return;
    }
    /* Nothing to look up, to answer or to write: all that can happen is that a request comes in. */
    out->req_ready = true;
    accept(m, in, true, false);
    m->d.any = m->d.load;
}

mmu_l1_look_e mmu_l1_look(mmu_l1_t *m, const mmu_rq_t *rq, const mmu_slow_t *slow,
                          const mmu_pmp_range_t *ranges, mmu_l1_look_t *found)
{
    const __typeof__(m->q) before = m->q; /* the request borrows stage 1 */
    mmu_rsp_t rsp;
    stage1_t s;

    memset(&rsp, 0, sizeof rsp);
    m->q.s1_rq = *rq;
    m->q.s1_probe = 0;
    stage1(m, frame_of(slow), slow, &rsp, &s);
    m->q = before;
    if (m->pmp_check.cfg.entries != 0 && rsp.valid)
        protect(m, ranges, slow, rq, &rsp);
    if ((s.outcome != HIT && s.outcome != ANSWER) || rsp.fault)
        return s.outcome == MISS ? MMU_LOOK_MISS : MMU_LOOK_STEP;
    found->array = (uint8_t)(s.outcome == HIT ? s.k : MMU_ARRAYS);
    found->set = s.outcome == HIT ? m->array[s.k].d.hit_set : 0;
    found->way = s.outcome == HIT ? m->array[s.k].d.hit_way : 0;
    found->pa = rsp.pa;
    found->lg = rsp.lg;
    found->mt = rsp.mt;
    return MMU_LOOK_ANSWER;
}

void mmu_l1_seq(mmu_l1_t *m, bool rst_n)
{
    if (!rst_n) {
        memset(&m->q, 0, sizeof m->q);
        for (unsigned left = m->exists; left != 0; left &= left - 1)
            mmu_array_seq(&m->array[mmu_lowest(left)], false);
        return;
    }
    if (!m->d.any)
        return;
    m->q.s1_valid = m->d.s1_valid;
    m->q.s1_old = m->d.s1_old;
    m->q.s1_id = m->d.s1_id;
    m->q.s1_probe = m->d.s1_probe;
    if (m->d.load)
        m->q.s1_rq = m->d.s1_rq;
    for (unsigned left = m->d.arrays; left != 0; left &= left - 1)
        mmu_array_seq(&m->array[mmu_lowest(left)], true);
}
