/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Fences where there are virtual machines: SFENCE.VMA, HFENCE.VVMA and HFENCE.GVMA in all their forms, alone or as
 * Svinval sequences (SFENCE.W.INVAL, some posted ones, SFENCE.INVAL.IR), and those that a change asks for.
 */
#include "env/random.h"

#include <assert.h>

enum { BY_VA = 1, BY_ASID = 2 };

static uint16_t kept(uint8_t bits)
{
    return (uint16_t)((1u << bits) - 1);
}

/* In the bits that the MMU ignores stands anything, now and then. */
static uint16_t with_ignored(mmu_random_t *r, uint16_t value, uint16_t mask)
{
    if (mmu_draw(r, 4) == 0)
        value = (uint16_t)(value ^ (mmu_rng_next(&r->rng) & ~(uint64_t)mask));
    return value;
}

static uint16_t with_ignored_asid(mmu_random_t *r, uint16_t asid)
{
    return with_ignored(r, asid, (uint16_t)(0xffffu >> r->base.stage->opt->random.asid_bits_ignored));
}

static uint16_t with_ignored_vmid(mmu_random_t *r, uint16_t vmid)
{
    return with_ignored(r, vmid, kept(r->base.stage->opt->random.vmid_bits)) & MMU_VM_VMID;
}

static uint8_t draw_form(mmu_random_t *r)
{
    static const uint8_t forms[] = {0, BY_ASID, BY_VA, BY_VA | BY_ASID, 0};

    return forms[mmu_draw_share(r, MMU_W_fence_all, 4)];
}

/* ---- targets --------------------------------------------------------------------------------- */

/* A view and an address of late, with V as wanted where there is such a one. */
static mmu_view_t recent(mmu_random_t *r, bool v, uint64_t *va)
{
    for (unsigned i = 0; i < 6; i++) {
        const mmu_random_port_t *p = &r->port[mmu_draw(r, MMU_PORTS)];
        const mmu_good_t *good = &p->good[mmu_draw(r, p->goods < MMU_GOOD ? p->goods : MMU_GOOD)];

        if (p->goods > 0 && mmu_draw(r, 2) == 0 && good->view.v == v) {
            *va = good->va;
            return good->view;
        }
        if (p->view.v == v) {
            *va = p->va;
            return p->view;
        }
    }
    mmu_view_t view = mmu_view_draw(r, v);
    const mmu_pool_t *pool = &r->pool[mmu_view_row(r, view)];
    *va = pool->va[mmu_draw(r, pool->count)];
    return view;
}

static uint64_t spoil_va(mmu_random_t *r, mmu_view_t view, uint64_t va)
{
    const mmu_pool_t *pool = &r->pool[mmu_view_row(r, view)];

    if (mmu_chance(r, MMU_W_fence_recent, 100))
        return va;
    switch (mmu_draw(r, 8)) {
    case 0:
        return mmu_va_alias(r, mmu_view_row(r, view), va);
    case 1:
        return mmu_va_noncanonical(r, mmu_view_row(r, view), va);
    case 2:
        return mmu_rng_next(&r->rng);
    default:
        return pool->va[mmu_draw(r, pool->count)];
    }
}

/* A guest physical address that the walk of this address meets. */
static uint64_t guest_addr_of(mmu_random_t *r, mmu_view_t view, uint64_t va)
{
    mmu_arch_result_t result;
    mmu_arch_trail_t trail;
    mmu_ctx_t ctx = mmu_view_ctx(r, view);

    if (mmu_random_look(r, &ctx, va, MMU_PRIV_S, MMU_ACC_LOAD, &result, &trail))
        for (unsigned i = 0; i < 4; i++) {
            unsigned n = mmu_draw(r, trail.count);
            if (trail.step[n].stage == 1)
                return trail.step[n].gpa;
        }
    return va;
}

/* ---- making ---------------------------------------------------------------------------------- */

static mmu_op_t draw_fence(mmu_random_t *r, mmu_fence_kind_e kind)
{
    mmu_op_t op = {.kind = MMU_OP_FENCE, .u.fence.kind = (uint8_t)kind};
    uint64_t va;
    mmu_view_t view = recent(r, kind != MMU_FENCE_S, &va);
    uint16_t vmid = r->vm[view.v ? view.vm : mmu_draw(r, r->vms)].vmid;
    uint16_t asid = view.v ? r->vm[view.vm].space[view.space % r->vm[view.vm].spaces].asid
                           : r->space[view.space % r->spaces].asid;

    if (!mmu_chance(r, MMU_W_fence_recent, 100)) {
        asid = mmu_draw(r, 8) == 0 ? (uint16_t)mmu_rng_next(&r->rng) : r->space[mmu_draw(r, r->spaces)].asid;
        vmid = mmu_draw(r, 8) == 0 ? (uint16_t)mmu_rng_next(&r->rng) : r->vm[mmu_draw(r, r->vms)].vmid;
    }
    op.u.fence.va = spoil_va(r, view, va) ^ mmu_draw(r, 4096);
    op.u.fence.asid = with_ignored_asid(r, asid);
    op.u.fence.vmid = with_ignored_vmid(r, vmid);
    if (kind == MMU_FENCE_G) {
        op.u.fence.va = guest_addr_of(r, view, op.u.fence.va);
        op.u.fence.by = mmu_chance(r, MMU_W_fence_gpa, 100) ? BY_VA : 0;
        op.u.fence.by_vmid = mmu_chance(r, MMU_W_fence_vmid, 100);
    } else {
        op.u.fence.by = draw_form(r);
    }
    return op;
}

static mmu_fence_kind_e draw_kind(mmu_random_t *r)
{
    unsigned kind = mmu_draw_share(r, MMU_W_fence_kind_s, 3);

    return kind < 3 ? (mmu_fence_kind_e)kind : MMU_FENCE_S;
}

static void queue(mmu_random_t *r, mmu_op_t op)
{
    assert(r->fences_queued < MMU_FENCE_QUEUE);
    r->fence_queue[r->fences_queued++] = op;
}

/* Emitted from its end; either of the frames may be missing. */
static void queue_sequence(mmu_random_t *r)
{
    unsigned count = 1 + mmu_draw(r, (uint32_t)mmu_w(r, MMU_W_fence_posted_most));

    if (mmu_draw(r, 8) != 0)
        queue(r, (mmu_op_t){.kind = MMU_OP_FENCE,
                            .u.fence = {.kind = MMU_FENCE_INVAL_IR, .posted = mmu_draw(r, 2) == 0}});
    for (unsigned i = 0; i < count; i++) {
        mmu_op_t op = draw_fence(r, draw_kind(r));
        op.u.fence.posted = true;
        queue(r, op);
    }
    if (mmu_draw(r, 4) != 0)
        queue(r, (mmu_op_t){.kind = MMU_OP_FENCE,
                            .u.fence = {.kind = MMU_FENCE_W_INVAL, .posted = mmu_draw(r, 2) == 0}});
}

static void next_of_queue(mmu_random_t *r)
{
    mmu_op_t op = r->fence_queue[--r->fences_queued];

    mmu_random_emit(r, &op);
}

/* ---- those that a change asks for --------------------------------------------------------------- */

static void emit(mmu_random_t *r, mmu_fence_kind_e kind, uint8_t by, bool by_vmid, uint64_t va, uint16_t asid,
                 uint16_t vmid)
{
    mmu_op_t op = {.kind = MMU_OP_FENCE,
                   .u.fence = {.va = va, .by = by, .kind = (uint8_t)kind, .by_vmid = by_vmid}};

    op.u.fence.asid = with_ignored_asid(r, asid);
    op.u.fence.vmid = with_ignored_vmid(r, vmid);
    mmu_random_emit(r, &op);
}

void mmu_guest_remap_fence(mmu_random_t *r)
{
    mmu_remap_t *m = &r->remap;
    unsigned lg = m->lg < 12 ? 12 : m->lg;
    uint64_t va = m->va ^ (mmu_rng_next(&r->rng) & ((UINT64_C(1) << lg) - 1));
    uint16_t vmid = r->vm[m->view.vm].vmid;
    uint8_t by = draw_form(r);

    m->offered = true;
    by = m->leaf ? by : by & BY_ASID;
    if (m->g)
        emit(r, MMU_FENCE_G, by & BY_VA, mmu_chance(r, MMU_W_fence_vmid, 100), va, m->asid, vmid);
    else
        emit(r, m->view.v ? MMU_FENCE_VV : MMU_FENCE_S, by, false, va, m->asid, vmid);
}

void mmu_guest_rebind_fence(mmu_random_t *r)
{
    const mmu_rebind_t *b = &r->rebind;
    uint64_t anything = mmu_rng_next(&r->rng);
    bool wide = mmu_draw(r, 3) == 0;

    r->rebind.offered = true;
    /* Another G stage brings other guest page tables. */
    for (unsigned i = 0; b->kind == MMU_FENCE_G && i < r->vms; i++)
        if (r->vm[i].vmid == b->vmid)
            r->fence_owed_vv |= 1u << i;
    emit(r, (mmu_fence_kind_e)b->kind, wide || b->kind == MMU_FENCE_G ? 0 : BY_ASID, !wide, anything, b->asid,
         b->vmid);
}

/* ---- a clock --------------------------------------------------------------------------------- */

/* HFENCE.GVMA orders words of the G stage; those of the VS stage need an HFENCE.VVMA of each machine. */
static void owed(mmu_random_t *r)
{
    uint64_t anything = mmu_rng_next(&r->rng);
    uint16_t asid = (uint16_t)(anything >> 20), vmid = (uint16_t)(anything >> 40) & MMU_VM_VMID;

    if (r->fence_owed) {
        r->fence_owed = false;
        emit(r, MMU_FENCE_S, 0, false, anything, asid, vmid);
    } else if (r->fence_owed_vv != 0) {
        unsigned i = (unsigned)__builtin_ctz(r->fence_owed_vv);
        r->fence_owed_vv &= r->fence_owed_vv - 1;
        emit(r, MMU_FENCE_VV, 0, false, anything, asid, r->vm[i].vmid);
    } else {
        r->fence_owed_g = false;
        emit(r, MMU_FENCE_G, 0, false, anything, asid, vmid);
    }
}

void mmu_guest_fences(mmu_random_t *r, bool aimed)
{
    mmu_fence_kind_e kind = MMU_FENCE_S;
    mmu_op_t op;

    if (mmu_fences_owed(r)) {
        owed(r);
    } else if (r->fences_queued > 0) {
        next_of_queue(r);
    } else if (r->draining) {
        return;
    } else if (r->remap.active && !r->remap.offered && r->remap.wait == 0) {
        mmu_guest_remap_fence(r);
    } else if (r->rebind.active && !r->rebind.offered && r->rebind.wait == 0) {
        mmu_guest_rebind_fence(r);
    } else if (aimed || mmu_chance(r, MMU_W_fence_rate, 1000)) {
        kind = draw_kind(r);
        if (aimed && r->fence_hint != 0)
            kind = (mmu_fence_kind_e)(r->fence_hint - 1);
        r->fence_hint = 0;
        if (!aimed && mmu_chance(r, MMU_W_fence_posted, 100)) {
            queue_sequence(r);
            next_of_queue(r);
            return;
        }
        op = draw_fence(r, kind);
        op.u.fence.posted = mmu_chance(r, MMU_W_fence_posted, 100);
        mmu_random_emit(r, &op);
    }
}
