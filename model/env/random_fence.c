/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Fences: at any time, aimed at what has just happened, owed after a change, and as the second step of a page
 * that is remapped.
 */
#include "env/random.h"

enum { BY_VA = 1, BY_ASID = 2 };

static uint64_t recent_va(mmu_random_t *r)
{
    const mmu_random_port_t *p = &r->port[mmu_draw(r, MMU_PORTS)];

    if (p->goods > 0 && mmu_draw(r, 2) == 0)
        return p->good[mmu_draw(r, p->goods < MMU_GOOD ? p->goods : MMU_GOOD)].va;
    return p->va;
}

static uint64_t fence_va(mmu_random_t *r, bool recent)
{
    if (recent)
        return recent_va(r);
    switch (mmu_draw(r, 8)) {
    case 0:
        return mmu_va_alias(r, r->paging, recent_va(r));
    case 1:
        return mmu_va_noncanonical(r, r->paging, recent_va(r));
    case 2:
        return mmu_rng_next(&r->rng);
    default:
        return r->pool[r->paging].va[mmu_draw(r, r->pool[r->paging].count)];
    }
}

/* The ASID as it stands, another space's, another one with the same kept bits, or anyone's. */
static uint16_t fence_asid(mmu_random_t *r, bool recent, uint16_t now)
{
    unsigned ignored = r->base.stage->opt->random.asid_bits_ignored;
    uint16_t mask = (uint16_t)(0xffffu >> ignored);

    if (!recent)
        now = mmu_draw(r, 8) == 0 ? (uint16_t)mmu_rng_next(&r->rng) : r->space[mmu_draw(r, r->spaces)].asid;
    if (ignored > 0 && mmu_draw(r, 4) == 0)
        now = (uint16_t)(now ^ (mmu_rng_next(&r->rng) & ~(uint64_t)mask));
    return now;
}

/* In the fields that do not count stands anything. */
static void emit(mmu_random_t *r, uint8_t by, uint64_t va, uint16_t asid)
{
    mmu_op_t op = {.kind = MMU_OP_FENCE, .u.fence = {.va = va, .asid = asid, .by = by}};

    if (r->slow.format == MMU_FORMAT_X86 && r->fmt != NULL) { /* X86-13: INVLPG, INVPCID 0, 1, 2 */
        op.u.fence.kind = MMU_FENCE_X;
        op.u.fence.by = by == 0 ? 0 : by | BY_ASID;
        op.u.fence.keep_g = by == BY_ASID || (by != 0 && mmu_chance(r, MMU_W_x86_keep_g, 100));
    }
    mmu_random_emit(r, &op);
}

static uint8_t draw_form(mmu_random_t *r)
{
    static const uint8_t forms[] = {0, BY_ASID, BY_VA, BY_VA | BY_ASID, 0};

    return forms[mmu_draw_share(r, MMU_W_fence_all, 4)];
}

static void any_fence(mmu_random_t *r)
{
    uint64_t va = fence_va(r, mmu_chance(r, MMU_W_fence_recent, 100));
    uint16_t asid = fence_asid(r, mmu_chance(r, MMU_W_fence_recent, 100), r->ctx[0].asid);
    uint8_t by = draw_form(r);

    va ^= mmu_draw(r, 4096);
    if (r->fmt != NULL && by == 0 && r->slow.format == MMU_FORMAT_X86 &&
        mmu_chance(r, MMU_W_x86_keep_g, 100)) {
        mmu_op_t op = {.kind = MMU_OP_FENCE,
                       .u.fence = {.va = va, .asid = asid, .kind = MMU_FENCE_X, .keep_g = true}};
        mmu_random_emit(r, &op); /* INVPCID 3 */
        return;
    }
    emit(r, by, va, asid);
}

/* The fence of a page that was changed: any address of the page serves; a pointer needs one that is not by
 * address. */
static void remap_fence(mmu_random_t *r)
{
    mmu_remap_t *m = &r->remap;
    unsigned lg = m->lg < 12 ? 12 : m->lg;
    uint64_t va = m->va ^ (mmu_rng_next(&r->rng) & ((UINT64_C(1) << lg) - 1));
    uint8_t by = draw_form(r);

    m->offered = true;
    emit(r, m->leaf ? by : by & BY_ASID, va, fence_asid(r, true, m->asid));
}

static void watch_remap(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    mmu_remap_t *m = &r->remap;

    if (!m->active || !m->offered || !in->fence.valid || !out->fence_ready)
        return;
    m->active = false;
    for (unsigned port = 0; port < MMU_PORTS; port++)
        mmu_random_touch(r, port, m->ask, m->view);
}

/* The fence of an ASID that has another root. */
static void rebind_fence(mmu_random_t *r)
{
    uint64_t anything = mmu_rng_next(&r->rng);

    r->rebind.offered = true;
    emit(r, mmu_draw(r, 3) == 0 ? 0 : BY_ASID, anything, fence_asid(r, true, r->rebind.asid));
}

/* The same pages at once, twice: what a walk of the former root fills must not be there. */
static void watch_rebind(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    if (!r->rebind.active || !r->rebind.offered || !in->fence.valid || !out->fence_ready)
        return;
    r->rebind.active = false;
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        const mmu_random_port_t *p = &r->port[port], *other = &r->port[1 - port];
        mmu_random_touch(r, port, p->va, p->view);
        mmu_random_touch(r, port, other->va, other->view);
        mmu_random_touch(r, port, p->va, p->view);
    }
}

void mmu_random_fences(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    mmu_remap_t *m = &r->remap;
    bool aimed = r->fence_in == 0;

    watch_remap(r, in, out);
    watch_rebind(r, in, out);
    if (r->fence_in >= 0)
        r->fence_in--;
    if (m->active && !m->offered && m->wait > 0)
        m->wait--;
    if (r->rebind.active && !r->rebind.offered && r->rebind.wait > 0)
        r->rebind.wait--;
    /* One at a time: valid stays until ready. */
    if (r->next->fence.valid)
        return;
    if (r->guests) {
        mmu_guest_fences(r, aimed);
        return;
    }
    if (r->fence_owed) {
        uint64_t anything = mmu_rng_next(&r->rng);
        r->fence_owed = false;
        emit(r, 0, anything, (uint16_t)(anything >> 20));
    } else if (r->draining) {
        return;
    } else if (m->active && !m->offered && m->wait == 0) {
        remap_fence(r);
    } else if (r->rebind.active && !r->rebind.offered && r->rebind.wait == 0) {
        rebind_fence(r);
    } else if (aimed || mmu_chance(r, MMU_W_fence_rate, 1000)) {
        any_fence(r);
    }
}
