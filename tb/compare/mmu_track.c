/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a mismatch report needs to know of the past. Costs a copy of the clock's words, and little else in a
 * clock in which nothing starts or ends.
 */
#include "compare/mmu_track.h"

#include "lockwalk/mmu_format.h"

#include <string.h>

static void end_request(mmu_track_request_t *request, uint64_t clock)
{
    if (request->busy) {
        request->busy = false;
        request->end = clock;
    }
}

static void end_requests(mmu_track_t *track, unsigned port, uint64_t clock)
{
    for (unsigned id = 0; id < (1u << MMU_ID_W); id++)
        end_request(&track->request[port][id], clock);
}

void mmu_track_reset(mmu_track_t *track, uint64_t clock)
{
    for (unsigned p = 0; p < MMU_PORTS; p++)
        end_requests(track, p, clock);
    for (unsigned w = 0; w < MMU_TRACK_WALKS; w++)
        if (track->walk[w].open) {
            track->walk[w].open = false;
            track->walk[w].end = clock;
        }
}

/* REQ-1, REQ-3, REQ-6. */
static void follow_port(mmu_track_t *track, unsigned p, uint64_t clock, const mmu_in_t *in,
                        const mmu_out_t *out)
{
    const mmu_req_t *req = &in->req[p];

    if (out->rsp[p].valid)
        end_request(&track->request[p][out->rsp[p].id], clock);
    if (in->kill[p]) {
        end_requests(track, p, clock);
    } else if (req->valid && out->req_ready[p]) {
        track->request[p][req->id] = (mmu_track_request_t){
            .used = true,
            .busy = true,
            .clock = clock,
            .rq = {.va = req->va, .ctx = in->ctx[p], .acc = req->acc, .size = req->size, .prv = req->prv}};
    }
}

/* WALK-1: a new walk takes the lowest-numbered idle slot. */
static void open_walk(mmu_track_t *track, uint64_t clock, const mmu_t *model, unsigned walks)
{
    for (unsigned s = 0; s < walks; s++) {
        mmu_track_walk_t *walk;

        if (mmu_peek_walk(model, s).state != 0)
            continue;
        /* A walk that is still open is not overwritten: at most 8 are, in a ring of 32. */
        do {
            track->next_walk = (track->next_walk + 1) % MMU_TRACK_WALKS;
            walk = &track->walk[track->next_walk];
        } while (walk->open);
        walk->used = true;
        walk->open = true;
        walk->slot = (uint8_t)s;
        walk->clock = clock;
        walk->count = 0;
        track->walk_of_slot[s] = (uint8_t)track->next_walk;
        return;
    }
}

/* WALK-14: the guest physical address that a slot's G stage translates. */
static uint64_t guest_address(const mmu_walk_view_t *view)
{
    if (view->what != MMU_G_FINAL)
        return mmu_riscv_addr(&view->rq, view->pos).addr;
    return view->rq.ctx.mode == MMU_MODE_BARE ? view->rq.va : mmu_entry_pa(view->entry, view->rq.va);
}

/* What the walk is for stands in the slot from the clock after its start on. */
static void follow_walks(mmu_track_t *track, uint64_t clock, const mmu_in_t *in, const mmu_out_t *out,
                         const mmu_t *model, unsigned walks)
{
    if (out->mreq.valid && in->mreq_ready) {
        mmu_track_walk_t *walk = &track->walk[track->walk_of_slot[out->mreq.id]];
        mmu_walk_view_t view = mmu_peek_walk(model, out->mreq.id);

        if (walk->count == 0) {
            walk->rq = view.rq;
            walk->port = view.port;
        }
        walk->step[walk->count % MMU_TRACK_STEPS] =
            (mmu_track_step_t){.addr = out->mreq.addr,
                               .old_word = out->mreq.old_word,
                               .new_word = out->mreq.new_word,
                               .taken = clock,
                               .pos = view.gst ? view.gpos : view.pos,
                               .gpa = view.gst ? guest_address(&view) : 0,
                               .gst = view.gst,
                               .what = view.what,
                               .op = out->mreq.op,
                               .wide = out->mreq.wide};
        walk->count++;
    }
    if (in->mrsp.valid && in->mrsp.id < walks) {
        mmu_track_walk_t *walk = &track->walk[track->walk_of_slot[in->mrsp.id]];

        if (walk->count != 0) {
            mmu_track_step_t *step = &walk->step[(walk->count - 1) % MMU_TRACK_STEPS];
            step->done = true;
            step->answered = clock;
            step->word = in->mrsp.data;
            step->err = in->mrsp.err;
        }
    }
    if ((out->events & 1u << MMU_EV_WALK_START) != 0)
        open_walk(track, clock, model, walks);
}

/* WALK-9: the slot of a walk that is done is idle in the next clock. */
static void close_walks(mmu_track_t *track, uint64_t clock, const mmu_t *model, unsigned walks)
{
    for (unsigned s = 0; s < walks; s++) {
        mmu_track_walk_t *walk = &track->walk[track->walk_of_slot[s]];

        if (walk->used && walk->open && walk->slot == s && mmu_peek_walk(model, s).state == 0) {
            walk->open = false;
            walk->end = clock - 1;
        }
    }
}

static void follow_fence(mmu_track_t *track, uint64_t clock, const mmu_in_t *in, const mmu_out_t *out)
{
    if (out->fence_done && track->fences != 0) {
        mmu_track_fence_t *last = &track->fence[(track->fences - 1) % MMU_TRACK_FENCES];
        last->done = true;
        last->done_clock = clock;
    }
    if (in->fence.valid && out->fence_ready) {
        track->fence[track->fences % MMU_TRACK_FENCES] =
            (mmu_track_fence_t){.used = true, .clock = clock, .fence = in->fence};
        track->fences++;
    }
}

void mmu_track_clock(mmu_track_t *track, uint64_t clock, const uint64_t words[MMU_WORDS], const mmu_in_t *in,
                     const mmu_out_t *out, const mmu_t *model, unsigned walks)
{
    const uint32_t walk_ended = 1u << MMU_EV_WALK_LEAF | 1u << MMU_EV_WALK_FAULT;

    memcpy(track->words[clock % MMU_TRACK_CLOCKS], words, MMU_WORDS * sizeof words[0]);
    for (unsigned p = 0; p < MMU_PORTS; p++)
        if (out->rsp[p].valid || in->kill[p] || in->req[p].valid)
            follow_port(track, p, clock, in, out);
    if (track->close_due)
        close_walks(track, clock, model, walks);
    track->close_due = (out->events & walk_ended) != 0;
    if (out->mreq.valid || in->mrsp.valid || (out->events & 1u << MMU_EV_WALK_START) != 0)
        follow_walks(track, clock, in, out, model, walks);
    if (in->fence.valid || out->fence_done)
        follow_fence(track, clock, in, out);
}

const mmu_track_walk_t *mmu_track_find_walk(const mmu_track_t *track, const mmu_rq_t *rq)
{
    const mmu_track_walk_t *found = NULL;
    bool found_same = false;

    for (unsigned n = 0; n < MMU_TRACK_WALKS; n++) {
        const mmu_track_walk_t *walk = &track->walk[n];
        bool same;

        if (!walk->used || walk->count == 0 || (walk->rq.va ^ rq->va) >> 12 != 0)
            continue;
        same = walk->rq.ctx.asid == rq->ctx.asid && walk->rq.ctx.root == rq->ctx.root &&
               walk->rq.ctx.v == rq->ctx.v && walk->rq.ctx.vmid == rq->ctx.vmid;
        if (found == NULL || (same && !found_same) || (same == found_same && walk->clock > found->clock)) {
            found = walk;
            found_same = same;
        }
    }
    return found;
}

const mmu_track_fence_t *mmu_track_last_fence(const mmu_track_t *track)
{
    return track->fences == 0 ? NULL : &track->fence[(track->fences - 1) % MMU_TRACK_FENCES];
}
