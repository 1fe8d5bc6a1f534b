/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * An illegal answer, read or swap for people: the sentence, and all that it was judged by (JDG-15).
 */
#include "judge/judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void mmu_judge_fail(mmu_judge_t *judge, mmu_judge_fail_e kind, const char *format, ...)
{
    va_list args;

    judge->failure.kind = kind;
    judge->failure.clock = judge->clock;
    va_start(args, format);
    vsnprintf(judge->failure.text, sizeof judge->failure.text, format, args);
    va_end(args);
}

/* ---- names ------------------------------------------------------------------------------------------------ */

static const char *acc_name(uint8_t acc)
{
    return acc == MMU_ACC_FETCH   ? "fetch"
           : acc == MMU_ACC_LOAD  ? "load"
           : acc == MMU_ACC_STORE ? "store"
                                  : "access";
}

static const char *prv_name(uint8_t prv)
{
    return prv == MMU_PRIV_U ? "U" : prv == MMU_PRIV_S ? "S" : "M";
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

static const char *port_name(unsigned port)
{
    return port == MMU_PORT_I ? "instruction" : "data";
}

static void text_of_request(char *text, size_t n, const mmu_request_t *r)
{
    snprintf(text, n, "%s of %u byte%s at 0x%" PRIx64 " from %s", acc_name(r->rq.acc), 1u << r->rq.size,
             r->rq.size == 0 ? "" : "s", r->rq.va, prv_name(r->rq.prv));
}

static void text_of_answer(char *text, size_t n, const mmu_rsp_t *rsp)
{
    if (rsp->fault)
        snprintf(text, n, "a fault, cause %u, tval 0x%" PRIx64, rsp->cause, rsp->tval);
    else if (rsp->lg == 0)
        snprintf(text, n, "PA 0x%" PRIx64 ", no page, memory type %u", rsp->pa, rsp->mt);
    else
        snprintf(text, n, "PA 0x%" PRIx64 ", page of 2^%u bytes, memory type %u", rsp->pa, rsp->lg, rsp->mt);
}

static void tell_context(FILE *f, const mmu_request_t *r)
{
    fprintf(f,
            "  %s, ASID %u, root at 0x%" PRIx64
            ", SUM %d, MXR %d; ADUE %d, PBMTE %d, Svnapot %d; accepted in "
            "clock %" PRIu64 "\n",
            mode_name(r->rq.ctx.mode), r->rq.ctx.asid, r->rq.ctx.root << 12, r->rq.ctx.sum, r->rq.ctx.mxr,
            r->slow.adue, r->slow.pbmte, r->slow.svnapot, r->clock);
}

static void tell_fence(FILE *f, const mmu_covering_t *fence)
{
    fprintf(f, "clock %" PRIu64 ": ", fence->stamp - 1);
    if (fence->va_en)
        fprintf(f, "address 0x%" PRIx64, fence->va);
    if (fence->asid_en)
        fprintf(f, "%sASID %u", fence->va_en ? ", " : "", fence->asid);
    fprintf(f, "%s", fence->va_en || fence->asid_en ? "" : "everything");
}

/* ---- words ---------------------------------------------------------------------------------------------------- */

enum { MOST_TOLD = 64 };

typedef struct {
    FILE *f;
    const mmu_word_t *told[MOST_TOLD];
    unsigned words;
    unsigned ends;
    const mmu_request_t *request;
    const mmu_rsp_t *rsp;
    bool stale; /* some walk gives the answer, but of words before a fence */
    const mmu_covering_t *because;
    mmu_stamp_t reach; /* of the word that is too old */
} teller_t;

static void tell_version(FILE *f, const mmu_version_t *v)
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

static void tell_word(FILE *f, mmu_addr_t at, unsigned level, const mmu_word_t *word)
{
    fprintf(f, "    level %u, %u bytes at 0x%" PRIx64 "\n", level, at.wide ? 8 : 4, at.addr);
    if (word == NULL) {
        fprintf(f, "      never read\n");
        return;
    }
    for (unsigned n = 0; n < word->count; n++)
        tell_version(f, &word->version[n]);
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

static bool tell_position(mmu_explore_t *x, mmu_pos_t pos, mmu_addr_t at)
{
    teller_t *t = x->user;
    const mmu_word_t *word = mmu_words_find(x->judge, at.addr, at.wide);

    for (unsigned n = 0; n < t->words; n++)
        if (t->told[n] == word)
            return false;
    if (t->words == MOST_TOLD)
        return false;
    if (word != NULL)
        t->told[t->words++] = word;
    tell_word(t->f, at, mmu_pos_level(pos), word);
    return false;
}

/* ---- choices ---------------------------------------------------------------------------------------------------- */

static mmu_rsp_t answer_of(const mmu_explore_t *x, const mmu_end_t *end, bool *denied)
{
    const mmu_rq_t *rq = &x->rq;

    *denied = end->fault == MMU_FAULT_NONE &&
              !mmu_judge_allows(x->judge, mmu_entry_pa(end->entry, rq->va), rq->acc, rq->size, rq->prv);
    if (*denied)
        return (mmu_rsp_t){
            .fault = true, .cause = mmu_riscv_cause(MMU_FAULT_ACCESS, rq->acc), .tval = rq->va};
    if (end->fault != MMU_FAULT_NONE)
        return (mmu_rsp_t){.fault = true, .cause = mmu_riscv_cause(end->fault, x->rq.acc), .tval = x->rq.va};
    return (mmu_rsp_t){.pa = mmu_entry_pa(end->entry, x->rq.va),
                       .lg = mmu_entry_lg(end->entry),
                       .mt = mmu_entry_mt(end->entry)};
}

static bool same_answer(const mmu_rsp_t *a, const mmu_rsp_t *b)
{
    return a->fault == b->fault && a->pa == b->pa && a->lg == b->lg && a->mt == b->mt &&
           a->cause == b->cause && a->tval == b->tval;
}

/* The word of this walk that a fence forbids, if any; the last one before the others. */
static const mmu_covering_t *forbidding(const mmu_explore_t *x, const mmu_end_t *end, unsigned *link)
{
    for (unsigned n = x->links; n-- > 0;) {
        mmu_use_t use = mmu_explore_use(x, n, end);
        const mmu_covering_t *fence = mmu_fences_cover(x->judge, x->accepted, &use);
        if (fence != NULL && x->link[n].reach <= fence->stamp) {
            *link = n;
            return fence;
        }
    }
    return NULL;
}

static bool tell_end(mmu_explore_t *x, const mmu_end_t *end)
{
    teller_t *t = x->user;
    bool denied;
    mmu_rsp_t rsp = answer_of(x, end, &denied);
    unsigned link = 0;
    const mmu_covering_t *fence = forbidding(x, end, &link);
    char text[128];

    fprintf(t->f, "    %u.", ++t->ends);
    for (unsigned n = 0; n < x->links; n++)
        if (x->link[n].version == NULL)
            fprintf(t->f, x->link[n].reach == JUDGE_OPEN ? " denied" : " error");
        else
            fprintf(t->f, " 0x%" PRIx64, x->link[n].version->word);
    text_of_answer(text, sizeof text, &rsp);
    fprintf(t->f, "\n       -> %s%s", text, end->global ? ", global" : "");
    if (x->link[x->links - 1].version != NULL && end->fault != MMU_FAULT_NONE) {
        const mmu_link_t *last = &x->link[x->links - 1];
        mmu_step_t step = mmu_riscv_step(&x->rq, &x->slow, last->pos, last->version->word);
        fprintf(t->f, ": %s", mmu_rule_text(step.rule));
    }
    if (denied)
        fprintf(t->f, ": physical protection denies PA 0x%" PRIx64, mmu_entry_pa(end->entry, x->rq.va));
    fprintf(t->f, "\n");
    if (fence != NULL) {
        fprintf(t->f,
                "       may not be used: the word at 0x%" PRIx64 " was last read in clock %" PRIu64
                ", before the fence of ",
                x->link[link].addr, x->link[link].reach - 1);
        tell_fence(t->f, fence);
        fprintf(t->f, "\n");
        if (!t->stale && same_answer(&rsp, t->rsp)) {
            t->stale = true;
            t->because = fence;
            t->reach = x->link[link].reach;
        }
    }
    return false;
}

/* ---- fences -------------------------------------------------------------------------------------------------------- */

enum { FENCES_TOLD = 8 };

static void tell_fences(FILE *f, const mmu_judge_t *judge)
{
    const mmu_fences_t *fences = &judge->fences;
    unsigned n = fences->count > FENCES_TOLD ? fences->count - FENCES_TOLD : 0;

    fprintf(f, "  The last fences\n");
    if (fences->count == 0)
        fprintf(f, "    There was none.\n");
    for (; n < fences->count; n++) {
        fprintf(f, "    ");
        tell_fence(f, &fences->fence[n]);
        fprintf(f, "\n");
    }
}

/* ---- an answer ------------------------------------------------------------------------------------------------------- */

static FILE *open_details(mmu_judge_t *judge, size_t *size)
{
    FILE *f;

    free(judge->details);
    judge->details = NULL;
    f = open_memstream(&judge->details, size);
    if (f == NULL)
        abort();
    return f;
}

static void close_details(mmu_judge_t *judge, FILE *f)
{
    fclose(f);
    judge->failure.details = judge->details;
}

static void tell_start(FILE *f, const mmu_request_t *r)
{
    mmu_start_t start = mmu_riscv_start(&r->rq, &r->slow);

    if (start.kind == MMU_START_BARE)
        fprintf(f, "  No translation: the PA is the address.\n");
    else
        fprintf(f, "  No walk: a %s fault, cause %u, from the address alone.\n",
                start.fault == MMU_FAULT_PAGE ? "page" : "access", mmu_riscv_cause(start.fault, r->rq.acc));
}

/* All words and all choices, those before a fence as well. */
static void tell_walks(mmu_judge_t *judge, teller_t *t)
{
    mmu_explore_t x;

    mmu_explore_init(&x, judge, t->request);
    x.floor = 0;
    x.user = t;
    fprintf(t->f, "  The words of its walk, each value that the walk port has returned\n");
    x.position = tell_position;
    (void)mmu_explore_run(&x);
    fprintf(t->f, "  What the architectural model gives for each choice of them\n");
    x.position = NULL;
    x.end = tell_end;
    x.unsure = false;
    (void)mmu_explore_run(&x);
    if (t->ends == 0)
        fprintf(t->f, "    nothing: no walk comes to an end with words that were read\n");
    if (x.over)
        fprintf(t->f, "    and more than %d choices\n", JUDGE_CHOICES);
}

void mmu_judge_tell_answer(mmu_judge_t *judge, unsigned port, unsigned id, const mmu_rsp_t *rsp)
{
    const mmu_request_t *r = &judge->request[port][id];
    teller_t t = {.request = r, .rsp = rsp};
    char request[128], answer[128], why[160];
    size_t size = 0;

    text_of_request(request, sizeof request, r);
    text_of_answer(answer, sizeof answer, rsp);
    t.f = open_details(judge, &size);
    fprintf(t.f, "  %s port, id %u: %s\n", port_name(port), id, request);
    tell_context(t.f, r);
    fprintf(t.f, "  The answer, in clock %" PRIu64 ": %s\n", judge->clock, answer);
    if (mmu_riscv_start(&r->rq, &r->slow).kind != MMU_START_WALK)
        tell_start(t.f, r);
    else
        tell_walks(judge, &t);
    tell_fences(t.f, judge);
    close_details(judge, t.f);
    snprintf(why, sizeof why, "no choice of the table words that it has read gives this");
    if (t.stale)
        snprintf(why, sizeof why,
                 "this was right before the fence of clock %" PRIu64
                 ": a word of it was last read in clock %" PRIu64,
                 t.because->stamp - 1, t.reach - 1);
    mmu_judge_fail(judge, MMU_JUDGE_ANSWER,
                   "an illegal answer at the %s port, id %u: %s, accepted in clock %" PRIu64
                   ", was answered with %s; %s",
                   port_name(port), id, request, r->clock, answer, why);
}

/* ---- the walk port ---------------------------------------------------------------------------------------------------- */

static void tell_request(FILE *f, const char *what, const mmu_request_t *r)
{
    char text[128];

    text_of_request(text, sizeof text, r);
    fprintf(f, "    %s: %s\n    ", what, text);
    tell_context(f, r);
}

static void tell_slot(FILE *f, const mmu_slot_t *slot)
{
    static const char *const next[] = {"its walk has ended", "its next read is at",
                                       "its swap is due: new word"};

    for (unsigned i = 0; i < slot->count; i++) {
        const mmu_candidate_t *c = &slot->candidate[i];

        tell_request(f, "this slot walked for", &c->request);
        fprintf(f, "      %s", next[c->next]);
        if (c->next == JUDGE_NEXT_READ)
            fprintf(f, " 0x%" PRIx64, mmu_riscv_addr(&c->request.rq, c->pos).addr);
        if (c->next == JUDGE_NEXT_SWAP)
            fprintf(f, " 0x%" PRIx64 " for 0x%" PRIx64 " at 0x%" PRIx64, c->new_word, slot->word, slot->addr);
        fprintf(f, "\n");
    }
}

void mmu_judge_tell_walk(mmu_judge_t *judge, const mmu_mreq_t *mreq)
{
    const mmu_slot_t *slot = &judge->slot[mreq->id & (JUDGE_SLOTS - 1)];
    size_t size = 0;
    FILE *f = open_details(judge, &size);

    tell_slot(f, slot);
    for (unsigned port = 0; port < MMU_PORTS; port++)
        for (uint32_t left = judge->outstanding[port]; left != 0; left &= left - 1)
            tell_request(f, "outstanding", &judge->request[port][__builtin_ctz(left)]);
    for (unsigned i = 0; i < judge->ghosts; i++)
        tell_request(f, "killed", &judge->ghost[i].request);
    tell_fences(f, judge);
    close_details(judge, f);
    if (!mmu_judge_allows_walk(judge, mreq->addr, mreq->wide, mreq->op == MMU_MEM_CAS))
        mmu_judge_fail(judge, mreq->op == MMU_MEM_CAS ? MMU_JUDGE_SWAP : MMU_JUDGE_READ,
                       "a forbidden access of a walk: the walk port, slot %u, %s 0x%" PRIx64
                       ", which physical protection denies",
                       mreq->id, mreq->op == MMU_MEM_CAS ? "swaps the word at" : "reads the word at",
                       mreq->addr);
    else if (mreq->op == MMU_MEM_CAS)
        mmu_judge_fail(judge, MMU_JUDGE_SWAP,
                       "an illegal write of accessed and dirty bits: the walk port, slot %u, swaps 0x%" PRIx64
                       " for 0x%" PRIx64 " at 0x%" PRIx64
                       ", which no accepted request demands of the word that it "
                       "has read",
                       mreq->id, mreq->old_word, mreq->new_word, mreq->addr);
    else
        mmu_judge_fail(judge, MMU_JUDGE_READ,
                       "a walk from nowhere: the walk port, slot %u, reads %u bytes at 0x%" PRIx64
                       ", where no accepted request's walk can be",
                       mreq->id, mreq->wide ? 8 : 4, mreq->addr);
}
