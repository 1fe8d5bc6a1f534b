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

/* ---- words ---------------------------------------------------------------------------------------------------- */

enum { MOST_TOLD = 64 };

typedef struct {
    FILE *f;
    uint64_t told[MOST_TOLD];
    unsigned words;
    unsigned ends;
    const mmu_request_t *request;
    const mmu_rsp_t *rsp;
    bool stale; /* some walk gives the answer, but of words before a fence */
    const mmu_covering_t *because;
    mmu_stamp_t reach; /* of the word that is too old */
} teller_t;

static void tell_look(mmu_explore_t *x, uint8_t stage, unsigned level, mmu_addr_t at)
{
    teller_t *t = x->user;
    const mmu_word_t *word = mmu_words_find(x->judge, at.addr, at.wide);

    for (unsigned n = 0; n < t->words; n++)
        if (t->told[n] == at.addr)
            return;
    if (t->words == MOST_TOLD)
        return;
    t->told[t->words++] = at.addr;
    mmu_tell_word(t->f, stage, level, at, word);
}

/* ---- choices ---------------------------------------------------------------------------------------------------- */

static mmu_rsp_t answer_of(const mmu_explore_t *x, const mmu_end_t *end, bool *denied)
{
    const mmu_rq_t *rq = &x->rq;

    *denied = end->fault == MMU_FAULT_NONE && !mmu_judge_allows(x->judge, judge_pa(rq, &x->slow, end->entry),
                                                                judge_acc(rq->acc), rq->size, rq->prv);
    if (*denied)
        return (mmu_rsp_t){
            .fault = true, .cause = judge_cause(MMU_FAULT_ACCESS, rq, &x->slow), .tval = rq->va};
    if (end->fault != MMU_FAULT_NONE)
        return (mmu_rsp_t){.fault = true,
                           .cause = judge_cause(end->fault, rq, &x->slow),
                           .tval = x->rq.va,
                           .gpa = end->gpa & ~UINT64_C(3),
                           .imp = end->imp};
    return (mmu_rsp_t){.pa = judge_pa(rq, &x->slow, end->entry),
                       .lg = mmu_entry_lg(end->entry),
                       .mt = mmu_entry_mt(end->entry)};
}

static bool same_answer(const mmu_rsp_t *a, const mmu_rsp_t *b)
{
    return a->fault == b->fault && a->pa == b->pa && a->lg == b->lg && a->mt == b->mt &&
           a->cause == b->cause && a->tval == b->tval && a->gpa == b->gpa && a->imp == b->imp;
}

/* Why a walk may not be used. */
typedef struct {
    const mmu_covering_t *fence; /* NULL: it may */
    uint64_t addr;
    mmu_stamp_t reach;
} stale_t;

static bool is_ended(const mmu_g_result_t *r, stale_t *s)
{
    if (r == NULL || r->expiry == JUDGE_OPEN)
        return false;
    *s = (stale_t){r->ended, r->addr, r->reach};
    return true;
}

/* The word of this walk that a fence forbids, if any; the last one before the others. */
static stale_t forbidding(const mmu_explore_t *x, const mmu_end_t *end)
{
    stale_t s = {0};

    if (judge_other(&x->slow)) {
        unsigned link;
        const mmu_covering_t *forbids = mmu_kept_forbids(x, end, &link);
        return forbids == NULL ? s : (stale_t){forbids, x->link[link].addr, x->link[link].reach};
    }
    if (is_ended(end->through, &s))
        return s;
    for (unsigned n = x->links; n-- > 0;) {
        const mmu_link_t *link = &x->link[n];
        mmu_use_t use = mmu_explore_use(x, n, end);
        const mmu_covering_t *fence = mmu_fences_cover(x->judge, x->accepted, &use);

        if (fence != NULL && link->reach <= fence->stamp)
            return (stale_t){fence, link->addr, link->reach};
        /* JDG-20: after the fence it was read where it does not stand any more. */
        if (link->version != NULL && link->through != NULL &&
            mmu_version_begin(x->judge, link->version) > link->through->expiry && is_ended(link->through, &s))
            return s;
    }
    return s;
}

static void tell_chain(FILE *f, const mmu_explore_t *x, const mmu_end_t *end)
{
    for (unsigned n = 0; n < x->links; n++) {
        const mmu_link_t *link = &x->link[n];

        if (link->through != NULL && link->through->fault == MMU_FAULT_NONE)
            fprintf(f, " [G 0x%" PRIx64 "]", link->through->word);
        if (link->version != NULL)
            fprintf(f, " 0x%" PRIx64, link->version->word);
        else if (link->through == NULL || link->through->fault == MMU_FAULT_NONE)
            fprintf(f, link->reach == JUDGE_OPEN ? " denied" : " error");
    }
    if (end->through != NULL && end->through->denied)
        fprintf(f, " [G denied]");
    else if (end->through != NULL && end->through->fault == MMU_FAULT_ACCESS)
        fprintf(f, " [G error]");
    else if (end->through != NULL && end->through->rule != MMU_RULES)
        fprintf(f, " [G 0x%" PRIx64 "]", end->through->word);
}

/* Which rule made the fault. */
static void tell_rule(FILE *f, const mmu_explore_t *x, const mmu_end_t *end)
{
    const mmu_link_t *last = x->links == 0 ? NULL : &x->link[x->links - 1];

    if (end->fault == MMU_FAULT_GUEST)
        fprintf(f, ": G stage, %s",
                end->through->rule == MMU_RULES ? "the guest physical address is wider than its mode's"
                                                : mmu_rule_text(end->through->rule));
    else if (end->fault != MMU_FAULT_NONE && end->through == NULL && last != NULL && last->version != NULL)
        fprintf(f, ": %s", mmu_rule_text(judge_step(&x->rq, &x->slow, last->pos, last->version->word).rule));
}

static bool tell_end(mmu_explore_t *x, const mmu_end_t *end)
{
    teller_t *t = x->user;
    bool denied;
    mmu_rsp_t rsp = answer_of(x, end, &denied);
    stale_t stale = forbidding(x, end);
    char text[256];

    fprintf(t->f, "    %u.", ++t->ends);
    tell_chain(t->f, x, end);
    mmu_text_answer(text, sizeof text, &rsp);
    fprintf(t->f, "\n       -> %s%s", text, end->global ? ", global" : "");
    tell_rule(t->f, x, end);
    if (denied)
        fprintf(t->f, ": physical protection denies PA 0x%" PRIx64, judge_pa(&x->rq, &x->slow, end->entry));
    fprintf(t->f, "\n");
    if (stale.fence != NULL) {
        fprintf(t->f,
                "       may not be used: the word at 0x%" PRIx64 " was last read in clock %" PRIu64
                ", before the fence of ",
                stale.addr, stale.reach - 1);
        mmu_tell_fence(t->f, stale.fence);
        fprintf(t->f, "\n");
        if (!t->stale && same_answer(&rsp, t->rsp)) {
            t->stale = true;
            t->because = stale.fence;
            t->reach = stale.reach;
        }
    }
    return false;
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
    mmu_start_t start = judge_start(&r->rq, &r->slow);

    if (start.kind == MMU_START_BARE && start.base != 0)
        fprintf(f, "  No translation: the PA is the address and 0x%" PRIx64 ".\n", start.base);
    else if (start.kind == MMU_START_BARE)
        fprintf(f, "  No translation: the PA is the address.\n");
    else
        fprintf(f, "  No walk: a %s fault, cause %u, from the address alone.\n",
                start.fault == MMU_FAULT_PAGE    ? "page"
                : start.fault == MMU_FAULT_GUEST ? "guest-page"
                : start.fault == MMU_FAULT_LIMIT ? "limit"
                                                 : "access",
                judge_cause(start.fault, &r->rq, &r->slow));
}

/* Goes through all, the addresses at the end as well. */
static bool pass_end(mmu_explore_t *x, const mmu_end_t *end)
{
    (void)x;
    (void)end;
    return false;
}

/* All words and all choices, those before a fence as well. */
static void tell_walks(mmu_judge_t *judge, teller_t *t)
{
    mmu_explore_t x;

    mmu_explore_init(&x, judge, t->request);
    x.floor = 0;
    x.stale = true;
    x.most = JUDGE_CHOICES; /* people read no more */
    x.user = t;
    fprintf(t->f, "  The words of its walk, each value that the walk port has returned\n");
    x.look = tell_look;
    x.end = pass_end;
    (void)mmu_explore_run(&x);
    fprintf(t->f, "  What the architectural model gives for each choice of them\n");
    x.look = NULL;
    x.end = tell_end;
    x.unsure = false;
    (void)mmu_explore_run(&x);
    if (t->ends == 0)
        fprintf(t->f, "    nothing: no walk comes to an end with words that were read\n");
    if (x.over)
        fprintf(t->f, "    and more than %u choices\n", x.most);
}

void mmu_judge_tell_answer(mmu_judge_t *judge, unsigned port, unsigned id, const mmu_rsp_t *rsp)
{
    const mmu_request_t *r = &judge->request[port][id];
    teller_t t = {.request = r, .rsp = rsp};
    char request[128], answer[256], why[160];
    size_t size = 0;

    mmu_text_request(request, sizeof request, r);
    mmu_text_answer(answer, sizeof answer, rsp);
    t.f = open_details(judge, &size);
    fprintf(t.f, "  %s port, id %u: %s\n", mmu_text_port(port), id, request);
    mmu_tell_context(t.f, r);
    fprintf(t.f, "  The answer, in clock %" PRIu64 ": %s\n", judge->clock, answer);
    if (judge_start(&r->rq, &r->slow).kind != MMU_START_WALK)
        tell_start(t.f, r);
    else
        tell_walks(judge, &t);
    mmu_tell_fences(t.f, judge);
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
                   mmu_text_port(port), id, request, r->clock, answer, why);
}

/* ---- the walk port ---------------------------------------------------------------------------------------------------- */

static void tell_request(FILE *f, const char *what, const mmu_request_t *r)
{
    char text[128];

    mmu_text_request(text, sizeof text, r);
    fprintf(f, "    %s: %s\n    ", what, text);
    mmu_tell_context(f, r);
}

static void tell_slot(FILE *f, const mmu_slot_t *slot)
{
    static const char *const what[] = {"", "for the read of a first-stage entry",
                                       "for the update of a first-stage entry", "for the access"};

    for (unsigned i = 0; i < slot->count; i++) {
        const mmu_candidate_t *c = &slot->candidate[i];

        tell_request(f, "this slot walked for", &c->request);
        if (c->next == JUDGE_NEXT_END)
            fprintf(f, "      its walk has ended\n");
        if (c->next == JUDGE_NEXT_READ)
            fprintf(f, "      its next read is at 0x%" PRIx64 "\n", c->addr);
        if (c->next == JUDGE_NEXT_SWAP)
            fprintf(f, "      its swap is due: new word 0x%" PRIx64 " for 0x%" PRIx64 " at 0x%" PRIx64 "\n",
                    c->gst ? c->g_new : c->new_word, c->gst ? c->g_old : c->old_word, c->addr);
        if (c->next == JUDGE_NEXT_TRANSLATE)
            fprintf(f, "      the guest physical address 0x%" PRIx64 " is translated next, %s\n", c->gpa,
                    what[c->what & 3u]);
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
    mmu_tell_fences(f, judge);
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
