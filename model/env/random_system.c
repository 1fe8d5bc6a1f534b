/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What an operating system and the memory do: entries that change with and without a fence, a word that
 * changes just before the walker swaps it, context changes between any two clocks, late and wrong answers.
 */
#include "env/random.h"

/* ---- context --------------------------------------------------------------------------------- */

static void change_context(mmu_random_t *r)
{
    mmu_op_t op = {.kind = MMU_OP_CTX, .u.ctx = r->ctx[0]};
    bool any = false;

    if (mmu_chance(r, MMU_W_ctx_change, 1000)) {
        const mmu_space_t *space = &r->space[mmu_draw(r, r->spaces)];
        op.u.ctx.asid = space->asid;
        op.u.ctx.root = space->root;
        op.u.ctx.mode = mmu_chance(r, MMU_W_ctx_bare, 100) ? MMU_MODE_BARE : mmu_pagings[r->paging].mode;
        any = true;
    }
    if (mmu_chance(r, MMU_W_ctx_sum, 1000)) {
        op.u.ctx.sum = !op.u.ctx.sum;
        any = true;
    }
    if (mmu_chance(r, MMU_W_ctx_mxr, 1000)) {
        op.u.ctx.mxr = !op.u.ctx.mxr;
        any = true;
    }
    if (any)
        mmu_random_emit(r, &op);
}

/* ---- entries that change --------------------------------------------------------------------- */

/* The entry at `addr`, read at `level`, becomes another one. */
static bool change_entry(mmu_random_t *r, uint64_t addr, int level)
{
    unsigned index = 0;
    const mmu_table_t *table = mmu_world_find(r, addr, &index);
    mmu_table_t view;
    uint64_t word;

    if (r->fmt != NULL)
        return mmu_fmt_change(r, addr);
    if (table == NULL)
        return false;
    if (mmu_row_is_g(table->paging) && mmu_window_entry(r, table, index, &word))
        return mmu_world_write(r, table, index, word);
    view = mmu_world_view(r, table, index);
    word = mmu_mem_read(r->base.stage->mem, addr, mmu_pagings[table->paging].entry_lg == 3);
    word = mmu_entry_mutate(r, &view, level < 0 ? table->level : (unsigned)level, word);
    return mmu_world_write(r, table, index, word);
}

/* Of a stage of some machine. */
static unsigned any_guest_row(mmu_random_t *r)
{
    const mmu_vm_t *vm = &r->vm[mmu_draw(r, r->vms)];
    uint8_t row = mmu_draw(r, 2) == 0 ? vm->gpaging : vm->vpaging;

    return row == MMU_NO_PAGING ? r->paging : row;
}

static uint64_t any_entry(mmu_random_t *r)
{
    unsigned row = r->guests && mmu_chance(r, MMU_W_write_guest, 100) ? any_guest_row(r) : r->paging;
    unsigned level = mmu_draw(r, mmu_pagings[row].levels);
    const mmu_table_t *table = mmu_world_target(r, row, level, mmu_draw(r, 4) == 0);
    const mmu_geography_t *g = &r->world.geography[row];
    uint64_t index = g->index[level][mmu_draw(r, g->indexes[level])];

    return table == NULL ? 0 : table->addr + (index << mmu_pagings[row].entry_lg);
}

/* Of everything, for all who may use the word. */
static void owe_fences(mmu_random_t *r, uint64_t addr)
{
    unsigned index;
    const mmu_table_t *table = mmu_world_find(r, addr, &index);

    if (!r->guests || mmu_row_stage(table->paging) == MMU_OF_ONE)
        r->fence_owed = true;
    else if (mmu_row_is_g(table->paging))
        r->fence_owed_g = true;
    /* One fence for each machine: not after every change, or a large L2 would do nothing but scan. */
    if (r->guests && mmu_draw(r, 3) != 0)
        return;
    for (unsigned i = 0; i < r->vms; i++)
        if (r->vm[i].vpaging == table->paging)
            r->fence_owed_vv |= 1u << i;
}

static void write_anything(mmu_random_t *r)
{
    uint64_t addr;

    if (!mmu_chance(r, MMU_W_write_rate, 1000))
        return;
    if (r->read_count > 0 && mmu_chance(r, MMU_W_write_recent, 100))
        addr = r->reads[mmu_draw(r, r->read_count < MMU_READS ? r->read_count : MMU_READS)];
    else
        addr = r->fmt != NULL ? mmu_fmt_any(r) : any_entry(r);
    if (!change_entry(r, addr, -1) || !mmu_chance(r, MMU_W_write_fence, 100))
        return;
    owe_fences(r, addr);
}

/* The walker's compare-and-swap of the next clock meets a word that has just changed. */
static void race(mmu_random_t *r)
{
    if (r->swap_addr != 0 && mmu_chance(r, MMU_W_write_race, 100))
        (void)change_entry(r, r->swap_addr, -1);
}

/* ---- a page that is changed, fenced and touched again ---------------------------------------- */

static void touch_unfenced(mmu_random_t *r)
{
    if (mmu_chance(r, MMU_W_remap_fence, 100))
        return;
    r->remap.active = false;
    for (unsigned p = 0; p < MMU_PORTS; p++)
        mmu_random_touch(r, p, r->remap.ask, r->remap.view);
}

/* The last step of a stage's walk that `at` belongs to is its leaf, or what faulted. */
static bool is_last(const mmu_arch_trail_t *trail, unsigned at)
{
    const mmu_trail_step_t *s = &trail->step[at];

    return s->kind == MMU_STEP_LEAF || s->kind == MMU_STEP_NEED_AD;
}

/* An entry, not the access itself, nor what memory or physical protection has refused. */
static bool was_read(const mmu_trail_step_t *step)
{
    return step->op == MMU_TRAIL_READ && !step->error && !step->denied;
}

/* An entry of either stage: the fence is by the address that its stage translates. */
static void start_guest_remap(mmu_random_t *r, const mmu_good_t *good, const mmu_ctx_t *ctx,
                              const mmu_arch_trail_t *trail)
{
    bool leaf = mmu_chance(r, MMU_W_remap_leaf, 100);
    unsigned at = mmu_draw(r, trail->count);
    const mmu_trail_step_t *step;

    for (unsigned i = 0; i < trail->count; i++, at = (at + 1) % trail->count) {
        step = &trail->step[at];
        if (was_read(step) && is_last(trail, at) == leaf)
            break;
    }
    step = &trail->step[at];
    if (!was_read(step) || !change_entry(r, step->addr, step->level))
        return;
    r->remap = (mmu_remap_t){.active = true,
                             .g = step->stage == 1,
                             .va = step->stage == 1 ? step->gpa : good->va,
                             .ask = good->va,
                             .view = good->view,
                             .asid = ctx->asid,
                             .lg = 12,
                             .leaf = is_last(trail, at),
                             .wait = mmu_draw(r, (uint32_t)mmu_w(r, MMU_W_remap_delay) + 1)};
    touch_unfenced(r);
}

static void start_remap(mmu_random_t *r)
{
    const mmu_random_port_t *port = &r->port[mmu_draw(r, MMU_PORTS)];
    const mmu_good_t *good = &port->good[mmu_draw(r, port->goods < MMU_GOOD ? port->goods : MMU_GOOD)];
    mmu_arch_result_t result;
    mmu_arch_trail_t trail;
    unsigned last, at;
    mmu_ctx_t ctx = r->guests ? mmu_view_ctx(r, good->view) : r->ctx[0];

    if (port->goods == 0 || !mmu_random_look(r, &ctx, good->va, good->prv, good->acc, &result, &trail))
        return;
    if (ctx.v) {
        start_guest_remap(r, good, &ctx, &trail);
        return;
    }
    last = trail.count - 1;
    while (last > 0 && !was_read(&trail.step[last]))
        last--;
    if (!was_read(&trail.step[last]))
        return;
    at = mmu_chance(r, MMU_W_remap_leaf, 100) ? last : mmu_draw(r, last + 1);
    if (!change_entry(r, trail.step[at].addr, trail.step[at].level))
        return;
    r->remap = (mmu_remap_t){.active = true,
                             .va = good->va,
                             .ask = good->va,
                             .view = good->view,
                             .asid = ctx.asid,
                             .lg = result.fault == MMU_FAULT_NONE ? result.lg : 12,
                             .leaf = at == last && trail.step[at].kind != MMU_STEP_FAULT,
                             .wait = mmu_draw(r, (uint32_t)mmu_w(r, MMU_W_remap_delay) + 1)};
    touch_unfenced(r);
}

/* ---- the memory ------------------------------------------------------------------------------ */

void mmu_random_answer(mmu_random_t *r)
{
    const mmu_memport_t *port = &r->base.stage->memport;
    mmu_op_t op = {.kind = MMU_OP_ANSWER};
    uint32_t max = (uint32_t)mmu_w(r, MMU_W_answer_max);

    switch (mmu_draw_share(r, MMU_W_answer_one, 3)) {
    case 1:
        op.u.answer.latency = 2 + mmu_draw(r, 7);
        break;
    case 2:
        op.u.answer.latency = 9 + mmu_draw(r, max - 8);
        break;
    default:
        op.u.answer.latency = 1;
        break;
    }
    op.u.answer.err = mmu_chance(r, MMU_W_answer_error, 1000);
    if (op.u.answer.latency != port->latency_min || op.u.answer.err != (port->error_percent != 0))
        mmu_random_emit(r, &op);
}

static void memory(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    if (out->mreq.valid && in->mreq_ready)
        mmu_random_answer(r);
    /* Ready for a clock at least between two times. */
    if (in->mreq_ready && r->stall == 0 && mmu_chance(r, MMU_W_stall_rate, 1000)) {
        mmu_op_t op = {.kind = MMU_OP_STALL,
                       .u.stall = 1 + mmu_draw(r, (uint32_t)mmu_w(r, MMU_W_stall_length))};
        mmu_random_emit(r, &op);
    }
}

/* ---- reset ----------------------------------------------------------------------------------- */

/* All that is offered, outstanding or owed is forgotten: after it the MMU holds nothing. */
bool mmu_random_reset(mmu_random_t *r)
{
    mmu_op_t op = {.kind = MMU_OP_RESET};

    if (!mmu_rare(r, MMU_W_reset_rate, 100000))
        return false;
    op.u.reset = 1 + mmu_draw(r, (uint32_t)mmu_w(r, MMU_W_reset_length));
    mmu_random_emit(r, &op);
    return true;
}

void mmu_random_system(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    if (r->guests)
        mmu_guest_context(r);
    else if (r->fmt != NULL)
        mmu_fmt_context(r);
    else
        change_context(r);
    if (r->fmt != NULL)
        mmu_fmt_rebind(r);
    else
        mmu_space_rebind(r);
    write_anything(r);
    race(r);
    if (!r->remap.active && !r->draining && mmu_chance(r, MMU_W_remap_rate, 1000))
        start_remap(r);
    memory(r, in, out);
}
