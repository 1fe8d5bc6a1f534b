/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The trace player: a program's accesses through both ports, as CONTRACT.md's "Trace issue" says. Fetches go
 * through the instruction port, loads and stores through the data port. Accesses are offered in the order of
 * the trace, at most one a port and clock; a data access not before its fetch was answered. An answer that is a
 * page fault goes to the pager, and the access is offered again before new ones of its port.
 */
#include "env/player.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A page fault may come from a word that was read before the pager changed it, and such a walk may have been
 * joined (WALK-1), so a fault for a mapped page is legal without a fence. It cannot go on for ever. */
#define MAX_REFUSALS 8u

/* ---- reading -------------------------------------------------------------------------------- */

/* A trace is played in one address space: it ends before the first access of another process. */
static size_t of_one_process(mmu_player_t *p, size_t from, size_t got)
{
    if (p->number == 0 && from == 0)
        p->process = p->block[0].process;
    for (size_t n = from; n < from + got; n++)
        if (p->block[n].process != p->process) {
            p->mixed = p->drained = true;
            return n - from;
        }
    return got;
}

void mmu_player_refill(mmu_player_t *p)
{
    const size_t left = p->filled - p->at;
    size_t got;

    memmove(p->block, &p->block[p->at], left * sizeof p->block[0]);
    got = mmu_trace_read(p->trace, &p->block[left], MMU_PLAYER_BLOCK - left);
    p->drained = got == 0;
    p->filled = left + of_one_process(p, left, got);
    p->at = 0;
}

static void tell_broken(mmu_player_t *p)
{
    if (p->mixed)
        mmu_stage_fail(p->base.stage, MMU_ENV_BAD_INPUT,
                       "%s: access %" PRIu64
                       " is of another process than those before: a trace is played in one address space; "
                       "`lockwalk trace cut --process` takes one",
                       p->base.stage->opt->trace, p->number + 1);
    else
        mmu_stage_fail(p->base.stage, MMU_ENV_BAD_INPUT, "%s", mmu_trace_error(p->trace));
}

/* The next access of the trace, or what is left of the one before, up to the next page (REQ-7). False: there is none,
 * or the trace is broken. */
static bool read_piece(mmu_player_t *p, mmu_access_t *piece)
{
    const uint64_t page = UINT64_C(1) << p->split_lg;

    if (p->rest.size == 0) {
        if (p->at == p->filled && !p->drained)
            mmu_player_refill(p);
        if (p->at == p->filled)
            return false;
        p->rest = p->block[p->at++];
        p->number++;
    }
    const uint64_t room = page - (p->rest.va & (page - 1));
    *piece = p->rest;
    p->whole = p->rest.size <= room;
    if (!p->whole)
        piece->size = (uint32_t)room;
    p->rest.va += piece->size;
    p->rest.size -= piece->size;
    return true;
}

static bool place(mmu_player_t *p, uint64_t va, uint64_t *folded)
{
    if (mmu_pager_place(p->pager, va, folded))
        return true;
    mmu_stage_fail(p->base.stage, MMU_ENV_NO_MEMORY,
                   "access %" PRIu64 " of %s: no room for 0x%" PRIx64
                   ": the format %s has no more addresses (or "
                   "--ram no more memory) for another region",
                   p->number, p->base.stage->opt->trace, va, p->format->name);
    return false;
}

bool mmu_player_read(mmu_player_t *p)
{
    const bool was_whole = p->whole;
    mmu_access_t access = {0};
    uint64_t folded = 0;

    p->have_head = read_piece(p, &access);
    if (!p->have_head && mmu_player_is_broken(p))
        tell_broken(p);
    if (p->have_head && !place(p, access.va, &folded))
        p->have_head = false;
    if (!p->have_head) {
        p->ended = true;
        return false;
    }
    if (access.acc == MMU_ACC_FETCH) {
        if (was_whole) {
            p->fetch++;
            p->pieces_left = 0;
        }
        p->pieces_left++;
    }
    p->accesses++;
    p->head = (mmu_play_t){.va = folded,
                           .raw = access.va,
                           .number = p->number,
                           .fetch = p->fetch,
                           .bytes = access.size,
                           .acc = access.acc};
    return true;
}

/* ---- answers -------------------------------------------------------------------------------- */

static const char *kind_name(const mmu_play_t *play)
{
    return play->acc == MMU_ACC_FETCH ? "fetch" : play->acc == MMU_ACC_LOAD ? "load" : "store";
}

static void bad_answer(mmu_player_t *p, mmu_env_fail_e kind, unsigned port, const mmu_play_t *play,
                       const char *what)
{
    char folded[48] = "";

    if (play->raw != play->va)
        snprintf(folded, sizeof folded, " (folded to 0x%" PRIx64 ")", play->va);
    mmu_stage_fail(p->base.stage, kind,
                   "%s port, %s of %" PRIu32 " byte%s at 0x%" PRIx64 "%s, access %" PRIu64 " of %s: %s",
                   mmu_port_name(port), kind_name(play), play->bytes, play->bytes == 1 ? "" : "s", play->raw,
                   folded, play->number, p->base.stage->opt->trace, what);
}

static const char *page_name(unsigned lg)
{
    static const char *const small[] = {"512 B", "1 KiB",  "2 KiB",  "4 KiB",
                                        "8 KiB", "16 KiB", "32 KiB", "64 KiB"};

    if (lg >= 9 && lg <= 16)
        return small[lg - 9];
    return lg == 21 ? "2 MiB" : lg == 22 ? "4 MiB" : lg == 30 ? "1 GiB" : "no";
}

bool mmu_player_is_right(const mmu_player_t *p, uint64_t va, uint64_t pa, unsigned lg, unsigned mt)
{
    const mmu_page_t *page = mmu_pager_find(p->pager, va);

    return page != NULL && pa == page->pa + (va - page->va) && lg == page->lg && mt == 0;
}

/* The answer against the pager's own list of pages, which does not come from the page tables. */
static void check_translation(mmu_player_t *p, unsigned port, const mmu_play_t *play, const mmu_rsp_t *rsp)
{
    const mmu_page_t *page;
    char what[200];
    uint64_t pa;

    if (mmu_player_is_right(p, play->va, rsp->pa, rsp->lg, rsp->mt))
        return;
    page = mmu_pager_find(p->pager, play->va);
    if (page == NULL) {
        snprintf(what, sizeof what, "answered with PA 0x%" PRIx64 ", but this page is not mapped", rsp->pa);
        bad_answer(p, MMU_ENV_BAD_ANSWER, port, play, what);
        return;
    }
    pa = page->pa + (play->va - page->va);
    if (rsp->pa != pa) {
        snprintf(what, sizeof what,
                 "answered with PA 0x%" PRIx64 ", expected 0x%" PRIx64 " (a %s page, mapped in clock %" PRIu64
                 ")",
                 rsp->pa, pa, page_name(page->lg), page->clock);
        bad_answer(p, MMU_ENV_BAD_ANSWER, port, play, what);
    } else {
        snprintf(what, sizeof what,
                 "answered with page size 2^%u and memory type %u, expected 2^%u and 0 (a %s page, mapped in "
                 "clock "
                 "%" PRIu64 ")",
                 rsp->lg, rsp->mt, page->lg, page_name(page->lg), page->clock);
        bad_answer(p, MMU_ENV_BAD_ANSWER, port, play, what);
    }
}

/* The number of a fault of this kind, as the format has it (FRM-8). */
static uint8_t cause_of(const mmu_player_t *p, const mmu_play_t *play, uint8_t fault)
{
    const mmu_rq_t rq = {.va = play->va, .ctx = p->ctx, .acc = play->acc, .prv = MMU_PRIV_U};

    return p->format->cause(fault, &rq, &p->slow);
}

/* Is it a fault that the pager serves? `first`: the number of the first kind that it serves. */
static bool is_served(const mmu_player_t *p, const mmu_play_t *play, uint8_t cause, uint8_t *first)
{
    uint32_t kinds = mmu_pager_serves(p->pager);

    *first = cause_of(p, play, (uint8_t)__builtin_ctz(kinds));
    for (; kinds != 0; kinds &= kinds - 1)
        if (cause == cause_of(p, play, (uint8_t)__builtin_ctz(kinds)))
            return true;
    return false;
}

static void try_again(mmu_player_t *p, unsigned port, const mmu_play_t *play)
{
    mmu_retries_t *r = &p->retries[port];

    assert(r->count < MMU_IDS);
    r->play[(r->first + r->count++) % MMU_IDS] = *play;
}

/* Of stats.pages_mapped: small, large, giant. */
static unsigned size_class(unsigned lg)
{
    return lg <= 16 ? 0 : lg <= 22 ? 1 : 2;
}

static void serve_fault(mmu_player_t *p, unsigned port, mmu_play_t *play, const mmu_rsp_t *rsp)
{
    mmu_stage_t *stage = p->base.stage;
    char what[200];
    uint8_t first;

    if (rsp->cause == cause_of(p, play, MMU_FAULT_ACCESS)) {
        bad_answer(p, MMU_ENV_ACCESS_FAULT, port, play,
                   "answered with an access fault, but all page tables and pages are in RAM");
        return;
    }
    if (!is_served(p, play, rsp->cause, &first) || rsp->tval != play->va) {
        snprintf(what, sizeof what,
                 "answered with cause %u and tval 0x%" PRIx64 ", expected cause %u or %u and tval 0x%" PRIx64,
                 rsp->cause, rsp->tval, first, cause_of(p, play, MMU_FAULT_ACCESS), play->va);
        bad_answer(p, MMU_ENV_BAD_ANSWER, port, play, what);
        return;
    }
    switch (mmu_pager_serve(p->pager, play->va, play->acc, stage->clock)) {
    case MMU_PAGER_MAPPED:
        stage->stats.pages_mapped[size_class(mmu_pager_page_lg(p->pager, play->va))]++;
        play->refusals = 0;
        break;
    case MMU_PAGER_AD_SET:
        stage->stats.ad_set++;
        play->refusals = 0;
        break;
    case MMU_PAGER_NOTHING:
        if (++play->refusals == MAX_REFUSALS) {
            snprintf(
                what, sizeof what,
                "answered %u times in a row with a page fault, though the page is mapped (in clock %" PRIu64
                ") and its entry grants the access",
                MAX_REFUSALS, mmu_pager_find(p->pager, play->va)->clock);
            bad_answer(p, MMU_ENV_REFUSED, port, play, what);
        }
        break;
    case MMU_PAGER_NO_MEMORY:
    default:
        snprintf(what, sizeof what,
                 "no frame is left for a %s page in the %" PRIu64 " MiB of RAM; give --ram more",
                 page_name(mmu_pager_page_lg(p->pager, play->va)), stage->opt->ram_size >> 20);
        bad_answer(p, MMU_ENV_NO_MEMORY, port, play, what);
        break;
    }
    try_again(p, port, play);
}

static void take_answer(mmu_player_t *p, unsigned port, const mmu_rsp_t *rsp)
{
    mmu_play_t *play = &p->flight[port][rsp->id];

    if (rsp->fault) {
        serve_fault(p, port, play, rsp);
        return;
    }
    check_translation(p, port, play, rsp);
    if (port == MMU_PORT_I && play->fetch == p->fetch)
        p->pieces_left--;
}

/* ---- offers --------------------------------------------------------------------------------- */

static bool offer(mmu_player_t *p, unsigned port, const mmu_play_t *play, mmu_in_t *next)
{
    int id = mmu_stage_free_id(p->base.stage, port);

    if (id < 0)
        return false;
    p->flight[port][id] = *play;
    next->req[port] = mmu_player_request((unsigned)id, play->va, play->bytes, play->acc);
    return true;
}

static void offer_retries(mmu_player_t *p, mmu_in_t *next)
{
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        mmu_retries_t *r = &p->retries[port];
        if (r->count == 0 || next->req[port].valid || !offer(p, port, &r->play[r->first], next))
            continue;
        r->first = (r->first + 1) % MMU_IDS;
        r->count--;
        p->base.stage->stats.retries++;
    }
}

static void offer_new(mmu_player_t *p, mmu_in_t *next)
{
    while (p->have_head) {
        unsigned port = p->head.acc == MMU_ACC_FETCH ? MMU_PORT_I : MMU_PORT_D;
        if (next->req[port].valid || (port == MMU_PORT_D && p->pieces_left != 0) ||
            !offer(p, port, &p->head, next))
            return;
        mmu_player_read(p);
    }
}

/* ---- the interface -------------------------------------------------------------------------- */

static void player_reset(mmu_stimulus_t *stim, mmu_in_t *first)
{
    mmu_player_t *p = (mmu_player_t *)stim;

    first->ctx[0] = first->ctx[1] = p->ctx;
    first->slow = p->slow;
}

static void player_step(mmu_stimulus_t *stim, const mmu_in_t *in, const mmu_out_t *out, mmu_in_t *next)
{
    mmu_player_t *p = (mmu_player_t *)stim;
    const mmu_stage_t *stage = stim->stage;

    (void)in;
    for (unsigned port = 0; port < MMU_PORTS; port++)
        if (out->rsp[port].valid)
            take_answer(p, port, &out->rsp[port]);
    if (p->slow.format == MMU_FORMAT_BOUNDS) { /* the bound grows */
        mmu_pager_registers(p->pager, &p->ctx, &p->slow);
        next->ctx[0] = next->ctx[1] = p->ctx;
    }
    offer_retries(p, next);
    offer_new(p, next);
    p->done = p->ended && !next->req[0].valid && !next->req[1].valid && stage->outstanding[0] == 0 &&
              stage->outstanding[1] == 0 && p->retries[0].count == 0 && p->retries[1].count == 0;
}

static bool player_done(const mmu_stimulus_t *stim)
{
    return ((const mmu_player_t *)stim)->done;
}

/* "x86 pml4, ", "inverted, pages of 4 KiB, linear search, "; of riscv nothing. */
static void describe_format(const mmu_player_t *p, char *text, size_t n)
{
    static const char *const modes[] = {"", "2-level", "PAE", "PML4", "PML5"};
    const bool paged = p->slow.plg != 0 && p->slow.format != MMU_FORMAT_SEGMENT;

    text[0] = '\0';
    if (p->slow.format == MMU_FORMAT_X86)
        snprintf(text, n, "x86 %s, ", modes[p->ctx.mode]);
    else if (p->slow.format != MMU_FORMAT_RISCV)
        snprintf(text, n, "%s, %s%s%s", p->format->name, paged ? page_name(p->slow.plg) : "",
                 paged ? " pages, " : "", p->slow.linear ? "linear search, " : "");
}

static void player_describe(const mmu_stimulus_t *stim, char *text, size_t n)
{
    static const char *const pages[] = {"4 KiB pages", "2 MiB pages", "1 GiB pages", "mixed page sizes"};
    const mmu_env_options_t *opt = stim->stage->opt;
    const mmu_player_t *p = (const mmu_player_t *)stim;
    char format[80];

    describe_format(p, format, sizeof format);
    if (p->slow.format == MMU_FORMAT_RISCV)
        snprintf(text, n, "trace %s, %s, %s", opt->trace, pages[opt->huge], opt->svade ? "Svade" : "Svadu");
    else if (p->slow.format == MMU_FORMAT_X86)
        snprintf(text, n, "trace %s, %s%s", opt->trace, format,
                 opt->huge == MMU_HUGE_2M && p->ctx.mode == MMU_X86_2LEVEL ? "4 MiB pages"
                                                                           : pages[opt->huge]);
    else
        snprintf(text, n, "trace %s, %s%s set A and D", opt->trace, format,
                 opt->svade ? "software is to" : "hardware is to");
}

static void player_destroy(mmu_stimulus_t *stim)
{
    mmu_player_t *p = (mmu_player_t *)stim;

    mmu_trace_close(p->trace);
    mmu_pager_destroy(p->pager);
    free(p);
}

static const mmu_stimulus_ops_t ops = {.reset = player_reset,
                                       .step = player_step,
                                       .done = player_done,
                                       .describe = player_describe,
                                       .destroy = player_destroy};

static mmu_pager_t *create_pager(mmu_stage_t *stage)
{
    const mmu_env_options_t *opt = stage->opt;
    const uint8_t format = mmu_env_format(opt);
    const mmu_pager_options_t options = {.format = format,
                                         .mode = mmu_env_x86_mode(opt),
                                         .plg = mmu_env_plg(opt),
                                         .rows_lg = opt->rows_lg,
                                         .linear = opt->linear,
                                         .svade = opt->svade,
                                         .huge = opt->huge,
                                         .asid = opt->asid};
    uint8_t *lg = stage->stats.page_lg;

    lg[0] = format == MMU_FORMAT_SEGMENT ? 16 : format > MMU_FORMAT_SEGMENT ? options.plg : 12;
    lg[1] = format == MMU_FORMAT_X86 && options.mode == MMU_X86_2LEVEL ? 22 : 21;
    lg[2] = 30;
    return mmu_pager_create_format(stage->mem, &options);
}

char *mmu_player_fold_text(const mmu_stimulus_t *stim)
{
    const mmu_player_t *p = (const mmu_player_t *)stim;
    mmu_region_t region;
    char *text = NULL;
    size_t size = 0;
    FILE *f;

    if (!mmu_pager_region(p->pager, 0, &region))
        return NULL;
    f = open_memstream(&text, &size);
    if (f == NULL)
        return NULL;
    fprintf(f, "Addresses, packed in order of first touch:\n");
    for (size_t n = 0; mmu_pager_region(p->pager, n, &region); n++)
        fprintf(f, "  0x%016" PRIx64 " -> 0x%08" PRIx64 ", %s\n", region.va, region.folded,
                page_name(region.lg));
    fclose(f);
    return text;
}

mmu_stimulus_t *mmu_player_create(mmu_stage_t *stage, char *err, size_t n)
{
    mmu_player_t *p;

    if (stage->opt->trace == NULL) {
        snprintf(err, n, "no trace is given");
        return NULL;
    }
    p = calloc(1, sizeof *p);
    if (p == NULL) {
        snprintf(err, n, "no memory");
        return NULL;
    }
    p->base = (mmu_stimulus_t){&ops, stage};
    p->whole = true;
    p->split_lg = 12;
    p->format = mmu_format(mmu_env_format(stage->opt));
    p->pager = create_pager(stage);
    if (p->pager == NULL)
        snprintf(err, n, "--ram: no frame for the root of the page tables");
    else
        p->trace = mmu_trace_open(stage->opt->trace, err, n);
    if (p->trace == NULL) {
        player_destroy(&p->base);
        return NULL;
    }
    mmu_pager_registers(p->pager, &p->ctx, &p->slow);
    if (p->slow.plg != 0 && p->slow.plg < 12)
        p->split_lg = p->slow.plg;
    /* A file that is no trace at all is found before any clock. */
    if (!mmu_player_read(p)) {
        if (stage->failure.kind == MMU_ENV_OK)
            snprintf(err, n, "%s: the trace holds no access", stage->opt->trace);
        else
            snprintf(err, n, "%s", stage->failure.text);
        player_destroy(&p->base);
        return NULL;
    }
    return &p->base;
}
