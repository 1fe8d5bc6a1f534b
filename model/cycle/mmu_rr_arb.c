/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Round-robin arbiter. Twin: rtl/mmu_rr_arb.sv. Rules: ARB.
 */
#include "cycle/mmu_rr_arb.h"

#include <assert.h>

void mmu_rr_arb_init(mmu_rr_arb_t *m, mmu_rr_arb_cfg_t cfg)
{
    assert(cfg.w >= 1 && cfg.w <= 16);
    *m = (mmu_rr_arb_t){.cfg = cfg};
}

void mmu_rr_arb_out(const mmu_rr_arb_t *m, const mmu_rr_arb_in_t *in, mmu_rr_arb_out_t *out)
{
    /* ARB-1 */
    unsigned req = in->req, after = req & (~0u << m->q.ptr);
    out->valid = req != 0;
    out->index = (uint8_t)(req == 0 ? 0 : mmu_lowest(after != 0 ? after : req));
}

void mmu_rr_arb_comb(mmu_rr_arb_t *m, const mmu_rr_arb_in_t *in, mmu_rr_arb_out_t *out)
{
    mmu_rr_arb_out(m, in, out);
    /* p_next, ARB-2 */
    m->d.ptr = m->q.ptr;
    if (in->advance)
        m->d.ptr = (uint8_t)(out->index + 1 == m->cfg.w ? 0 : out->index + 1);
}

void mmu_rr_arb_seq(mmu_rr_arb_t *m, bool rst_n)
{
    m->q.ptr = rst_n ? m->d.ptr : 0;
}
