/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Second-level TLB. Twin: rtl/mmu_l2.sv. Rules: L2.
 */
#include "cycle/mmu_l2.h"

#include <assert.h>

#include "cycle/frame.h"

void mmu_l2_init(mmu_l2_t *m, const mmu_l2_cfg_t *cfg, mmu_arena_t *arena)
{
    memset(m, 0, sizeof *m);
    m->cfg = *cfg;
    memset(m->array_of, MMU_ARRAYS, sizeof m->array_of);
    for (unsigned k = 0; k < MMU_ARRAYS; k++) {
        const mmu_cfg_array_t *array = &cfg->array[k];
        const uint16_t sets = (uint16_t)(1u << array->sets_log2);
        if (array->ways == 0)
            continue;
        m->exists |= (uint8_t)(1u << k);
        if (sets > m->most_sets)
            m->most_sets = sets;
        mmu_row_array_init(
            &m->array[k],
            (mmu_row_array_cfg_t){
                .sets = sets, .ways = array->ways, .policy = array->policy, .vm = cfg->hypervisor},
            arena);
    }
    for (unsigned i = 0; i < 16; i++)
        for (unsigned k = 0; k < MMU_ARRAYS; k++)
            if (cfg->array[k].ways != 0 && ((cfg->array[k].pages >> i) & 1u) != 0) {
                assert(m->probes < MMU_L2_PROBES);
                m->probe[m->probes].k = (uint8_t)k;
                m->probe[m->probes].lg = (uint8_t)mmu_page_lg(i);
                m->array_of[mmu_page_lg(i)] = (uint8_t)k;
                m->probes++;
            }
    assert(m->exists == 0 || (m->probes != 0 && cfg->latency >= 1 && cfg->latency <= 15));
}

void mmu_l2_out(const mmu_l2_t *m, mmu_l2_out_t *out)
{
    /* L2-1, L2-7, L2-8 */
    out->ready = out->idle = m->q.st == MMU_L2_IDLE;
    out->scanning = m->q.st == MMU_L2_SCAN;
    out->port = m->q.port;
    out->sel = m->q.sel;
}

/* The inputs of the arrays in one clock. Most clocks concern one of them. */
typedef struct {
    mmu_row_array_in_t in[MMU_ARRAYS];
    unsigned active;
} arrays_t;

static mmu_row_array_in_t *array_in(arrays_t *a, unsigned k)
{
    if (((a->active >> k) & 1u) == 0) {
        a->active |= 1u << k;
        memset(&a->in[k], 0, sizeof a->in[k]);
    }
    return &a->in[k];
}

/* KEY-4: reads the set of `key` for pages of 2^lg bytes. */
static void read_set(const mmu_l2_t *m, arrays_t *a, unsigned k, unsigned lg, uint64_t key)
{
    mmu_row_array_in_t *in = array_in(a, k);
    in->read = true;
    in->read_set = (uint16_t)((key >> (lg - MMU_PPN_LG)) & (m->array[k].cfg.sets - 1u));
}

static void read_probe(mmu_l2_t *m, arrays_t *a, unsigned probe, const mmu_rq_t *rq)
{
    m->d.probe = (uint8_t)probe;
    m->d.wait = (uint8_t)(m->cfg.latency - 1u);
    read_set(m, a, m->probe[probe].k, m->probe[probe].lg, mmu_ctx_key(&rq->ctx, rq->va));
}

/* L2-1, L2-2, L2-4 */
static void idle(mmu_l2_t *m, const mmu_l2_in_t *in, arrays_t *a)
{
    if (in->fence_accept)
        return;
    assert(!in->look || !in->fill);
    if (in->look) {
        m->d.st = MMU_L2_LOOK;
        m->d.look = true;
        m->d.port = in->look_port;
        m->d.sel = in->look_sel;
        m->d.rq = in->look_rq;
        read_probe(m, a, 0, &in->look_rq);
    } else if (in->fill) {
        const unsigned lg = mmu_entry_lg(in->fill_row.data);
        assert(mmu_l2_holds(m, lg));
        m->d.st = MMU_L2_FILL;
        m->d.fill = true;
        m->d.fill_row = in->fill_row;
        read_set(m, a, m->array_of[lg], lg, in->fill_row.key);
    }
}

/* L2-3, L2-5, L2-6 */
static void look(mmu_l2_t *m, const mmu_l2_in_t *in, mmu_l2_out_t *out, arrays_t *a)
{
    const unsigned k = m->probe[m->q.probe].k;
    mmu_row_array_out_t found;

    if (in->kill[m->q.port]) {
        m->d.st = MMU_L2_IDLE;
        return;
    }
    if (m->q.wait != 0) {
        m->d.wait = (uint8_t)(m->q.wait - 1u);
        out->abort = in->fence_accept;
        return;
    }
    mmu_row_array_in_t *row = array_in(a, k);
    row->cmp_key = mmu_ctx_key(&m->q.rq.ctx, m->q.rq.va);
    row->cmp_mask = ~UINT64_C(0);
    row->cmp_vm = (uint16_t)mmu_ctx_vm(&m->q.rq.ctx);
    row->cmp_vm_mask = MMU_VM_SPACE;
    mmu_row_array_out(&m->array[k], row, &found);
    if (!found.hit && m->q.probe + 1u < m->probes) {
        if (in->fence_accept)
            out->abort = true;
        else
            read_probe(m, a, m->q.probe + 1u, &m->q.rq);
        return;
    }
    m->d.st = MMU_L2_IDLE;
    out->done = true;
    if (found.hit && frame_perm(frame_of(&in->slow), &m->q.rq, &in->slow, found.row.data)) {
        out->hit = true;
        out->row = found.row;
        row->touch = !in->fence_accept;
    } else if (found.hit) {
        row->drop = true;
        out->ev_refuse = true;
    }
}

/* L2-4: ROW-4 on the set that was read. */
static void write_row(mmu_l2_t *m, const mmu_l2_in_t *in, arrays_t *a)
{
    const unsigned k = m->array_of[mmu_entry_lg(m->q.fill_row.data)];
    mmu_row_array_out_t found;

    m->d.st = MMU_L2_IDLE;
    if (in->fence_accept)
        return; /* L2-6 */
    mmu_row_array_in_t *row = array_in(a, k);
    row->cmp_key = m->q.fill_row.key;
    row->cmp_mask = m->q.fill_row.mask;
    row->cmp_vm = (uint16_t)(m->q.fill_row.vm & MMU_VM_SPACE);
    row->cmp_vm_mask = MMU_VM_SPACE;
    row->fill = true;
    row->fill_row = m->q.fill_row;
    mmu_row_array_out(&m->array[k], row, &found);
}

/* L2-7 */
static void scan(mmu_l2_t *m, arrays_t *a)
{
    const unsigned at = m->q.scan;

    for (unsigned left = m->exists; left != 0; left &= left - 1) {
        const unsigned k = mmu_lowest(left), sets = m->array[k].cfg.sets;
        if (at < sets) {
            array_in(a, k)->read = true;
            a->in[k].read_set = (uint16_t)at;
        }
        if (at >= 1 && at - 1 < sets) {
            mmu_row_array_out_t found;
            mmu_row_array_in_t *row = array_in(a, k);
            row->cmp_key = m->q.fence_key;
            row->cmp_mask = m->q.fence_mask;
            row->cmp_spare_g = m->q.fence_spare_g;
            row->cmp_vm = m->q.fence_vm;
            row->cmp_vm_mask = m->q.fence_vm_mask;
            row->scan = true;
            mmu_row_array_out(&m->array[k], row, &found);
        }
    }
    m->d.scan = (uint16_t)(at + 1);
    if (at == m->most_sets)
        m->d.st = MMU_L2_IDLE;
}

/* L2-6, the second half. */
static void accept_fence(mmu_l2_t *m, const mmu_l2_in_t *in, arrays_t *a)
{
    const mmu_fence_t *fence = &in->fence;
    const bool part = fence->va_en || fence->asid_en;
    if ((fence->kind == MMU_FENCE_S && !part) || (fence->kind == MMU_FENCE_X && !part && !fence->keep_g) ||
        (fence->kind == MMU_FENCE_G && !fence->vmid_en)) {
        m->d.st = MMU_L2_IDLE;
        for (unsigned left = m->exists; left != 0; left &= left - 1)
            array_in(a, mmu_lowest(left))->clear = true;
        return;
    }
    m->d.st = MMU_L2_SCAN;
    m->d.scan = 0;
    m->d.fence = true;
    m->d.fence_cmp = mmu_fence_cmp(fence);
}

void mmu_l2_comb(mmu_l2_t *m, const mmu_l2_in_t *in, mmu_l2_out_t *out)
{
    arrays_t a;
    a.active = 0;

    memset(out, 0, sizeof *out);
    mmu_l2_out(m, out);
    m->d.any = m->q.st != MMU_L2_IDLE || in->look || in->fill || in->fence_accept;
    m->d.arrays = 0;
    if (!m->d.any || m->exists == 0)
        return;
    m->d.st = m->q.st;
    m->d.wait = m->q.wait;
    m->d.probe = m->q.probe;
    m->d.scan = m->q.scan;
    m->d.look = m->d.fill = m->d.fence = false;

    /* p_next */
    switch (m->q.st) {
    case MMU_L2_LOOK:
        look(m, in, out, &a);
        break;
    case MMU_L2_FILL:
        write_row(m, in, &a);
        break;
    case MMU_L2_SCAN:
        scan(m, &a);
        break;
    default:
        idle(m, in, &a);
        break;
    }
    if (in->fence_accept)
        accept_fence(m, in, &a);

    m->d.arrays = (uint8_t)a.active;
    for (unsigned left = a.active; left != 0; left &= left - 1)
        mmu_row_array_comb(&m->array[mmu_lowest(left)], &a.in[mmu_lowest(left)]);
}

void mmu_l2_seq(mmu_l2_t *m, bool rst_n)
{
    if (!rst_n) {
        memset(&m->q, 0, sizeof m->q);
        for (unsigned left = m->exists; left != 0; left &= left - 1)
            mmu_row_array_seq(&m->array[mmu_lowest(left)], false);
        return;
    }
    if (!m->d.any || m->exists == 0)
        return;
    m->q.st = m->d.st;
    m->q.wait = m->d.wait;
    m->q.probe = m->d.probe;
    m->q.scan = m->d.scan;
    if (m->d.look) {
        m->q.port = m->d.port;
        m->q.sel = m->d.sel;
        m->q.rq = m->d.rq;
    }
    if (m->d.fill)
        m->q.fill_row = m->d.fill_row;
    if (m->d.fence) {
        m->q.fence_key = m->d.fence_cmp.key;
        m->q.fence_mask = m->d.fence_cmp.mask;
        m->q.fence_spare_g = m->d.fence_cmp.spare_g;
        m->q.fence_vm = m->d.fence_cmp.vm;
        m->q.fence_vm_mask = m->d.fence_cmp.vm_mask;
    }
    for (unsigned left = m->d.arrays; left != 0; left &= left - 1)
        mmu_row_array_seq(&m->array[mmu_lowest(left)], true);
}
