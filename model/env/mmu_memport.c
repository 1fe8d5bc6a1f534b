/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The memory at the walk port. A request acts on memory in the clock of its acceptance; its response waits for
 * its time in a slot per id.
 */
#include "env/mmu_stage.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* Streams of random numbers of one seed. */
#define STREAM_MEMORY 1

void mmu_memport_init(mmu_memport_t *port, mmu_mem_t *mem, const mmu_env_options_t *opt)
{
    memset(port, 0, sizeof *port);
    port->mem = mem;
    port->latency_min = opt->mem_latency_min;
    port->latency_max = opt->mem_latency_max;
    port->stall_percent = opt->mem_stall_percent;
    mmu_rng_seed(&port->rng, opt->seed, STREAM_MEMORY);
}

static bool protocol_is_kept(mmu_stage_t *stage, const mmu_mreq_t *req)
{
    const mmu_memport_t *port = &stage->memport;
    unsigned align = req->wide ? 8 : 4;

    if (req->id >> MMU_SLOT_W != 0) {
        mmu_stage_fail(stage, MMU_ENV_BAD_PROTOCOL, "walk port: id %u, expected 0 to %u", req->id,
                       (1u << MMU_SLOT_W) - 1);
        return false;
    }
    if ((port->busy >> req->id & 1u) != 0) {
        mmu_stage_fail(stage, MMU_ENV_BAD_PROTOCOL,
                       "walk port: a request at 0x%" PRIx64 " with id %u, whose request at 0x%" PRIx64
                       " has no response yet",
                       req->addr, req->id, port->slot[req->id].addr);
        return false;
    }
    if ((req->addr & (align - 1)) != 0) {
        mmu_stage_fail(stage, MMU_ENV_BAD_PROTOCOL,
                       "walk port: the address 0x%" PRIx64 " is not a multiple of the word's %u bytes",
                       req->addr, align);
        return false;
    }
    if (req->op != MMU_MEM_READ && req->op != MMU_MEM_CAS) {
        mmu_stage_fail(stage, MMU_ENV_BAD_PROTOCOL, "walk port: operation %u, expected 0 (read) or 1 (swap)",
                       req->op);
        return false;
    }
    return true;
}

static void take(mmu_stage_t *stage, const mmu_mreq_t *req)
{
    mmu_memport_t *port = &stage->memport;
    mmu_env_stats_t *stats = &stage->stats;
    mmu_memport_slot_t *slot = &port->slot[req->id & ((1u << MMU_SLOT_W) - 1)];
    uint32_t spread = port->latency_max - port->latency_min;
    uint32_t latency = port->latency_min + (spread == 0 ? 0 : mmu_rng_below(&port->rng, spread + 1));

    if (!protocol_is_kept(stage, req))
        return;
    slot->addr = req->addr;
    slot->data = 0;
    slot->due = stage->clock + latency;
    slot->seq = port->seq++;
    slot->err = !mmu_mem_is_ram(port->mem, req->addr, req->wide ? 8 : 4) ||
                mmu_rng_percent(&port->rng, port->error_percent);
    if (req->op == MMU_MEM_READ)
        stats->mem_reads++;
    else
        stats->mem_cas++;
    if (slot->err) {
        stats->mem_errors++;
    } else if (req->op == MMU_MEM_READ) {
        slot->data = mmu_mem_read(port->mem, req->addr, req->wide);
    } else {
        slot->data = mmu_mem_cas(port->mem, req->addr, req->wide, req->old_word, req->new_word);
        if (slot->data != (req->wide ? req->old_word : req->old_word & UINT32_MAX))
            stats->mem_cas_failed++;
    }
    port->busy |= 1u << req->id;
}

/* Of the responses whose time has come, the one that has waited longest. */
static int choose(const mmu_memport_t *port, uint64_t clock)
{
    int best = -1;

    for (uint32_t left = port->busy; left != 0; left &= left - 1) {
        int id = __builtin_ctz(left);
        const mmu_memport_slot_t *slot = &port->slot[id];
        if (slot->due > clock)
            continue;
        if (best < 0 || slot->due < port->slot[best].due ||
            (slot->due == port->slot[best].due && slot->seq < port->slot[best].seq))
            best = id;
    }
    return best;
}

/* What the MMU sees in the clock after `clock`. */
static void respond(mmu_memport_t *port, uint64_t clock, mmu_in_t *next)
{
    next->mrsp = (mmu_mrsp_t){0};
    if (port->busy != 0) {
        int id = choose(port, clock + 1);
        if (id >= 0) {
            next->mrsp.valid = true;
            next->mrsp.id = (uint8_t)id;
            next->mrsp.data = port->slot[id].data;
            next->mrsp.err = port->slot[id].err;
            port->busy &= ~(1u << id);
        }
    }
    next->mreq_ready = !mmu_rng_percent(&port->rng, port->stall_percent);
}

void mmu_memport_step(mmu_stage_t *stage, const mmu_in_t *in, const mmu_out_t *out, mmu_in_t *next)
{
    if (out->mreq.valid && in->mreq_ready)
        take(stage, &out->mreq);
    respond(&stage->memport, stage->clock, next);
}

uint64_t mmu_memport_due(const mmu_memport_t *port)
{
    uint64_t due = UINT64_MAX;

    for (uint32_t left = port->busy; left != 0; left &= left - 1) {
        const mmu_memport_slot_t *slot = &port->slot[__builtin_ctz(left)];
        due = slot->due < due ? slot->due : due;
    }
    return due;
}

void mmu_memport_skip(mmu_stage_t *stage, uint64_t clocks, mmu_in_t *next)
{
    mmu_memport_t *port = &stage->memport;

    assert(clocks > 0 && mmu_memport_due(port) >= stage->clock + 1);
    if (port->stall_percent != 0)
        mmu_rng_skip(&port->rng, clocks - 1);
    respond(port, stage->clock, next);
}
