/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The whole MMU: its rooms wired together. Twin: rtl/mmu.sv. Rules: TOP, REQ.
 */
#include <assert.h>

#include "cycle/mmu_state.h"

/* ---- storage ------------------------------------------------------------------------------------------ */

/* REQ-1 as a mask: all ones in what counts, 0 in what is as if 0. */
static void keep_bits(const mmu_cfg_t *cfg, bool guest, mmu_ctx_t *keep)
{
    memset(keep, guest ? 0xff : 0, sizeof *keep);
    memset(&keep->root, 0xff, sizeof keep->root);
    memset(&keep->mode, 0xff, sizeof keep->mode);
    memset(&keep->sum, 0xff, sizeof keep->sum);
    memset(&keep->mxr, 0xff, sizeof keep->mxr);
    keep->asid = (uint16_t)((1u << cfg->asid_bits) - 1u);
    keep->vmid = (uint16_t)(guest ? (1u << cfg->vmid_bits) - 1u : 0u);
}

/* Lays the rooms out; with an arena that only counts, it tells how much they need. */
static void build(mmu_t *m, const mmu_cfg_t *cfg, mmu_arena_t *arena)
{
    memset(m, 0, sizeof *m);
    m->cfg = *cfg;
    m->others = (cfg->formats & ~(1u << MMU_FORMAT_RISCV)) != 0;
    for (unsigned v = 0; v < 2; v++)
        keep_bits(cfg, v != 0 && cfg->hypervisor != 0, &m->ctx_keep[v]);

    mmu_l2_cfg_t l2 = {.latency = cfg->l2_latency, .hypervisor = cfg->hypervisor != 0};
    memcpy(l2.array, cfg->array[MMU_LEVEL_L2], sizeof l2.array);
    mmu_l2_init(&m->l2, &l2, arena);
    m->has_l2 = mmu_l2_exists(&m->l2);

    for (unsigned p = 0; p < MMU_PORTS; p++) {
        mmu_l1_cfg_t l1 = {.pmp_entries = cfg->pmp_entries, .hypervisor = cfg->hypervisor != 0};
        memcpy(l1.array, cfg->array[p], sizeof l1.array);
        mmu_l1_init(&m->l1[p], &l1, arena);
        mmu_miss_queue_init(&m->queue[p],
                            (mmu_miss_queue_cfg_t){.entries = cfg->misses[p], .has_l2 = m->has_l2});
    }
    const mmu_rr_arb_cfg_t arb = {.w = (uint8_t)(cfg->misses[MMU_PORT_I] + cfg->misses[MMU_PORT_D])};
    mmu_rr_arb_init(&m->l2_arb, arb);
    mmu_rr_arb_init(&m->walk_arb, arb);

    mmu_walker_cfg_t walker = {.slots = cfg->walks,
                               .pmp_entries = cfg->pmp_entries,
                               .hypervisor = cfg->hypervisor != 0,
                               .others = m->others,
                               .gtlb = {.ways = cfg->gtlb_ways, .policy = cfg->gtlb_policy}};
    memcpy(walker.cache.pwc, cfg->pwc, sizeof walker.cache.pwc);
    memcpy(walker.gcache.pwc, cfg->gpwc, sizeof walker.gcache.pwc);
    mmu_walker_init(&m->walker, &walker, arena);
    mmu_fence_init(&m->fence, (mmu_fence_cfg_t){.hypervisor = cfg->hypervisor != 0});

    mmu_pmp_regs_out_t pmp;
    mmu_pmp_regs_init(&m->pmp_regs, (mmu_pmp_regs_cfg_t){.entries = cfg->pmp_entries}, arena);
    mmu_pmp_regs_out(&m->pmp_regs, &pmp); /* a register: the wires are set once */
    m->w.walker_in.ranges = m->w.l1_in[MMU_PORT_I].ranges = m->w.l1_in[MMU_PORT_D].ranges = pmp.ranges;
}

size_t mmu_sizeof(const mmu_cfg_t *cfg)
{
    mmu_t counted;
    mmu_arena_t arena = {0};
    (void)mmu_arena_take(&arena, sizeof(mmu_t));
    build(&counted, cfg, &arena);
    return arena.used;
}

mmu_t *mmu_init(void *storage, const mmu_cfg_t *cfg)
{
    assert(storage != NULL && cfg->version == MMU_CFG_VERSION);
    const size_t size = mmu_sizeof(cfg);
    mmu_arena_t arena = {.base = storage};
    memset(storage, 0, size);
    mmu_t *m = (mmu_t *)mmu_arena_take(&arena, sizeof(mmu_t));
    build(m, cfg, &arena);
    return m;
}

/* ---- one clock ---------------------------------------------------------------------------------------- */

/* TOP-3, TOP-4: who asks; the instruction port's entries come first. */
static uint16_t requesters(const mmu_t *m, const mmu_in_t *in, uint8_t i, uint8_t d)
{
    unsigned req = in->kill[MMU_PORT_I] ? 0 : i;
    if (!in->kill[MMU_PORT_D])
        req |= (unsigned)d << m->cfg.misses[MMU_PORT_I];
    return (uint16_t)req;
}

static unsigned port_of(const mmu_t *m, unsigned index, uint8_t *sel)
{
    const unsigned port = index < m->cfg.misses[MMU_PORT_I] ? MMU_PORT_I : MMU_PORT_D;
    *sel = (uint8_t)(port == MMU_PORT_I ? index : index - m->cfg.misses[MMU_PORT_I]);
    return port;
}

/* TOP-4, TOP-5: the walker and its arbiter. */
static void walker(mmu_t *m, const mmu_in_t *in, bool fill_ready, mmu_rr_arb_in_t *arb)
{
    mmu_walker_in_t *walk = &m->w.walker_in;
    mmu_rr_arb_out_t choice;
    unsigned port = 0;

    arb->req = requesters(m, in, m->w.queue_out[0].want, m->w.queue_out[1].want);
    mmu_rr_arb_out(&m->walk_arb, arb, &choice);
    if (choice.valid) {
        mmu_miss_queue_in_t *asks;
        uint8_t sel;
        port = port_of(m, choice.index, &sel);
        asks = &m->w.queue_in[port];
        asks->want_sel = sel;
        mmu_miss_queue_select(&m->queue[port], asks, &m->w.queue_out[port]);
        walk->start_rq = m->w.queue_out[port].want_rq;
        walk->start_old = m->w.queue_out[port].want_old;
        walk->start_port = (uint8_t)port;
    }
    mmu_mask_slow(&in->slow, &walk->slow);
    if (m->others)
        walk->slow = in->slow;
    walk->fence_accept = m->w.fence_out.accept;
    walk->start = choice.valid;
    walk->fill_ready = fill_ready;
    walk->mreq_ready = in->mreq_ready;
    walk->mrsp = in->mrsp;
    mmu_walker_comb(&m->walker, walk, &m->w.walker_out);

    arb->advance = m->d.walk_arb = m->w.walker_out.start_grant;
    if (arb->advance) {
        mmu_rr_arb_comb(&m->walk_arb, arb, &choice);
        m->w.queue_in[port].want_grant = true;
        m->w.queue_in[port].want_slot = m->w.walker_out.start_slot;
    }
    if (m->w.walker_out.done) { /* TOP-7 */
        mmu_miss_queue_in_t *waits = &m->w.queue_in[m->w.walker_out.done_port & 1u];
        waits->walk_done = true;
        waits->walk_slot = m->w.walker_out.done_slot;
        waits->walk_fault = m->w.walker_out.done_fault;
        waits->walk_entry = m->w.walker_out.done_entry;
    }
}

/* TOP-3, TOP-5: the L2 and its arbiter, after the walker. */
static void l2(mmu_t *m, const mmu_in_t *in, mmu_rr_arb_in_t *arb)
{
    const mmu_walker_out_t *walk = &m->w.walker_out;
    mmu_l2_in_t *ask = &m->w.l2_in;
    mmu_rr_arb_out_t choice;

    ask->fill = walk->done_fill && mmu_l2_holds(&m->l2, mmu_entry_lg(walk->done_entry));
    if (ask->fill)
        ask->fill_row = walk->done_row;

    arb->req = requesters(m, in, m->w.queue_out[0].look, m->w.queue_out[1].look);
    mmu_rr_arb_out(&m->l2_arb, arb, &choice);
    ask->look = choice.valid && m->w.l2_out.ready && !m->w.fence_out.accept && !ask->fill;
    arb->advance = m->d.l2_arb = ask->look;
    if (ask->look) {
        uint8_t sel;
        mmu_rr_arb_comb(&m->l2_arb, arb, &choice);
        const unsigned port = port_of(m, choice.index, &sel);
        mmu_miss_queue_in_t *asks = &m->w.queue_in[port];
        asks->look_sel = sel;
        asks->look_grant = true;
        mmu_miss_queue_select(&m->queue[port], asks, &m->w.queue_out[port]);
        ask->look_port = (uint8_t)port;
        ask->look_sel = sel;
        ask->look_rq = m->w.queue_out[port].look_rq;
    }
    memcpy(ask->kill, in->kill, sizeof ask->kill);
    ask->slow = m->w.walker_in.slow;
    ask->fence_accept = m->w.fence_out.accept;
    if (ask->fence_accept)
        ask->fence = m->w.walker_in.fence;
    mmu_l2_comb(&m->l2, ask, &m->w.l2_out);

    const mmu_l2_out_t *got = &m->w.l2_out;
    if (got->done || got->abort) {
        mmu_miss_queue_in_t *asks = &m->w.queue_in[got->port & 1u];
        asks->l2_done = got->done;
        asks->l2_abort = got->abort;
        asks->l2_sel = got->sel;
        asks->l2_hit = got->hit;
        asks->l2_entry = got->row.data;
    }
}

/* Events of the rooms behind the L1s (TOP-8). */
static uint64_t back_events(const mmu_t *m, const mmu_in_t *in)
{
    const mmu_l2_out_t *l2o = &m->w.l2_out;
    const mmu_walker_out_t *w = &m->w.walker_out;
    uint64_t events = 0;

    if (l2o->done)
        events |= (l2o->hit ? 1u << MMU_EV_L2_HIT : 1u << MMU_EV_L2_MISS) | (uint32_t)l2o->ev_refuse
                                                                                << MMU_EV_L2_REFUSE;
    if (w->start_grant)
        events |= (w->start_merge ? 1u << MMU_EV_WALK_MERGE : 1u << MMU_EV_WALK_START) |
                  (uint32_t)w->ev_pwc << MMU_EV_PWC_HIT_1;
    if (w->done)
        events |= w->done_fault == MMU_FAULT_NONE ? 1u << MMU_EV_WALK_LEAF : 1u << MMU_EV_WALK_FAULT;
    if (w->mreq.valid && in->mreq_ready)
        events |= w->mreq.op == MMU_MEM_READ ? 1u << MMU_EV_MEM_READ : 1u << MMU_EV_MEM_CAS;
    if (m->cfg.hypervisor)
        events |= (uint64_t)w->ev_g_hit << MMU_EV_G_HIT | (uint64_t)w->ev_g_miss << MMU_EV_G_MISS |
                  (uint64_t)w->ev_g_refuse << MMU_EV_G_REFUSE | (uint64_t)w->ev_gpwc << MMU_EV_GPWC_HIT_1;
    if (m->others)
        events |= (uint64_t)w->ev_row << MMU_EV_CHAIN;
    return events | (uint32_t)w->ev_restart << MMU_EV_WALK_RESTART |
           (uint32_t)w->ev_cas_fail << MMU_EV_CAS_FAIL | (uint32_t)m->w.fence_out.take << MMU_EV_FENCE |
           (uint32_t)m->w.fence_out.done << MMU_EV_FENCE_DONE;
}

/* All behind the L1s: fence unit, walker, L2, in the order of the data. Sets what the L1s get from it. */
static uint64_t back(mmu_t *m, const mmu_in_t *in)
{
    mmu_l1_in_t *to_l1 = m->w.l1_in;
    mmu_fence_in_t fence_in = {
        .fence_valid = in->fence.valid, .fence_kind = in->fence.kind, .fence_posted = in->fence.posted};
    mmu_rr_arb_in_t walk_arb, l2_arb;

    m->w.quiet = false;
    /* State alone. */
    for (unsigned p = 0; p < MMU_PORTS; p++) {
        mmu_miss_queue_in_t *q = &m->w.queue_in[p];
        q->look_grant = q->l2_done = q->l2_abort = q->want_grant = q->walk_done = false;
        q->l2_hit = false;
        /* An empty queue whose outputs said so before has nothing new to say. */
        if (m->w.queue_out[p].busy || !mmu_miss_queue_empty(&m->queue[p]))
            mmu_miss_queue_out(&m->queue[p], &m->w.queue_out[p]);
        mmu_l1_out(&m->l1[p], &m->w.l1_out[p]);
        fence_in.old_busy |= m->w.queue_out[p].old_busy || m->w.l1_out[p].old_busy;
    }
    mmu_l2_out(&m->l2, &m->w.l2_out);
    fence_in.scanning = m->w.l2_out.scanning;

    mmu_fence_comb(&m->fence, &fence_in, &m->w.fence_out);
    if (m->w.fence_out.accept) { /* TOP-2 */
        mmu_fence_t fence = in->fence;
        fence.asid &= m->ctx_keep[1].asid; /* REQ-1 */
        fence.vmid &= m->ctx_keep[1].vmid;
        m->w.walker_in.fence = to_l1[0].fence = to_l1[1].fence = fence;
    }
    walker(m, in, m->w.l2_out.ready, &walk_arb);
    if (m->has_l2)
        l2(m, in, &l2_arb);

    for (unsigned p = 0; p < MMU_PORTS; p++) {
        const mmu_miss_queue_out_t *q = &m->w.queue_out[p];
        to_l1[p].fence_accept = m->w.fence_out.accept;
        to_l1[p].fence_mark = m->w.fence_out.mark;
        to_l1[p].mq_full = q->full;
        to_l1[p].mq_done = q->done;
        to_l1[p].mq_done_two = q->done_two;
        if (q->done) {
            to_l1[p].mq_done_id = q->done_id;
            to_l1[p].mq_done_rq = q->done_rq;
            to_l1[p].mq_done_fault = q->done_fault;
            to_l1[p].mq_done_entry = q->done_entry;
        }
        to_l1[p].fill = false;
    }
    if (m->w.walker_out.done_fill) { /* TOP-5 */
        to_l1[m->w.walker_out.done_port & 1u].fill = true;
        to_l1[m->w.walker_out.done_port & 1u].fill_row = m->w.walker_out.done_row;
    }
    if (m->w.l2_out.hit) { /* TOP-6 */
        assert(!m->w.walker_out.done_fill);
        to_l1[m->w.l2_out.port & 1u].fill = true;
        to_l1[m->w.l2_out.port & 1u].fill_row = m->w.l2_out.row;
    }
    return back_events(m, in);
}

/* The back of an MMU that has neither a miss nor a walk nor a fence: nothing to tell the L1s, no output. The
 * wires stay so until back() drives them again. */
static void quiet_back(mmu_t *m)
{
    if (m->w.quiet)
        return;
    m->w.quiet = true;
    for (unsigned p = 0; p < MMU_PORTS; p++) {
        mmu_l1_in_t *l1 = &m->w.l1_in[p];
        mmu_miss_queue_in_t *q = &m->w.queue_in[p];
        l1->fence_accept = l1->fence_mark = l1->fill = l1->mq_full = l1->mq_done = l1->mq_done_two = false;
        q->look_grant = q->l2_done = q->l2_abort = q->l2_hit = q->want_grant = q->walk_done = false;
    }
}

/* A port: its L1 and its miss queue. Returns its events (TOP-8) as those of port 0: they stand in pairs. */
__attribute__((always_inline)) static inline uint32_t port(mmu_t *m, const mmu_in_t *in, mmu_out_t *out,
                                                           unsigned p)
{
    mmu_l1_in_t *to = &m->w.l1_in[p];
    mmu_l1_out_t *from = &m->w.l1_out[p];
    uint32_t events = 0;

    to->req.valid = in->req[p].valid;
    if (to->req.valid) {
        to->req = in->req[p];
        mmu_mask_ctx(m, &in->ctx[p], in->req[p].prv, &to->ctx);
    } else if (!m->d.back && !m->l1[p].q.s1_valid) {
        /* Nothing comes, nothing is there: an L1 that is not called. */
        m->l1[p].d.any = m->d.queue[p] = false;
        out->req_ready[p] = true;
        memset(&out->rsp[p], 0, sizeof out->rsp[p]);
        return 0;
    }
    to->kill = in->kill[p];
    mmu_mask_slow(&in->slow, &to->slow);
    if (__builtin_expect(m->others, 0)) { /* REQ-1; else they stay 0 in the wires */
        to->slow = in->slow;
        to->ctx.aux = in->ctx[p].aux;
        to->ctx.flags = in->ctx[p].flags;
    }
    mmu_l1_comb(&m->l1[p], to, from);
    out->req_ready[p] = from->req_ready;
    out->rsp[p] = from->rsp;
    if (to->req.valid && from->req_ready)
        events = 1u << MMU_EV_ACCEPT_I;
    if (from->ev_hit)
        events |= 1u << MMU_EV_L1_HIT_I;
    else if (from->miss | from->ev_refuse | from->ev_stall)
        events |= (uint32_t)from->miss << MMU_EV_L1_MISS_I | (uint32_t)from->ev_refuse << MMU_EV_L1_REFUSE_I |
                  (uint32_t)from->ev_stall << MMU_EV_STALL_I;
    if (from->ev_fault) /* with ev_hit where physical protection denies a hit */
        events |= 1u << MMU_EV_FAULT_I;

    m->d.queue[p] = m->d.back || from->miss;
    if (m->d.queue[p]) {
        mmu_miss_queue_in_t *q = &m->w.queue_in[p];
        q->alloc = from->miss;
        if (from->miss) {
            q->alloc_id = from->miss_id;
            q->alloc_rq = from->miss_rq;
            q->alloc_old = from->miss_old;
        }
        q->kill = in->kill[p];
        q->fence_mark = to->fence_mark;
        q->take_done = from->take_done;
        mmu_miss_queue_comb(&m->queue[p], q);
    }
    return events;
}

void mmu_comb(mmu_t *m, const mmu_in_t *in, mmu_out_t *out)
{
    const bool queues = !mmu_miss_queue_empty(&m->queue[0]) || !mmu_miss_queue_empty(&m->queue[1]);
    const bool work = queues || mmu_walker_busy(&m->walker) || m->l2.q.st != MMU_L2_IDLE || m->fence.q.busy;
    uint64_t events = 0;

    m->d.back = work || in->fence.valid;
    out->idle = !work && !m->l1[0].q.s1_valid && !m->l1[1].q.s1_valid; /* REQ-10 */
    out->fence_ready = !m->fence.q.busy;
    if (m->d.back) {
        events = back(m, in);
        out->fence_done = m->w.fence_out.done;
        out->mreq = m->w.walker_out.mreq;
    } else {
        quiet_back(m);
        out->fence_done = false;
        memset(&out->mreq, 0, sizeof out->mreq);
    }
    m->d.pmp = in->pmp.valid; /* REQ-9 */
    if (m->d.pmp) {
        const mmu_pmp_regs_in_t pmp = {.write = in->pmp, .sec = mmu_slow_sec(&in->slow)};
        mmu_pmp_regs_comb(&m->pmp_regs, &pmp);
    }
    events |= port(m, in, out, MMU_PORT_I) << MMU_PORT_I;
    events |= port(m, in, out, MMU_PORT_D) << MMU_PORT_D;
    out->events = events;
}

void mmu_seq(mmu_t *m, bool rst_n)
{
    for (unsigned p = 0; p < MMU_PORTS; p++) {
        if (!rst_n || m->l1[p].d.any)
            mmu_l1_seq(&m->l1[p], rst_n);
        if (!rst_n || m->d.queue[p])
            mmu_miss_queue_seq(&m->queue[p], rst_n);
    }
    if (!rst_n || m->d.pmp)
        mmu_pmp_regs_seq(&m->pmp_regs, rst_n);
    if (rst_n && !m->d.back)
        return;
    mmu_walker_seq(&m->walker, rst_n);
    mmu_fence_seq(&m->fence, rst_n);
    mmu_l2_seq(&m->l2, rst_n);
    if (!rst_n || m->d.walk_arb)
        mmu_rr_arb_seq(&m->walk_arb, rst_n);
    if (!rst_n || m->d.l2_arb)
        mmu_rr_arb_seq(&m->l2_arb, rst_n);
}
