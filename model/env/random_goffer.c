/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Requests and contexts where there are virtual machines: each port has a context of its own, and V may change from
 * one request to the next, in a stream of hits too.
 */
#include "env/random.h"

/* ---- contexts -------------------------------------------------------------------------------- */

static bool same_ctx(const mmu_ctx_t *a, const mmu_ctx_t *b)
{
    return a->root == b->root && a->asid == b->asid && a->mode == b->mode && a->sum == b->sum &&
           a->mxr == b->mxr && a->v == b->v && a->gmxr == b->gmxr && a->gmode == b->gmode &&
           a->vmid == b->vmid && a->groot == b->groot;
}

static void set_ctx(mmu_random_t *r, unsigned port, const mmu_ctx_t *ctx)
{
    mmu_op_t op = {.kind = MMU_OP_CTX, .port = (uint8_t)(1 + port), .u.ctx = *ctx};

    if (!same_ctx(ctx, &r->ctx[port]))
        mmu_random_emit(r, &op);
}

/* The registers have changed; who is where has not. */
static void refresh(mmu_random_t *r)
{
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        mmu_ctx_t ctx = r->ctx[port];

        ctx.sum = ctx.v ? r->hart.vsum : r->hart.sum;
        ctx.mxr = ctx.v ? r->hart.vmxr || r->hart.mxr : r->hart.mxr;
        ctx.gmxr = ctx.v && r->hart.mxr;
        set_ctx(r, port, &ctx);
    }
}

/* Also while a request waits to be accepted: then it is another access, but not another kind of hart. */
static void change_view(mmu_random_t *r, unsigned port)
{
    mmu_view_t view = mmu_view_draw(r, mmu_chance(r, MMU_W_virt_share, 100));
    mmu_effective_t got;

    if (r->next->req[port].valid && view.v != r->ctx[port].v)
        return;
    got = mmu_view_enter(r, view, MMU_PRIV_S, port == MMU_PORT_I ? MMU_ACC_FETCH : MMU_ACC_LOAD);
    r->port[port].view = view;
    set_ctx(r, port, &got.ctx);
}

void mmu_guest_context(mmu_random_t *r)
{
    bool any = false;

    for (unsigned port = 0; port < MMU_PORTS; port++)
        if (mmu_chance(r, MMU_W_ctx_change, 1000))
            change_view(r, port);
    if (mmu_chance(r, MMU_W_ctx_sum, 1000)) {
        bool *bit = mmu_draw(r, 2) == 0 ? &r->hart.sum : &r->hart.vsum;
        *bit = !*bit;
        any = true;
    }
    if (mmu_chance(r, MMU_W_ctx_mxr, 1000)) {
        bool *bit = mmu_draw(r, 2) == 0 ? &r->hart.mxr : &r->hart.vmxr;
        *bit = !*bit;
        any = true;
    }
    if (any)
        refresh(r);
    mmu_guest_rebind(r);
}

/* ---- requests -------------------------------------------------------------------------------- */

/* Does the page's leaf grant anything, and does the G stage let it pass? */
static bool fits(mmu_random_t *r, unsigned port, mmu_view_t view, uint64_t va, uint8_t *prv, uint8_t *acc)
{
    mmu_arch_result_t result;
    mmu_arch_trail_t trail;
    mmu_ctx_t ctx = mmu_view_ctx(r, view);

    if (!mmu_random_look(r, &ctx, va, MMU_PRIV_S, MMU_ACC_LOAD, &result, &trail) ||
        result.fault == MMU_FAULT_GUEST)
        return false;
    if (ctx.mode == MMU_MODE_BARE)
        return true;
    for (unsigned i = trail.count; i-- > 0;)
        if (trail.step[i].op == MMU_TRAIL_READ && trail.step[i].stage == 0 && !trail.step[i].denied &&
            !trail.step[i].error) {
            unsigned rule = trail.step[i].rule;
            bool good = rule == MMU_RULE_LEAF || rule == MMU_RULE_AD_UPDATE ||
                        (rule >= MMU_RULE_NO_X && rule <= MMU_RULE_S_PAGE);
            return good && mmu_entry_fit(r, trail.step[i].word, port, prv, acc);
        }
    return false;
}

static uint64_t draw_va(mmu_random_t *r, unsigned port, mmu_view_t view, uint8_t *prv, uint8_t *acc)
{
    unsigned row = mmu_view_row(r, view);
    const mmu_pool_t *pool = &r->pool[row];
    uint64_t va = mmu_request_page(r, port, row);

    /* An address of another mode is seldom one of this. */
    if (va == r->port[port].va && r->port[port].row != row && mmu_draw(r, 8) != 0)
        va = pool->va[mmu_draw(r, pool->count)];
    if (!mmu_chance(r, MMU_W_va_fit, 100))
        return va;
    for (unsigned i = 0; i < 3 && !fits(r, port, view, va, prv, acc); i++)
        va = pool->va[mmu_draw(r, pool->count)];
    return va;
}

/* A view of before may be of a machine that is no more. */
static mmu_view_t renew(mmu_random_t *r, mmu_view_t view)
{
    bool there = view.v ? view.vm < r->vms && view.space < r->vm[view.vm].spaces : view.space < r->spaces;

    return there ? view : mmu_view_draw(r, view.v);
}

void mmu_guest_offer(mmu_random_t *r, unsigned port)
{
    mmu_random_port_t *p = &r->port[port];
    mmu_op_t op = {.kind = MMU_OP_REQ, .port = (uint8_t)port};
    uint8_t acc = MMU_ACC_FETCH, prv;
    mmu_effective_t got;
    mmu_view_t view = p->view;
    uint64_t va;

    if (port == MMU_PORT_D)
        acc = mmu_chance(r, MMU_W_acc_store, 100) ? MMU_ACC_STORE : MMU_ACC_LOAD;
    if (mmu_chance(r, MMU_W_priv_change, 100))
        p->prv = mmu_request_priv(r);
    prv = p->prv;
    if (mmu_chance(r, MMU_W_virt_change, 100))
        view = mmu_view_draw(r, mmu_chance(r, MMU_W_virt_share, 100));
    if (p->touches > 0) {
        const mmu_touch_t *touch = &p->touch[--p->touches];
        view = renew(r, touch->view);
        va = touch->va;
    } else if (p->time == MMU_TIME_BURST && p->goods > 0) {
        const mmu_good_t *good = &p->good[mmu_draw(r, p->goods < MMU_GOOD ? p->goods : MMU_GOOD)];
        view = renew(r, good->view);
        va = mmu_request_near(r, good);
        prv = good->prv;
        acc = good->acc;
    } else {
        view = renew(r, view);
        va = draw_va(r, port, view, &prv, &acc);
    }
    if (acc == MMU_ACC_LOAD && view.v && prv != MMU_PRIV_M && mmu_chance(r, MMU_W_virt_hlvx, 100))
        acc = MMU_ACC_LOAD_X;
    if (!view.v && acc == MMU_ACC_LOAD_X)
        acc = MMU_ACC_LOAD;
    got = mmu_view_enter(r, view, prv, acc);
    p->view = view;
    set_ctx(r, port, &got.ctx);
    op.u.req.va = va;
    op.u.req.prv = got.prv;
    op.u.req.acc = got.acc;
    mmu_request_emit(r, port, &op);
    p->asked[op.u.req.id] = view;
    p->row = mmu_view_row(r, view);
}
