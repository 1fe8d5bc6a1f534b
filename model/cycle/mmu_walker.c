/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The page-table walker. Twin: rtl/mmu_walker.sv. Rules: WALK.
 */
#include "cycle/walker_slot.h"

#include <assert.h>

void mmu_walker_init(mmu_walker_t *m, const mmu_walker_cfg_t *cfg, mmu_arena_t *arena)
{
    assert(cfg->slots >= 1 && cfg->slots <= MMU_MAX_WALKS);
    memset(m, 0, sizeof *m);
    m->cfg = *cfg;
    m->cfg.cache.stage = 0;
    m->cfg.gcache.stage = 1;
    m->cfg.cache.hypervisor = m->cfg.gcache.hypervisor = cfg->hypervisor;
    mmu_pmp_check_init(&m->pmp_check, (mmu_pmp_check_cfg_t){.entries = cfg->pmp_entries});
    mmu_walk_cache_init(&m->cache, &m->cfg.cache, arena);
    if (cfg->hypervisor) {
        mmu_walk_cache_init(&m->gcache, &m->cfg.gcache, arena);
        mmu_g_tlb_init(&m->gtlb, &m->cfg.gtlb, arena);
    }
}

/* ---- start and end ------------------------------------------------------------------------------------ */

/* The row that a walk fills (WALK-9, KEY-5). */
static mmu_line_t leaf_row(const mmu_walker_t *m, unsigned s)
{
    const mmu_ctx_t *ctx = &m->q.rq[s].ctx;
    const mmu_entry_t entry = m->q.entry[s];
    mmu_line_t row = {.key = mmu_ctx_key(ctx, m->q.rq[s].va),
                      .mask = mmu_make_mask(mmu_entry_lg(entry), mmu_entry_g(entry)),
                      .data = entry};

    if (m->cfg.hypervisor) {
        const uint32_t flg = m->q.what[s] != MMU_G_NONE ? m->q.flg[s] : mmu_entry_lg(entry);
        row.vm = mmu_ctx_vm(ctx) | flg << MMU_VM_FLG_SHIFT;
    }
    return row;
}

/* p_done, WALK-9 */
static void complete(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out)
{
    for (unsigned s = 0; s < m->cfg.slots; s++) {
        if (m->q.st[s] != MMU_WALK_DONE)
            continue;
        const uint8_t fault = m->q.fault[s];
        const bool fill = fault == MMU_FAULT_NONE && !m->q.nofill[s];
        if (fill && (!in->fill_ready || in->fence_accept))
            continue;
        out->done = true;
        out->done_slot = (uint8_t)s;
        out->done_port = m->q.port[s];
        out->done_fault = fault;
        out->done_entry = fault == MMU_FAULT_NONE || fault == MMU_FAULT_GUEST ? m->q.entry[s] : 0;
        out->done_fill = fill;
        if (fill)
            out->done_row = leaf_row(m, s);
        m->d.st[s] = MMU_WALK_IDLE;
        return;
    }
}

/* WALK-1: would the walk of `a` have the same outcome for `b`? */
static bool same_walk(const mmu_walker_t *m, const mmu_rq_t *a, const mmu_rq_t *b, unsigned merge_lg)
{
    return (a->va ^ b->va) >> merge_lg == 0 && a->acc == b->acc && a->prv == b->prv &&
           a->ctx.root == b->ctx.root && a->ctx.asid == b->ctx.asid && a->ctx.mode == b->ctx.mode &&
           a->ctx.sum == b->ctx.sum && a->ctx.mxr == b->ctx.mxr &&
           (!m->cfg.others || (a->ctx.aux == b->ctx.aux && a->ctx.flags == b->ctx.flags)) &&
           (!m->cfg.hypervisor ||
            (a->ctx.v == b->ctx.v && a->ctx.gmxr == b->ctx.gmxr && a->ctx.gmode == b->ctx.gmode &&
             a->ctx.vmid == b->ctx.vmid && a->ctx.groot == b->ctx.groot));
}

/* p_start, WALK-1, WALK-2 */
static void start(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out,
                  mmu_walk_cache_in_t *cache)
{
    const mmu_rq_t *rq = &in->start_rq;
    unsigned idle = m->cfg.slots;
    if (!in->start || in->fence_accept)
        return;
    const unsigned merge_lg = frame_merge_lg(frame_of(&in->slow), &in->slow);
    for (unsigned s = m->cfg.slots; s-- > 0;) {
        const uint8_t st = m->q.st[s];
        if (st == MMU_WALK_IDLE)
            idle = s;
        else if (st != MMU_WALK_DONE && !m->q.nofill[s] && m->q.port[s] == in->start_port &&
                 same_walk(m, &m->q.rq[s], rq, merge_lg)) {
            out->start_grant = true;
            out->start_merge = true;
            out->start_slot = (uint8_t)s;
        }
    }
    if (out->start_merge || idle == m->cfg.slots)
        return;

    out->start_grant = true;
    out->start_slot = (uint8_t)idle;
    m->d.st[idle] = MMU_WALK_REQ;
    m->d.redo[idle] = false;
    m->d.nofill[idle] = in->start_old;
    m->d.start = true;
    m->d.start_at = (uint8_t)idle;
    m->d.port = in->start_port;
    m->d.rq = *rq;
    m->d.what = MMU_G_NONE;
    if (m->cfg.hypervisor && mmu_riscv_two_stage(rq)) {
        m->d.st[idle] = MMU_WALK_G;
        m->d.what = rq->ctx.mode == MMU_MODE_BARE ? MMU_G_FINAL : MMU_G_ENTRY;
    }
    if (m->d.what != MMU_G_FINAL) { /* PWC-1 */
        cache->lookup = cache->use = true;
        cache->key = mmu_make_key(rq->ctx.asid, rq->va);
        cache->space = m->cfg.hypervisor ? (uint16_t)mmu_ctx_vm(&rq->ctx) : 0;
    }
}

/* WALK-8: no walk of before the fence fills; the words that it has read do not count, unless it sets A or D, or
 * has the first stage's leaf. One that restarts in this clock has read none. */
static void mark(mmu_walker_t *m)
{
    for (unsigned s = 0; s < m->cfg.slots; s++) {
        const uint8_t st = m->q.st[s];
        if (st == MMU_WALK_IDLE)
            continue;
        m->d.nofill[s] = true;
        if ((st == MMU_WALK_REQ || st == MMU_WALK_WAIT || st == MMU_WALK_G) && mmu_walk_may_restart(m, s) &&
            (m->d.restarted & (1u << s)) == 0)
            m->d.redo[s] = true;
    }
}

/* ---- the whole ---------------------------------------------------------------------------------------- */

/* The G stage's TLB and walk caches, where they have something to do. */
static void g_children(mmu_walker_t *m, mmu_walker_out_t *out, const mmu_walk_inputs_t *to)
{
    const mmu_g_tlb_in_t *tlb = &to->gtlb;
    mmu_walk_cache_out_t found;

    m->gtlb.d.any = false;
    m->gcache.d.arrays = 0;
    if (tlb->touch || tlb->drop || tlb->fill || tlb->fence_accept)
        mmu_g_tlb_comb(&m->gtlb, tlb);
    if (to->gcache.lookup || to->gcache.fill || to->gcache.fence_accept)
        mmu_walk_cache_comb(&m->gcache, &to->gcache, &found);
    if (to->gcache.lookup && found.hit) { /* WALK-14 */
        out->ev_gpwc = (uint8_t)(1u << (found.level - 1));
        m->d.ask.gpos = found.pos;
    }
}

/* Nothing for anybody, but the fence. */
static void quiet(const mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walk_inputs_t *to)
{
    to->cache.lookup = to->cache.use = to->cache.fill = false;
    to->cache.fence_accept = in->fence_accept;
    if (in->fence_accept)
        to->cache.fence = in->fence;
    if (!m->cfg.hypervisor)
        return;
    to->gcache.lookup = to->gcache.use = to->gcache.fill = false;
    to->gcache.space = 0;
    to->gtlb.lookup = to->gtlb.touch = to->gtlb.drop = to->gtlb.fill = false;
    to->gcache.fence_accept = to->gtlb.fence_accept = in->fence_accept;
    if (in->fence_accept)
        to->gcache.fence = to->gtlb.fence = in->fence;
}

void mmu_walker_comb(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out)
{
    const bool busy = mmu_walker_busy(m);

    memset(out, 0, sizeof *out);
    m->d.any = busy || in->start || in->fence_accept;
    if (!m->d.any)
        return;
    out->busy = busy;
    memcpy(m->d.st, m->q.st, sizeof m->d.st);
    memcpy(m->d.redo, m->q.redo, sizeof m->d.redo);
    memcpy(m->d.nofill, m->q.nofill, sizeof m->d.nofill);
    m->d.start = m->d.answer.on = m->d.ask.on = m->d.deny.on = false;
    m->d.restarted = 0;

    mmu_walk_inputs_t to;
    mmu_walk_cache_out_t found = {0};
    quiet(m, in, &to);
    start(m, in, out, &to.cache);
    m->d.lock_valid = false;
    m->d.lock_slot = m->q.lock_slot;
    if (busy) {
        mmu_walk_offer(m, in, out);
        complete(m, in, out);
        if (m->cfg.hypervisor)
            mmu_walk_ask(m, in, out, &to);
        if (in->mrsp.valid)
            mmu_walk_respond(m, in, out, &to);
        if (in->fence_accept)
            mark(m);
    }
    m->cache.d.arrays = 0;
    if (to.cache.lookup || to.cache.fill || to.cache.fence_accept)
        mmu_walk_cache_comb(&m->cache, &to.cache, &found);
    if (m->d.start) { /* WALK-2 */
        out->ev_pwc = (uint8_t)(found.hit ? 1u << (found.level - 1) : 0);
        m->d.start_pos =
            found.hit ? found.pos : frame_start(frame_of(&in->slow), &in->start_rq, &in->slow).pos;
    }
    if (m->cfg.hypervisor)
        g_children(m, out, &to);
}

static void write_slot(mmu_walker_t *m, const mmu_walk_write_t *w)
{
    const unsigned s = w->at;

    m->q.fault[s] = w->fault;
    m->q.pos[s] = w->pos;
    m->q.entry[s] = w->entry;
    m->q.cas_old[s] = w->cas_old;
    m->q.cas_new[s] = w->cas_new;
    if (m->cfg.others) {
        m->q.more[s] = w->more;
        m->q.next[s] = w->next;
    }
    if (!m->cfg.hypervisor)
        return;
    m->q.gst[s] = w->gst;
    m->q.what[s] = w->what;
    m->q.flg[s] = w->flg;
    m->q.gpos[s] = w->gpos;
    m->q.spa[s] = w->spa;
    m->q.gentry[s] = w->gentry;
    m->q.gcas_old[s] = w->gcas_old;
    m->q.gcas_new[s] = w->gcas_new;
}

static void write_start(mmu_walker_t *m)
{
    const unsigned s = m->d.start_at;

    m->q.port[s] = m->d.port;
    m->q.rq[s] = m->d.rq;
    m->q.pos[s] = m->d.start_pos;
    if (!m->cfg.hypervisor)
        return;
    m->q.gst[s] = false;
    m->q.what[s] = m->d.what;
    if (m->d.what == MMU_G_FINAL)
        m->q.entry[s] = mmu_riscv_bare_entry();
}

void mmu_walker_seq(mmu_walker_t *m, bool rst_n)
{
    if (!rst_n) {
        m->q.lock_valid = false;
        memset(m->q.st, MMU_WALK_IDLE, sizeof m->q.st);
        mmu_walk_cache_seq(&m->cache, false);
        mmu_walk_cache_seq(&m->gcache, false);
        mmu_g_tlb_seq(&m->gtlb, false);
        return;
    }
    if (!m->d.any)
        return;
    m->q.lock_valid = m->d.lock_valid;
    m->q.lock_slot = m->d.lock_slot;
    memcpy(m->q.st, m->d.st, sizeof m->q.st);
    memcpy(m->q.redo, m->d.redo, sizeof m->q.redo);
    memcpy(m->q.nofill, m->d.nofill, sizeof m->q.nofill);
    if (m->d.start)
        write_start(m);
    if (m->d.answer.on)
        write_slot(m, &m->d.answer);
    if (m->d.ask.on)
        write_slot(m, &m->d.ask);
    if (m->d.deny.on)
        write_slot(m, &m->d.deny);
    mmu_walk_cache_seq(&m->cache, true);
    if (m->cfg.hypervisor) {
        mmu_walk_cache_seq(&m->gcache, true);
        mmu_g_tlb_seq(&m->gtlb, true);
    }
}
