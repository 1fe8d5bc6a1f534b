/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The pieces of a report (JDG-15): requests and their contexts, answers, fences, words.
 */
#include "judge/judge.h"

#include <inttypes.h>

/* ---- names ------------------------------------------------------------------------------------------------ */

static const char *acc_name(uint8_t acc)
{
    return acc == MMU_ACC_FETCH    ? "fetch"
           : acc == MMU_ACC_LOAD   ? "load"
           : acc == MMU_ACC_STORE  ? "store"
           : acc == MMU_ACC_LOAD_X ? "load of code (HLVX)"
           : acc == MMU_ACC_APPEND ? "append"
                                   : "access";
}

static const char *prv_name(const mmu_rq_t *rq)
{
    if (rq->ctx.v)
        return rq->prv == MMU_PRIV_U ? "VU" : "VS";
    return rq->prv == MMU_PRIV_U ? "U" : rq->prv == MMU_PRIV_S ? "S" : "M";
}

static const char *mode_name(uint8_t mode)
{
    return mode == MMU_MODE_BARE   ? "Bare"
           : mode == MMU_MODE_SV32 ? "Sv32"
           : mode == MMU_MODE_SV39 ? "Sv39"
           : mode == MMU_MODE_SV48 ? "Sv48"
           : mode == MMU_MODE_SV57 ? "Sv57"
                                   : "an unknown mode";
}

const char *mmu_text_port(unsigned port)
{
    return port == MMU_PORT_I ? "instruction" : "data";
}

/* ---- requests and answers ---------------------------------------------------------------------------------- */

void mmu_text_request(char *text, size_t n, const mmu_request_t *r)
{
    snprintf(text, n, "%s of %u byte%s at 0x%" PRIx64 " from %s", acc_name(r->rq.acc), 1u << r->rq.size,
             r->rq.size == 0 ? "" : "s", r->rq.va, prv_name(&r->rq));
}

void mmu_text_answer(char *text, size_t n, const mmu_rsp_t *rsp)
{
    static const char *const by[4] = {"of the access itself", "of the read of a first-stage entry",
                                      "of the update of a first-stage entry", "of nothing known"};

    if (rsp->fault && (rsp->gpa != 0 || rsp->imp != 0 || (rsp->cause >= 20 && rsp->cause <= 23)))
        snprintf(text, n,
                 "a fault, cause %u, tval 0x%" PRIx64 ", guest physical address 0x%" PRIx64 " %s (imp %u)",
                 rsp->cause, rsp->tval, rsp->gpa, by[rsp->imp & 3u], rsp->imp);
    else if (rsp->fault)
        snprintf(text, n, "a fault, cause %u, tval 0x%" PRIx64, rsp->cause, rsp->tval);
    else if (rsp->lg == 0)
        snprintf(text, n, "PA 0x%" PRIx64 ", no page, memory type %u", rsp->pa, rsp->mt);
    else
        snprintf(text, n, "PA 0x%" PRIx64 ", page of 2^%u bytes, memory type %u", rsp->pa, rsp->lg, rsp->mt);
}

/* Numbers as they stand: which of them the format reads, its rules tell. */
static void tell_other(FILE *f, const mmu_request_t *r)
{
    static const char *const x86[] = {"no paging", "2-level", "PAE", "4-level", "5-level"};
    const mmu_ctx_t *c = &r->rq.ctx;
    const mmu_slow_t *s = &r->slow;

    if (s->format == MMU_FORMAT_X86)
        fprintf(f,
                "  x86 %s, PCID %u, root at 0x%" PRIx64 ", WP %d, SMEP %d, SMAP %d, AC %d; PSE %d, PGE %d, "
                "NXE %d, MAXPHYADDR %u, A of pointers always: %d",
                c->mode < 5 ? x86[c->mode] : "of an unknown mode", c->asid,
                c->root << 12 | (c->aux & 127u) << 5, c->flags & 1u, c->flags >> 1 & 1u, c->flags >> 2 & 1u,
                c->flags >> 3 & 1u, s->pse, s->pge, s->nxe, s->maxpa, s->afault);
    else
        fprintf(f,
                "  %s, mode %u, ASID %u, root 0x%" PRIx64 ", aux 0x%" PRIx64
                "; pages of 2^%u bytes, table of 2^%u rows, linear %d, ADUE %d",
                mmu_format(s->format)->name, c->mode, c->asid, c->root, c->aux, s->plg, s->rows_lg, s->linear,
                s->adue);
    fprintf(f, "; accepted in clock %" PRIu64 "\n", r->clock);
}

void mmu_tell_context(FILE *f, const mmu_request_t *r)
{
    const mmu_ctx_t *c = &r->rq.ctx;

    if (judge_other(&r->slow)) {
        tell_other(f, r);
        return;
    }
    fprintf(f, "  %s, ASID %u, root at 0x%" PRIx64 ", SUM %d, MXR %d", mode_name(c->mode), c->asid,
            c->root << 12, c->sum, c->mxr);
    if (c->v && c->gmode == MMU_MODE_BARE)
        fprintf(f, "; VMID %u, no G stage", c->vmid);
    else if (c->v)
        fprintf(f, "; VMID %u, G stage %sx4, root at 0x%" PRIx64 ", MXR %d", c->vmid, mode_name(c->gmode),
                c->groot << 12, c->gmxr);
    fprintf(f, "; ADUE %d, PBMTE %d, Svnapot %d", r->slow.adue, r->slow.pbmte, r->slow.svnapot);
    if (c->v)
        fprintf(f, ", VS ADUE %d, VS PBMTE %d", r->slow.hadue, r->slow.hpbmte);
    fprintf(f, "; accepted in clock %" PRIu64 "\n", r->clock);
}

/* ---- fences ------------------------------------------------------------------------------------------------ */

void mmu_tell_fence(FILE *f, const mmu_covering_t *fence)
{
    const char *comma = "";

    fprintf(f, "clock %" PRIu64 ": ", fence->stamp - 1);
    if (fence->kind == MMU_FENCE_INVAL_IR) {
        fprintf(f, "SFENCE.INVAL.IR");
        return;
    }
    if (fence->kind == MMU_FENCE_VV)
        fprintf(f, "first stage of VMID %u: ", fence->vmid);
    else if (fence->kind == MMU_FENCE_G && fence->vmid_en)
        fprintf(f, "G stage of VMID %u: ", fence->vmid);
    else if (fence->kind == MMU_FENCE_G)
        fprintf(f, "G stage: ");
    else if (fence->kind == JUDGE_FENCE_RESET)
        fprintf(f, "reset, ");
    if (fence->va_en) {
        fprintf(f, "%saddress 0x%" PRIx64, fence->kind == MMU_FENCE_G ? "guest physical " : "", fence->va);
        comma = ", ";
    }
    if (fence->asid_en)
        fprintf(f, "%sASID %u", comma, fence->asid);
    fprintf(f, "%s%s", fence->va_en || fence->asid_en ? "" : "everything",
            fence->keep_g ? " but globals" : "");
}

enum { FENCES_TOLD = 8 };

void mmu_tell_fences(FILE *f, const mmu_judge_t *judge)
{
    const mmu_fences_t *fences = &judge->fences;
    unsigned n = fences->count > FENCES_TOLD ? fences->count - FENCES_TOLD : 0;

    fprintf(f, "  The last fences\n");
    if (fences->count == 0)
        fprintf(f, "    There was none.\n");
    for (; n < fences->count; n++) {
        fprintf(f, "    ");
        mmu_tell_fence(f, &fences->fence[n]);
        fprintf(f, "\n");
    }
}

/* ---- words --------------------------------------------------------------------------------------------------- */

void mmu_tell_version(FILE *f, const mmu_version_t *v)
{
    fprintf(f, "      0x%016" PRIx64, v->word);
    if (v->reads == 0)
        fprintf(f, ", never read");
    else if (v->first == v->last)
        fprintf(f, ", read in clock %" PRIu64, v->last - 1);
    else
        fprintf(f, ", read %" PRIu64 " times in clocks %" PRIu64 " to %" PRIu64, v->reads, v->first - 1,
                v->last - 1);
    if (v->from != 0)
        fprintf(f, "; in memory from clock %" PRIu64, v->from);
    if (v->to != JUDGE_OPEN)
        fprintf(f, "; not in memory from clock %" PRIu64 " on", v->to);
    fprintf(f, "\n");
}

void mmu_tell_word(FILE *f, uint8_t stage, unsigned level, mmu_addr_t at, const mmu_word_t *word)
{
    fprintf(f, "    %slevel %u, %u bytes at 0x%" PRIx64 "\n", stage == 1 ? "G stage, " : "", level,
            at.wide ? 8 : 4, at.addr);
    if (word == NULL) {
        fprintf(f, "      never read\n");
        return;
    }
    for (unsigned n = 0; n < word->count; n++)
        mmu_tell_version(f, &word->version[n]);
    if (word->read_error != 0)
        fprintf(f, "      a read answered with an error%s\n",
                word->read_error == JUDGE_OPEN ? ": no memory" : "");
    if (word->read_error != 0 && word->read_error != JUDGE_OPEN)
        fprintf(f, "        (last in clock %" PRIu64 ")\n", word->read_error - 1);
    if (word->swap_error != 0)
        fprintf(f, "      a compare-and-swap answered with an error, last in clock %" PRIu64 "\n",
                word->swap_error - 1);
    if (word->held_known)
        fprintf(f, "      memory holds 0x%016" PRIx64 " since clock %" PRIu64 "\n", word->held, word->since);
}
