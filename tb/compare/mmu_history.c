/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The last clocks before a failure: one line a clock, what happened at each port.
 */
#include "compare/mmu_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CELL 64

static void request_cell(const mmu_in_t *in, const mmu_out_t *out, unsigned p, char cell[CELL])
{
    const mmu_req_t *req = &in->req[p];
    const char *kill = in->kill[p] ? "x" : "";

    if (!req->valid)
        snprintf(cell, CELL, "%s", kill);
    else
        snprintf(cell, CELL, "%s%c%u %c%c %" PRIx64, kill, out->req_ready[p] ? '>' : '?', req->id,
                 "flsxa???"[req->acc & 7u], "US-M"[req->prv & 3u], req -> va);
}

static void answer_cell(const mmu_out_t *out, unsigned p, char cell[CELL])
{
    const mmu_rsp_t *rsp = &out->rsp[p];

    if (!rsp->valid)
        cell[0] = '\0';
    else if (rsp->fault)
        snprintf(cell, CELL, "<%u fault %u", rsp->id, rsp->cause);
    else
        snprintf(cell, CELL, "<%u %" PRIx64 "/%u", rsp->id, rsp->pa, rsp->lg);
}

static void memory_cell(const mmu_in_t *in, const mmu_out_t *out, char cell[CELL])
{
    int n = 0;

    cell[0] = '\0';
    if (out->mreq.valid)
        n = snprintf(cell, CELL, "%c%u%s %" PRIx64 " ", out->mreq.op == MMU_MEM_READ ? 'R' : 'C',
                     out->mreq.id, in->mreq_ready ? "" : "?", out->mreq.addr);
    if (in->mrsp.valid)
        snprintf(cell + n, (size_t)(CELL - n), "=%u %s%" PRIx64, in->mrsp.id, in->mrsp.err ? "error " : "",
                 in->mrsp.data);
}

static void fence_cell(const mmu_in_t *in, const mmu_out_t *out, char cell[CELL])
{
    static const char *const kinds[8] = {"s", "vv", "g", "w.inval", "inval.ir", "x", "?", "?"};
    int n = 0;

    cell[0] = '\0';
    if (in->fence.valid) {
        n = snprintf(cell, CELL, "%s%s %s", out->fence_ready ? "F" : "F?", in->fence.posted ? "p" : "",
                     kinds[in->fence.kind & 7u]);
        if (in->fence.va_en)
            n += snprintf(cell + n, (size_t)(CELL - n), " va %" PRIx64, in->fence.va);
        if (in->fence.asid_en)
            n += snprintf(cell + n, (size_t)(CELL - n), " asid %u", in->fence.asid);
        if (in->fence.kind == MMU_FENCE_VV || (in->fence.kind == MMU_FENCE_G && in->fence.vmid_en))
            n += snprintf(cell + n, (size_t)(CELL - n), " vmid %u", in->fence.vmid);
        if (in->fence.kind == MMU_FENCE_X && in->fence.keep_g)
            n += snprintf(cell + n, (size_t)(CELL - n), " but global");
        if ((in->fence.kind <= MMU_FENCE_G || in->fence.kind == MMU_FENCE_X) && !in->fence.va_en &&
            !in->fence.asid_en && !in->fence.vmid_en)
            n += snprintf(cell + n, (size_t)(CELL - n), " all");
    }
    if (out->fence_done)
        snprintf(cell + n, (size_t)(CELL - n), "%sdone", n != 0 ? " " : "");
}

static void print_clock(FILE *to, const char *mark, uint64_t clock, const uint64_t *words, const char *note)
{
    mmu_in_t in = {0};
    mmu_out_t out;
    char request[MMU_PORTS][CELL], answer[MMU_PORTS][CELL], memory[CELL], fence[CELL];
    char *line = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&line, &size);

    if (f == NULL)
        abort();
    mmu_words_unpack_in(words, &in);
    mmu_words_unpack_out(words, &out);
    for (unsigned p = 0; p < MMU_PORTS; p++) {
        request_cell(&in, &out, p, request[p]);
        answer_cell(&out, p, answer[p]);
    }
    memory_cell(&in, &out, memory);
    fence_cell(&in, &out, fence);
    fprintf(f, "  %10" PRIu64 " %-5s %-19s %-16s %-19s %-16s %-34s %s", clock, mark, request[0], answer[0],
            request[1], answer[1], memory, fence);
    if (note[0] != '\0')
        fprintf(f, " %s", note);
    fclose(f);
    while (size != 0 && line[size - 1] == ' ')
        line[--size] = '\0';
    fprintf(to, "%s\n", line);
    free(line);
}

void mmu_print_history(const mmu_run_t *run, const mmu_facts_t *facts, FILE *to)
{
    const mmu_track_t *track = mmu_lockstep_track(run->lockstep);
    const mmu_mismatch_t *mm = mmu_lockstep_mismatch(run->lockstep);

    fprintf(to,
            "The last clocks, as RTL's ports had them\n"
            "  > accepted, ? offered and not taken: id, fetch load store, User Supervisor Machine, address;\n"
            "  < answered: id, PA/log2 of the page size, or the fault's cause; x killed; at the walk port R "
            "read and\n"
            "  C compare-and-swap with slot and address, = the response with its word; F a fence\n"
            "  (s SFENCE.VMA, vv HFENCE.VVMA, g HFENCE.GVMA, x INVLPG and INVPCID; p posted)\n");
    fprintf(to, "  %10s %-5s %-19s %-16s %-19s %-16s %-34s %s\n", "clock", "", "instruction", "", "data", "",
            "walk port", "fence");
    for (uint64_t clock = facts->first_clock; clock <= facts->clock; clock++) {
        bool last = clock == facts->clock;

        if (last && mm->kind == MMU_DIFF_OUTPUT) {
            char note[64];
            snprintf(note, sizeof note, "<- %s", mmu_fields[mm->field].name);
            print_clock(to, "RTL", clock, mm->words, note);
            print_clock(to, "model", clock, mm->model, note);
        } else {
            print_clock(to, last ? "->" : "", clock, track->words[clock % MMU_TRACK_CLOCKS], "");
        }
    }
}
