/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Requests and kills. Each port goes through times of its own: steady (a request at a rate), burst (one in
 * every clock, to pages that have just answered) and gap (none).
 */
#include "env/random.h"

#include <assert.h>

/* ---- what answers tell ----------------------------------------------------------------------- */

static void watch_answer(mmu_random_t *r, unsigned port, const mmu_out_t *out)
{
    const mmu_rsp_t *rsp = &out->rsp[port];
    const mmu_env_pending_t *p;
    mmu_random_port_t *of = &r->port[port];

    if (!rsp->valid || rsp->id >= MMU_IDS)
        return;
    if (rsp->fault) {
        /* The pages of a burst are not good any more. */
        if (of->time == MMU_TIME_BURST)
            of->goods = 0;
        return;
    }
    p = &r->base.stage->pending[port][rsp->id];
    of->good[of->goods++ % MMU_GOOD] = (mmu_good_t){
        .va = p->req.va, .prv = p->req.prv, .acc = p->req.acc, .lg = rsp->lg, .view = of->asked[rsp->id]};
}

/* An aim that is not yet taken is set to 0 .. range clocks from now. */
void mmu_aim(mmu_random_t *r, int32_t *in, mmu_weight_e chance, uint32_t range)
{
    if (*in < 0 && mmu_chance(r, chance, 100))
        *in = (int32_t)mmu_draw(r, range + 1);
}

/* A response with A or D clear is followed by a compare-and-swap, offered in the next clock at the
 * earliest. */
static uint64_t find_swap(const mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    const mmu_walk_read_t *read = &r->waiting[in->mrsp.id & ((1u << MMU_SLOT_W) - 1)];
    bool is_leaf = (in->mrsp.data & 0xe) != 0, a_and_d = (in->mrsp.data & 0xc0) == 0xc0;
    bool lacks = r->fmt != NULL ? mmu_fmt_lacks(r, in->mrsp.data)
                                : (r->slow.adue || r->slow.hadue) && is_leaf && !a_and_d;

    if (out->mreq.valid && out->mreq.op == MMU_MEM_CAS && !in->mreq_ready)
        return out->mreq.addr;
    if (in->mrsp.valid && !in->mrsp.err && !read->swap && lacks)
        return read->addr;
    return 0;
}

static void watch_walk_port(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    const mmu_mreq_t *req = &out->mreq;

    if (r->next->mrsp.valid)
        mmu_aim(r, &r->fence_in, MMU_W_fence_at_response, 2);
    r->swap_addr = find_swap(r, in, out);
    if (r->swap_addr != 0) {
        mmu_aim(r, &r->fence_in, MMU_W_fence_at_swap, 3);
        mmu_aim(r, &r->port[mmu_draw(r, MMU_PORTS)].kill_in, MMU_W_kill_at_swap, 3);
    }
    if (!req->valid || !in->mreq_ready)
        return;
    r->waiting[req->id & ((1u << MMU_SLOT_W) - 1)] =
        (mmu_walk_read_t){.addr = req->addr, .wide = req->wide, .swap = req->op == MMU_MEM_CAS};
    if (req->op == MMU_MEM_READ)
        r->reads[r->read_count++ % MMU_READS] = req->addr;
}

/* All words of a stage have been fenced for all who use them. Those of one stage are used with V = 0 and, where a
 * machine's G stage is bare, with V = 1. */
static void count_epochs(mmu_random_t *r, const mmu_fence_t *fence)
{
    mmu_world_t *world = &r->world;
    uint32_t all = mmu_all_machines(r);

    if (fence->kind == MMU_FENCE_X) {
        if (!fence->va_en && !fence->asid_en && !fence->keep_g)
            world->epoch[MMU_OF_ONE]++;
        return;
    }
    if (fence->va_en || (fence->kind == MMU_FENCE_G ? fence->vmid_en : fence->asid_en))
        return;
    world->fenced_s = world->fenced_s || fence->kind == MMU_FENCE_S;
    for (unsigned i = 0; fence->kind == MMU_FENCE_VV && i < r->vms; i++)
        if (((r->vm[i].vmid ^ fence->vmid) & ((1u << r->base.stage->opt->random.vmid_bits) - 1)) == 0) {
            world->fenced_vv[0] |= 1u << i;
            world->fenced_vv[1] |= 1u << i;
        }
    if (fence->kind == MMU_FENCE_G)
        world->epoch[MMU_OF_G]++;
    if (world->fenced_vv[1] == all) {
        world->epoch[MMU_OF_VS]++;
        world->fenced_vv[1] = 0;
    }
    if (world->fenced_s && world->fenced_vv[0] == all) {
        world->epoch[MMU_OF_ONE]++;
        world->fenced_s = false;
        world->fenced_vv[0] = 0;
    }
}

void mmu_random_watch(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    static const mmu_event_e misses[MMU_PORTS] = {MMU_EV_L1_MISS_I, MMU_EV_L1_MISS_D};

    for (unsigned port = 0; port < MMU_PORTS; port++) {
        watch_answer(r, port, out);
        if ((out->events >> misses[port] & 1u) == 0)
            continue;
        mmu_aim(r, &r->fence_in, MMU_W_fence_aim, (uint32_t)mmu_w(r, MMU_W_fence_range));
        mmu_aim(r, &r->port[port].kill_in, MMU_W_kill_aim, (uint32_t)mmu_w(r, MMU_W_kill_range));
    }
    watch_walk_port(r, in, out);
    if (r->guests)
        mmu_stage_watch_walk(r, in, out);
    if (in->fence.valid && out->fence_ready) {
        count_epochs(r, &in->fence);
        /* With machines more than one fence of everything is owed. */
        r->hold = r->hold && mmu_fences_owed(r);
    }
}

/* ---- kills ----------------------------------------------------------------------------------- */

void mmu_random_kills(mmu_random_t *r)
{
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        int32_t *in = &r->port[port].kill_in;
        bool now = mmu_chance(r, MMU_W_kill_rate, 1000) || *in == 0;
        mmu_op_t op = {.kind = MMU_OP_KILL, .port = (uint8_t)port};

        if (*in >= 0)
            --*in;
        if (now)
            mmu_random_emit(r, &op);
    }
}

/* ---- requests -------------------------------------------------------------------------------- */

void mmu_random_touch(mmu_random_t *r, unsigned port, uint64_t va, mmu_view_t view)
{
    mmu_random_port_t *p = &r->port[port];

    if (p->touches < MMU_TOUCHES)
        p->touch[p->touches++] = (mmu_touch_t){.va = va, .view = view};
}

uint64_t mmu_request_page(mmu_random_t *r, unsigned port, unsigned row)
{
    const mmu_random_port_t *p = &r->port[port];
    uint64_t pooled = r->pool[row].va[mmu_draw(r, r->pool[row].count)];

    switch ((unsigned)MMU_W_va_same + mmu_draw_share(r, MMU_W_va_same, MMU_W_va_wild - MMU_W_va_same + 1)) {
    case MMU_W_va_same:
        return p->va;
    case MMU_W_va_other:
        return r->port[1 - port].va;
    case MMU_W_va_fresh:
        return mmu_va_draw(r, row);
    case MMU_W_va_alias:
        return mmu_va_alias(r, row, p->va);
    case MMU_W_va_noncanonical:
        return mmu_va_noncanonical(r, row, pooled);
    case MMU_W_va_wild:
        return mmu_va_wild(r, row, pooled);
    default:
        return pooled;
    }
}

uint8_t mmu_request_priv(mmu_random_t *r)
{
    static const uint8_t privs[] = {MMU_PRIV_U, MMU_PRIV_S, MMU_PRIV_M, MMU_PRIV_U};

    return privs[mmu_draw_share(r, MMU_W_priv_u, 3)];
}

/* Another address in the page that has answered; the same page of 4 KiB most often. */
uint64_t mmu_request_near(mmu_random_t *r, const mmu_good_t *good)
{
    if (good->lg <= 12 || mmu_draw(r, 4) != 0)
        return good->va;
    return good->va ^ (mmu_rng_next(&r->rng) & ((UINT64_C(1) << good->lg) - 1));
}

/* Does the page's leaf grant anything? Entries that are faulty as such are left to the other requests. */
static bool fits(mmu_random_t *r, unsigned port, uint64_t va, uint8_t *prv, uint8_t *acc)
{
    mmu_arch_result_t result;
    mmu_arch_trail_t trail;

    if (r->fmt != NULL)
        return mmu_fmt_fits(r, port, va, prv, acc);
    if (!mmu_random_look(r, &r->ctx[0], va, MMU_PRIV_S, MMU_ACC_LOAD, &result, &trail))
        return false;
    for (unsigned i = trail.count; i-- > 0;)
        if (trail.step[i].op == MMU_TRAIL_READ) {
            unsigned rule = trail.step[i].rule;
            bool good = rule == MMU_RULE_LEAF || rule == MMU_RULE_AD_UPDATE ||
                        (rule >= MMU_RULE_NO_X && rule <= MMU_RULE_S_PAGE);
            return good && mmu_entry_fit(r, trail.step[i].word, port, prv, acc);
        }
    return false;
}

/* A few looks for a page that fits; the last one is taken as it is. */
static uint64_t draw_fitting(mmu_random_t *r, unsigned port, uint8_t *prv, uint8_t *acc)
{
    const mmu_pool_t *pool = &r->pool[r->paging];
    uint64_t va = mmu_request_page(r, port, r->paging);

    for (unsigned i = 0; i < 3 && !fits(r, port, va, prv, acc); i++)
        va = pool->va[mmu_draw(r, pool->count)];
    return va;
}

static void complete(mmu_random_t *r, unsigned port, mmu_req_t *req)
{
    uint32_t offset = mmu_draw(r, 4096);
    unsigned free_ids = ~r->base.stage->outstanding[port] & ((1u << MMU_IDS) - 1);
    unsigned skip = mmu_draw(r, (uint32_t)__builtin_popcount(free_ids));

    req->size = (uint8_t)(port == MMU_PORT_I ? 1 + mmu_draw(r, 2) : mmu_draw(r, 4));
    if (r->fmt != NULL) {
        uint64_t mask = mmu_fmt_offset_mask(r);
        req->va = ((req->va & ~mask) | (offset & mask)) & ~((UINT64_C(1) << req->size) - 1);
    } else {
        req->va = (req->va & ~UINT64_C(0xfff)) | (offset & ~((1u << req->size) - 1));
    }
    while (skip-- > 0)
        free_ids &= free_ids - 1;
    req->id = (uint8_t)__builtin_ctz(free_ids);
    req->valid = true;
}

void mmu_request_emit(mmu_random_t *r, unsigned port, mmu_op_t *op)
{
    complete(r, port, &op->u.req);
    r->port[port].va = op->u.req.va;
    mmu_random_emit(r, op);
}

static void offer(mmu_random_t *r, unsigned port)
{
    mmu_random_port_t *p = &r->port[port];
    mmu_op_t op = {.kind = MMU_OP_REQ, .port = (uint8_t)port};
    mmu_req_t *req = &op.u.req;

    req->acc = MMU_ACC_FETCH;
    if (port == MMU_PORT_D && r->fmt != NULL)
        req->acc = mmu_fmt_acc(r, port);
    else if (port == MMU_PORT_D)
        req->acc = mmu_chance(r, MMU_W_acc_store, 100) ? MMU_ACC_STORE : MMU_ACC_LOAD;
    if (mmu_chance(r, MMU_W_priv_change, 100))
        p->prv = mmu_request_priv(r);
    req->prv = p->prv;
    if (p->touches > 0) {
        req->va = p->touch[--p->touches].va;
    } else if (p->time == MMU_TIME_BURST && p->goods > 0) {
        const mmu_good_t *good = &p->good[mmu_draw(r, p->goods < MMU_GOOD ? p->goods : MMU_GOOD)];
        req->va = mmu_request_near(r, good);
        req->prv = good->prv;
        req->acc = good->acc;
    } else if (r->ctx[0].mode != MMU_MODE_BARE && mmu_chance(r, MMU_W_va_fit, 100)) {
        req->va = draw_fitting(r, port, &req->prv, &req->acc);
    } else {
        req->va = mmu_request_page(r, port, r->paging);
    }
    mmu_request_emit(r, port, &op);
}

static void draw_time(mmu_random_t *r, mmu_random_port_t *p)
{
    unsigned time = mmu_draw_share(r, MMU_W_port_steady, 3);

    p->time = time < 3 ? (mmu_time_e)time : MMU_TIME_STEADY;
    p->left = 1 + mmu_draw(r, (uint32_t)mmu_w(r, MMU_W_port_length));
}

static bool wants(mmu_random_t *r, mmu_random_port_t *p)
{
    if (p->touches > 0)
        return true;
    if (p->time == MMU_TIME_GAP)
        return false;
    return (p->time == MMU_TIME_BURST && p->goods > 0) || mmu_chance(r, MMU_W_port_rate, 100);
}

void mmu_random_requests(mmu_random_t *r)
{
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        mmu_random_port_t *p = &r->port[port];
        int outstanding = __builtin_popcount(r->base.stage->outstanding[port]);

        if (p->left == 0)
            draw_time(r, p);
        p->left--;
        if (r->draining || r->hold || r->pmps > 0 || r->next->req[port].valid ||
            outstanding >= mmu_w(r, MMU_W_port_outstanding))
            continue;
        if (!wants(r, p))
            continue;
        if (r->guests)
            mmu_guest_offer(r, port);
        else
            offer(r, port);
    }
}
