/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What waves show of the cycle model: C side of tb/wave/mmu_wave.sv, only in the build that writes waves. While no
 * wave is being written the model is not asked, and everything is 0.
 */
#include MMU_DPI_HEADER

#include "dpi/mmu_session.h"

#include <string.h>

/* The lockstep, where there is one and its clock is written. */
static mmu_lockstep_t *asked(unsigned long long number)
{
    const mmu_session_t *session = (const mmu_session_t *)(uintptr_t)number;
    return session->wave_on ? session->lockstep : NULL;
}

/* The model's outputs in this clock; all 0 where nobody asks. */
static mmu_out_t outputs(unsigned long long number)
{
    const mmu_lockstep_t *ls = asked(number);
    mmu_out_t out;

    if (ls != NULL)
        return *mmu_lockstep_outputs(ls);
    memset(&out, 0, sizeof out);
    return out;
}

void mmu_dpi_wave_clock(unsigned long long number)
{
    mmu_lockstep_t *ls = asked(number);

    if (ls != NULL)
        mmu_lockstep_preview(ls, &((const mmu_session_t *)(uintptr_t)number)->in);
}

void mmu_dpi_wave_rsp(unsigned long long number, unsigned int port, svBit *valid, unsigned char *id,
                      unsigned long long *pa, unsigned char *lg, unsigned char *mt, svBit *fault,
                      unsigned char *cause, unsigned long long *tval, unsigned long long *gpa,
                      unsigned char *imp)
{
    const mmu_rsp_t rsp = outputs(number).rsp[port];

    *valid = rsp.valid;
    *id = rsp.id;
    *pa = rsp.pa;
    *lg = rsp.lg;
    *mt = rsp.mt;
    *fault = rsp.fault;
    *cause = rsp.cause;
    *tval = rsp.tval;
    *gpa = rsp.gpa;
    *imp = rsp.imp;
}

void mmu_dpi_wave_mreq(unsigned long long number, svBit *valid, unsigned char *id, svBit *op, svBit *wide,
                       unsigned long long *addr, unsigned long long *old_word, unsigned long long *new_word)
{
    const mmu_mreq_t mreq = outputs(number).mreq;

    *valid = mreq.valid;
    *id = mreq.id;
    *op = (svBit)mreq.op;
    *wide = mreq.wide;
    *addr = mreq.addr;
    *old_word = mreq.old_word;
    *new_word = mreq.new_word;
}

void mmu_dpi_wave_rest(unsigned long long number, svBit *req_ready_i, svBit *req_ready_d, svBit *fence_ready,
                       svBit *fence_done, svBit *idle, unsigned long long *events)
{
    const mmu_out_t out = outputs(number);

    *req_ready_i = out.req_ready[MMU_PORT_I];
    *req_ready_d = out.req_ready[MMU_PORT_D];
    *fence_ready = out.fence_ready;
    *fence_done = out.fence_done;
    *idle = out.idle;
    *events = out.events;
}

void mmu_dpi_wave_walk(unsigned long long number, unsigned int slot, unsigned char *state, svBit *redo,
                       svBit *nofill, svBit *port, unsigned long long *va, unsigned long long *pos,
                       unsigned char *fault)
{
    const mmu_lockstep_t *ls = asked(number);
    mmu_walk_view_t view;

    memset(&view, 0, sizeof view);
    if (ls != NULL && slot < mmu_lockstep_cfg(ls)->walks)
        view = mmu_peek_walk(mmu_lockstep_model(ls), slot);
    *state = view.state;
    *redo = view.redo;
    *nofill = view.nofill;
    *port = view.port;
    *va = view.rq.va;
    *pos = view.pos;
    *fault = view.fault;
}
