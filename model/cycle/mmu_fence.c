/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The fence unit. Twin: rtl/mmu_fence.sv. Rules: FEN.
 */
#include "cycle/mmu_fence.h"

void mmu_fence_init(mmu_fence_unit_t *m, mmu_fence_cfg_t cfg)
{
    *m = (mmu_fence_unit_t){.cfg = cfg};
}

/* FEN-1 */
static bool invalidates(const mmu_fence_unit_t *m, uint8_t kind)
{
    return kind == MMU_FENCE_S || kind == MMU_FENCE_X ||
           (m->cfg.hypervisor && (kind == MMU_FENCE_VV || kind == MMU_FENCE_G));
}

/* FEN-2, FEN-4 */
static bool waits(uint8_t kind, bool posted)
{
    return kind == MMU_FENCE_INVAL_IR || (kind != MMU_FENCE_W_INVAL && !posted);
}

void mmu_fence_comb(mmu_fence_unit_t *m, const mmu_fence_in_t *in, mmu_fence_out_t *out)
{
    out->ready = !m->q.busy; /* FEN-1 */
    out->take = in->fence_valid && out->ready;
    out->accept = out->take && invalidates(m, in->fence_kind);
    out->mark = out->take && in->fence_kind != MMU_FENCE_W_INVAL;
    out->done = m->q.busy && !(m->q.wait && in->old_busy) && !in->scanning; /* FEN-2 */
    out->busy = m->q.busy;
    /* p_next */
    m->d.busy = out->take || (m->q.busy && !out->done);
    m->d.wait = out->take ? waits(in->fence_kind, in->fence_posted) : m->q.wait;
}

void mmu_fence_seq(mmu_fence_unit_t *m, bool rst_n)
{
    m->q.busy = rst_n && m->d.busy;
    m->q.wait = rst_n && m->d.wait;
}
