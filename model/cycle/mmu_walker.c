/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The page-table walker. Twin: rtl/mmu_walker.sv. Rules: WALK.
 */
#include "cycle/mmu_walker.h"

#include <assert.h>

#include "lockwalk/mmu_format.h"

void mmu_walker_init(mmu_walker_t *m, const mmu_walker_cfg_t *cfg, mmu_arena_t *arena)
{
    assert(cfg->slots >= 1 && cfg->slots <= MMU_MAX_WALKS);
    memset(m, 0, sizeof *m);
    m->cfg = *cfg;
    mmu_pmp_check_init(&m->pmp_check, (mmu_pmp_check_cfg_t){.entries = cfg->pmp_entries});
    mmu_walk_cache_init(&m->cache, &cfg->cache, arena);
}

/* PMP-3, for the walker's own accesses: they are S's. */
static bool allowed(const mmu_walker_t *m, const mmu_walker_in_t *in, const mmu_addr_t *at, bool cas)
{
    const mmu_pmp_check_in_t check = {.ranges = in->ranges,
                                      .pa = at->addr,
                                      .acc = cas ? MMU_ACC_STORE : MMU_ACC_LOAD,
                                      .size = at->wide ? 3 : 2,
                                      .prv = MMU_PRIV_S};
    mmu_pmp_check_out_t out;
    mmu_pmp_check_comb(&m->pmp_check, &check, &out);
    return out.allow;
}

/* WALK-5: from the root again. Returns where that is. */
static mmu_pos_t restart(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out, unsigned s)
{
    m->d.st[s] = MMU_WALK_REQ;
    m->d.redo[s] = false;
    m->d.restarted |= (uint8_t)(1u << s);
    out->ev_restart = true;
    return mmu_riscv_start(&m->q.rq[s], &in->slow).pos;
}

/* WALK-12 */
static void deny(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out, unsigned s)
{
    m->d.deny = true;
    m->d.deny_at = (uint8_t)s;
    if (m->q.st[s] == MMU_WALK_REQ && (m->q.redo[s] || in->fence_accept))
        m->d.deny_pos = restart(m, in, out, s);
    else
        m->d.st[s] = MMU_WALK_DONE;
}

/* p_mreq, WALK-3 */
static void offer(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out)
{
    unsigned s = m->q.lock_slot;
    if (!m->q.lock_valid)
        for (s = 0; s < m->cfg.slots; s++)
            if (m->q.st[s] == MMU_WALK_REQ || m->q.st[s] == MMU_WALK_CAS_REQ)
                break;
    m->d.lock_valid = false;
    m->d.lock_slot = m->q.lock_slot;
    if (s == m->cfg.slots)
        return;

    const bool cas = m->q.st[s] == MMU_WALK_CAS_REQ;
    const mmu_addr_t at = mmu_riscv_addr(&m->q.rq[s], m->q.pos[s]);
    if (m->pmp_check.cfg.entries != 0 && !allowed(m, in, &at, cas)) {
        deny(m, in, out, s);
        return;
    }
    out->mreq = (mmu_mreq_t){.addr = at.addr,
                             .old_word = cas ? m->q.cas_old[s] : 0,
                             .new_word = cas ? m->q.cas_new[s] : 0,
                             .valid = true,
                             .wide = at.wide,
                             .id = (uint8_t)s,
                             .op = cas ? MMU_MEM_CAS : MMU_MEM_READ};
    if (in->mreq_ready) {
        m->d.st[s] = cas ? MMU_WALK_CAS_WAIT : MMU_WALK_WAIT;
    } else {
        m->d.lock_valid = true;
        m->d.lock_slot = (uint8_t)s;
    }
}

/* p_done, WALK-9 */
static void complete(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out)
{
    for (unsigned s = 0; s < m->cfg.slots; s++) {
        if (m->q.st[s] != MMU_WALK_DONE)
            continue;
        const bool fill = m->q.fault[s] == MMU_FAULT_NONE && !m->q.nofill[s];
        if (fill && (!in->fill_ready || in->fence_accept))
            continue;
        out->done = true;
        out->done_slot = (uint8_t)s;
        out->done_port = m->q.port[s];
        out->done_fault = m->q.fault[s];
        out->done_entry = m->q.fault[s] == MMU_FAULT_NONE ? m->q.entry[s] : 0;
        out->done_fill = fill;
        if (fill)
            out->done_row =
                (mmu_line_t){.key = mmu_make_key(m->q.rq[s].ctx.asid, m->q.rq[s].va),
                             .mask = mmu_make_mask(mmu_entry_lg(m->q.entry[s]), mmu_entry_g(m->q.entry[s])),
                             .data = m->q.entry[s]};
        m->d.st[s] = MMU_WALK_IDLE;
        return;
    }
}

/* WALK-1: would the walk of `a` have the same outcome for `b`? */
static bool same_walk(const mmu_rq_t *a, const mmu_rq_t *b)
{
    return a->va >> 12 == b->va >> 12 && a->acc == b->acc && a->prv == b->prv && a->ctx.root == b->ctx.root &&
           a->ctx.asid == b->ctx.asid && a->ctx.mode == b->ctx.mode && a->ctx.sum == b->ctx.sum &&
           a->ctx.mxr == b->ctx.mxr;
}

/* p_start, WALK-1, WALK-2. Returns whether a new walk takes a slot. */
static bool start(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out)
{
    unsigned idle = m->cfg.slots;
    if (!in->start || in->fence_accept)
        return false;
    for (unsigned s = m->cfg.slots; s-- > 0;) {
        const uint8_t st = m->q.st[s];
        if (st == MMU_WALK_IDLE)
            idle = s;
        else if (st != MMU_WALK_DONE && !m->q.nofill[s] && m->q.port[s] == in->start_port &&
                 same_walk(&m->q.rq[s], &in->start_rq)) {
            out->start_grant = true;
            out->start_merge = true;
            out->start_slot = (uint8_t)s;
        }
    }
    if (out->start_merge || idle == m->cfg.slots)
        return false;

    out->start_grant = true;
    out->start_slot = (uint8_t)idle;
    m->d.st[idle] = MMU_WALK_REQ;
    m->d.redo[idle] = false;
    m->d.nofill[idle] = in->start_old;
    m->d.start = true;
    m->d.start_at = (uint8_t)idle;
    m->d.port = in->start_port;
    m->d.rq = in->start_rq;
    return true;
}

static void finish(mmu_walker_t *m, unsigned s, uint8_t fault)
{
    m->d.st[s] = MMU_WALK_DONE;
    m->d.fault = fault;
}

/* WALK-6: what the word says. */
static void step(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walk_cache_in_t *cache, unsigned s)
{
    const mmu_rq_t *rq = &m->q.rq[s];
    const mmu_step_t next = mmu_riscv_step(rq, &in->slow, m->q.pos[s], in->mrsp.data);

    switch (next.kind) {
    case MMU_STEP_READ:
        m->d.st[s] = MMU_WALK_REQ;
        m->d.pos = next.pos;
        cache->fill = !m->q.nofill[s]; /* PWC-2 */
        cache->fill_level = (uint8_t)mmu_pos_level(m->q.pos[s]);
        cache->fill_row = (mmu_line_t){.key = mmu_make_key(rq->ctx.asid, rq->va),
                                       .mask = mmu_make_mask(next.lg, false),
                                       .data = next.pos};
        break;
    case MMU_STEP_LEAF:
        m->d.entry = next.entry;
        finish(m, s, MMU_FAULT_NONE);
        break;
    case MMU_STEP_NEED_AD:
        m->d.st[s] = MMU_WALK_CAS_REQ;
        m->d.entry = next.entry;
        m->d.cas_old = in->mrsp.data;
        m->d.cas_new = next.new_word;
        break;
    default:
        finish(m, s, next.fault);
        break;
    }
}

/* p_response, WALK-4..7 */
static void respond(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out,
                    mmu_walk_cache_in_t *cache)
{
    const unsigned s = in->mrsp.id & 7u;
    if (m->q.st[s] != MMU_WALK_WAIT && m->q.st[s] != MMU_WALK_CAS_WAIT)
        return;
    m->d.answer = true;
    m->d.answer_at = (uint8_t)s;
    m->d.pos = m->q.pos[s];
    m->d.fault = m->q.fault[s];
    m->d.entry = m->q.entry[s];
    m->d.cas_old = m->q.cas_old[s];
    m->d.cas_new = m->q.cas_new[s];

    if (m->q.st[s] == MMU_WALK_WAIT) {
        if (m->q.redo[s] || in->fence_accept)
            m->d.pos = restart(m, in, out, s);
        else if (in->mrsp.err)
            finish(m, s, MMU_FAULT_ACCESS);
        else
            step(m, in, cache, s);
    } else if (in->mrsp.err) { /* WALK-7 */
        finish(m, s, MMU_FAULT_ACCESS);
    } else if (in->mrsp.data == m->q.cas_old[s]) {
        finish(m, s, MMU_FAULT_NONE);
    } else {
        out->ev_cas_fail = true;
        if (m->q.nofill[s] || in->fence_accept)
            m->d.pos = restart(m, in, out, s);
        else
            step(m, in, cache, s);
    }
}

/* WALK-8: no walk of before the fence fills; the words that it has read do not count, unless it sets A or D.
 * One that restarts in this clock has read none. */
static void mark(mmu_walker_t *m)
{
    for (unsigned s = 0; s < m->cfg.slots; s++) {
        if (m->q.st[s] == MMU_WALK_IDLE)
            continue;
        m->d.nofill[s] = true;
        if ((m->q.st[s] == MMU_WALK_REQ || m->q.st[s] == MMU_WALK_WAIT) && (m->d.restarted & (1u << s)) == 0)
            m->d.redo[s] = true;
    }
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
    m->d.start = m->d.answer = m->d.deny = false;
    m->d.restarted = 0;

    mmu_walk_cache_in_t cache;
    mmu_walk_cache_out_t found;
    cache.use = start(m, in, out);
    cache.lookup = cache.use;
    cache.fill = false;
    cache.fence_accept = in->fence_accept;
    if (cache.lookup)
        cache.key = mmu_make_key(in->start_rq.ctx.asid, in->start_rq.va);
    if (in->fence_accept)
        cache.fence = in->fence;
    m->d.lock_valid = false;
    m->d.lock_slot = m->q.lock_slot;
    if (busy) {
        offer(m, in, out);
        complete(m, in, out);
        if (in->mrsp.valid)
            respond(m, in, out, &cache);
        if (in->fence_accept)
            mark(m);
    }
    m->cache.d.arrays = 0;
    if (cache.lookup || cache.fill || cache.fence_accept)
        mmu_walk_cache_comb(&m->cache, &cache, &found);
    if (m->d.start) { /* WALK-2 */
        out->ev_pwc = (uint8_t)(found.hit ? 1u << (found.level - 1) : 0);
        m->d.start_pos = found.hit ? found.pos : mmu_riscv_start(&in->start_rq, &in->slow).pos;
    }
}

void mmu_walker_seq(mmu_walker_t *m, bool rst_n)
{
    if (!rst_n) {
        m->q.lock_valid = false;
        memset(m->q.st, MMU_WALK_IDLE, sizeof m->q.st);
        mmu_walk_cache_seq(&m->cache, false);
        return;
    }
    if (!m->d.any)
        return;
    m->q.lock_valid = m->d.lock_valid;
    m->q.lock_slot = m->d.lock_slot;
    memcpy(m->q.st, m->d.st, sizeof m->q.st);
    memcpy(m->q.redo, m->d.redo, sizeof m->q.redo);
    memcpy(m->q.nofill, m->d.nofill, sizeof m->q.nofill);
    if (m->d.start) {
        const unsigned s = m->d.start_at;
        m->q.port[s] = m->d.port;
        m->q.rq[s] = m->d.rq;
        m->q.pos[s] = m->d.start_pos;
    }
    if (m->d.answer) {
        const unsigned s = m->d.answer_at;
        m->q.pos[s] = m->d.pos;
        m->q.fault[s] = m->d.fault;
        m->q.entry[s] = m->d.entry;
        m->q.cas_old[s] = m->d.cas_old;
        m->q.cas_new[s] = m->d.cas_new;
    }
    if (m->d.deny) {
        const unsigned s = m->d.deny_at;
        if (m->d.st[s] == MMU_WALK_DONE)
            m->q.fault[s] = MMU_FAULT_ACCESS;
        else
            m->q.pos[s] = m->d.deny_pos;
    }
    mmu_walk_cache_seq(&m->cache, true);
}
