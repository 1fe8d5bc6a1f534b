/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What an answer must look like, whatever the page tables say (REQ-8), and what needs no page table (FMT-2,
 * FMT-3). That it comes once, in time and for a request that is there, the books check (mmu_stage.c).
 */
#include "env/random.h"
#include "lockwalk/mmu_format.h"

#include <inttypes.h>
#include <string.h>

static void bad(mmu_stage_t *stage, unsigned port, const mmu_rsp_t *rsp, const char *what, uint64_t is,
                uint64_t expected)
{
    char text[160];

    mmu_stage_request_text(stage, port, rsp->id, text, sizeof text);
    mmu_stage_fail(stage, MMU_ENV_BAD_ANSWER,
                   "the answer's %s is 0x%" PRIx64 ", expected 0x%" PRIx64 " (REQ-8; %s)", what, is, expected,
                   text);
}

/* Only a second stage refuses a guest physical address. */
static bool has_guest_stage(const mmu_env_pending_t *p)
{
    mmu_rq_t rq = {.va = p->req.va, .ctx = p->ctx, .prv = p->req.prv, .acc = p->req.acc};

    return mmu_riscv_two_stage(&rq);
}

static void check_no_guest(mmu_stage_t *stage, unsigned port, const mmu_rsp_t *rsp)
{
    if (rsp->gpa != 0)
        bad(stage, port, rsp, "gpa without a guest-page fault", rsp->gpa, 0);
    if (rsp->imp != 0)
        bad(stage, port, rsp, "imp without a guest-page fault", rsp->imp, 0);
}

/* Is it the number of some fault of the format, but a guest-page fault? */
static bool is_cause(const mmu_rq_t *rq, const mmu_slow_t *slow, uint8_t cause)
{
    static const uint8_t kinds[] = {MMU_FAULT_PAGE, MMU_FAULT_ACCESS, MMU_FAULT_PROT,
                                    MMU_FAULT_RSVD, MMU_FAULT_LIMIT,  MMU_FAULT_TABLE};
    const unsigned count = slow->format == MMU_FORMAT_RISCV ? 2 : slow->format == MMU_FORMAT_X86 ? 5 : 6;

    for (unsigned i = 0; i < count; i++)
        if (mmu_format(slow->format)->cause(kinds[i], rq, slow) == cause)
            return true;
    return false;
}

static void check_fault(mmu_stage_t *stage, unsigned port, const mmu_rsp_t *rsp, const mmu_env_pending_t *p,
                        const mmu_rq_t *rq, const mmu_slow_t *slow, uint8_t wanted)
{
    const mmu_format_t *format = mmu_format(slow->format);
    const bool riscv = slow->format == MMU_FORMAT_RISCV;
    uint8_t page = format->cause(MMU_FAULT_PAGE, rq, slow);
    uint8_t guest = riscv ? mmu_riscv_cause(MMU_FAULT_GUEST, p->req.acc) : 0;

    if (rsp->tval != p->req.va)
        bad(stage, port, rsp, "tval", rsp->tval, p->req.va);
    if (rsp->pa != 0)
        bad(stage, port, rsp, "pa with a fault", rsp->pa, 0);
    if (rsp->lg != 0)
        bad(stage, port, rsp, "lg with a fault", rsp->lg, 0);
    if (rsp->mt != 0)
        bad(stage, port, rsp, "mt with a fault", rsp->mt, 0);
    if (wanted != 0 && rsp->cause != wanted)
        bad(stage, port, rsp, "cause", rsp->cause, wanted);
    if (!is_cause(rq, slow, rsp->cause) && (!riscv || rsp->cause != guest || !has_guest_stage(p)))
        bad(stage, port, rsp, "cause", rsp->cause, page);
    if (!riscv || rsp->cause != guest)
        check_no_guest(stage, port, rsp);
    else if ((rsp->gpa & 3) != 0)
        bad(stage, port, rsp, "gpa", rsp->gpa, rsp->gpa & ~UINT64_C(3));
    else if (rsp->imp > (p->ctx.mode == MMU_MODE_BARE ? 0 : 2))
        bad(stage, port, rsp, "imp", rsp->imp, 0);
}

static void check_pa(mmu_stage_t *stage, unsigned port, const mmu_rsp_t *rsp, const mmu_env_pending_t *p,
                     const mmu_start_t *start, const mmu_slow_t *slow)
{
    const bool bare = start->kind == MMU_START_BARE;
    uint64_t pa = (p->req.va + (bare ? start->base : 0)) & MMU_PA_MASK;
    uint64_t offset;

    if (rsp->cause != 0)
        bad(stage, port, rsp, "cause without a fault", rsp->cause, 0);
    if (rsp->tval != 0)
        bad(stage, port, rsp, "tval without a fault", rsp->tval, 0);
    check_no_guest(stage, port, rsp);
    if (bare && rsp->lg != 0)
        bad(stage, port, rsp, "lg without a page", rsp->lg, 0);
    if (bare && rsp->mt != 0)
        bad(stage, port, rsp, "mt without a page", rsp->mt, 0);
    if (bare && rsp->pa != pa)
        bad(stage, port, rsp, "pa without paging", rsp->pa, pa);
    if (bare)
        return;
    if (rsp->lg < (slow->plg != 0 ? 9 : 12) || rsp->lg > 48) {
        bad(stage, port, rsp, "lg", rsp->lg, slow->plg != 0 ? slow->plg : 12);
        return;
    }
    if (rsp->mt == 3)
        bad(stage, port, rsp, "mt", rsp->mt, 0);
    if (slow->format == MMU_FORMAT_SEGMENT) /* PA is a sum */
        return;
    offset = (UINT64_C(1) << rsp->lg) - 1;
    if (((rsp->pa ^ p->req.va) & offset) != 0)
        bad(stage, port, rsp, "offset in the page", rsp->pa & offset, p->req.va & offset);
}

/* Without translation only physical protection refuses. */
static bool is_protection(const mmu_stage_t *stage, const mmu_rsp_t *rsp, const mmu_rq_t *rq,
                          const mmu_slow_t *slow)
{
    return stage->opt->pmp_entries > 0 &&
           rsp->cause == mmu_format(slow->format)->cause(MMU_FAULT_ACCESS, rq, slow);
}

static void check_answer(mmu_stage_t *stage, unsigned port, const mmu_in_t *in, const mmu_rsp_t *rsp)
{
    const mmu_env_pending_t *p = &stage->pending[port][rsp->id];
    mmu_rq_t rq = {.va = p->req.va, .ctx = p->ctx, .acc = p->req.acc, .size = p->req.size, .prv = p->req.prv};
    mmu_start_t start;

    if (!stage->opt->random.hypervisor) { /* REQ-1 */
        rq.ctx.v = rq.ctx.gmxr = false;
        rq.ctx.gmode = MMU_MODE_BARE;
    }
    start = mmu_format(in->slow.format)->start(&rq, &in->slow);
    if (start.kind == MMU_START_FAULT && !rsp->fault) {
        bad(stage, port, rsp, "fault", 0, 1);
        return;
    }
    if (start.kind == MMU_START_BARE && rsp->fault && !is_protection(stage, rsp, &rq, &in->slow)) {
        bad(stage, port, rsp, "fault", 1, 0);
        return;
    }
    if (rsp->fault)
        check_fault(stage, port, rsp, p, &rq, &in->slow,
                    start.kind == MMU_START_FAULT
                        ? mmu_format(in->slow.format)->cause(start.fault, &rq, &in->slow)
                        : 0);
    else
        check_pa(stage, port, rsp, p, &start, &in->slow);
}

static bool is_quiet(const mmu_rsp_t *rsp)
{
    return rsp->pa == 0 && rsp->tval == 0 && !rsp->fault && rsp->id == 0 && rsp->lg == 0 && rsp->mt == 0 &&
           rsp->cause == 0 && rsp->gpa == 0 && rsp->imp == 0;
}

static bool is_quiet_mreq(const mmu_mreq_t *req)
{
    return req->addr == 0 && req->old_word == 0 && req->new_word == 0 && !req->wide && req->id == 0 &&
           req->op == 0;
}

void mmu_random_check(mmu_stage_t *stage, const mmu_in_t *in, const mmu_out_t *out)
{
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        const mmu_rsp_t *rsp = &out->rsp[port];

        if (rsp->valid)
            check_answer(stage, port, in, rsp);
        else if (!is_quiet(rsp))
            mmu_stage_fail(stage, MMU_ENV_BAD_PROTOCOL,
                           "the %s port's answer is not valid and not all 0 (REQ-8): pa 0x%" PRIx64
                           ", tval 0x%" PRIx64 ", id %u",
                           mmu_port_name(port), rsp->pa, rsp->tval, rsp->id);
    }
    if (!out->mreq.valid && !is_quiet_mreq(&out->mreq))
        mmu_stage_fail(stage, MMU_ENV_BAD_PROTOCOL,
                       "the walk port's request is not valid and not all 0 (REQ-8): address 0x%" PRIx64,
                       out->mreq.addr);
    if (out->mreq.valid && out->mreq.op == MMU_MEM_READ && (out->mreq.old_word | out->mreq.new_word) != 0)
        mmu_stage_fail(stage, MMU_ENV_BAD_PROTOCOL, "the walk port's read at 0x%" PRIx64 " has words (TYP-3)",
                       out->mreq.addr);
}
