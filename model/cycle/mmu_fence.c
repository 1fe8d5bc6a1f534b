/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The fence unit. Twin: rtl/mmu_fence.sv. Rules: FEN.
 */
#include "cycle/mmu_fence.h"

void mmu_fence_init(mmu_fence_unit_t *m)
{
    *m = (mmu_fence_unit_t){0};
}

void mmu_fence_comb(mmu_fence_unit_t *m, const mmu_fence_in_t *in, mmu_fence_out_t *out)
{
    out->ready = !m->q.busy; /* FEN-1 */
    out->accept = in->fence_valid && out->ready;
    out->done = m->q.busy && !in->old_busy && !in->scanning; /* FEN-2 */
    out->busy = m->q.busy;
    /* p_next */
    m->d.busy = out->accept || (m->q.busy && !out->done);
}

void mmu_fence_seq(mmu_fence_unit_t *m, bool rst_n)
{
    m->q.busy = rst_n && m->d.busy;
}
