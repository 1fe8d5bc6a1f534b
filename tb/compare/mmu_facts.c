/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The facts of a mismatch report.
 */
#include "compare/mmu_facts.h"

#include <stdio.h>
#include <string.h>

/* ---- walks ----------------------------------------------------------------------------------------------- */

static void walk_step(mmu_fact_step_t *fact, const mmu_track_step_t *step, const mmu_rq_t *rq,
                      const mmu_slow_t *slow)
{
    *fact = (mmu_fact_step_t){.addr = step->addr,
                              .word = step->word,
                              .new_word = step->new_word,
                              .taken = step->taken,
                              .answered = step->answered,
                              .swap = step->op == MMU_MEM_CAS,
                              .done = step->done,
                              .error = step->done && step->err,
                              .lost = step->done && step->op == MMU_MEM_CAS && step->word != step->old_word,
                              .entry = MMU_PMP_NO_ENTRY,
                              .level = (int)mmu_pos_level(step->pos),
                              .gst = step->gst,
                              .what = step->what,
                              .gpa = step->gpa};
    if (!step->done || step->err)
        return;
    mmu_decode_word(slow->format, mmu_pos_level(step->pos), step->word, step->wide, fact->decoded,
                    sizeof fact->decoded);
    if (fact->swap && !fact->lost)
        fact->rule = "the word was as read: A (and D) are set (WALK-7)";
    else if (step->gst)
        fact->rule = mmu_rule_text(mmu_riscv_gstep(rq, slow, step->pos, step->what, step->word).rule);
    else
        fact->rule = mmu_rule_text(mmu_format(slow->format)->step(rq, slow, step->pos, step->word).rule);
}

static void gather_walk(mmu_fact_walk_t *fact, const mmu_track_walk_t *walk, const mmu_rq_t *rq,
                        const mmu_slow_t *slow)
{
    unsigned first;

    fact->known = walk != NULL;
    if (walk == NULL)
        return;
    fact->same_request = walk->rq.va >> 12 == rq->va >> 12 && walk->rq.acc == rq->acc &&
                         walk->rq.prv == rq->prv && walk->rq.ctx.asid == rq->ctx.asid &&
                         walk->rq.ctx.root == rq->ctx.root && walk->rq.ctx.v == rq->ctx.v &&
                         walk->rq.ctx.vmid == rq->ctx.vmid;
    fact->slot = walk->slot;
    fact->port = walk->port;
    fact->clock = walk->clock;
    fact->open = walk->open;
    fact->end = walk->end;
    fact->rq = walk->rq;
    first = walk->count > MMU_TRACK_STEPS ? walk->count - MMU_TRACK_STEPS : 0;
    fact->left_out = first;
    for (unsigned n = first; n < walk->count; n++)
        walk_step(&fact->step[fact->count++], &walk->step[n % MMU_TRACK_STEPS], &walk->rq, slow);
}

/* ---- the architectural model's word ------------------------------------------------------------------------ */

static bool arch_read(void *user, uint64_t addr, bool wide, uint64_t *word)
{
    if (!mmu_env_peek(user, addr, word))
        return false;
    if (!wide)
        *word = *word >> (8 * (addr & 4u)) & UINT64_C(0xffffffff);
    return true;
}

/* Says that it wrote, and does not. */
static bool arch_cas(void *user, uint64_t addr, bool wide, uint64_t old_word, uint64_t new_word,
                     uint64_t *before)
{
    (void)old_word;
    (void)new_word;
    return arch_read(user, addr, wide, before);
}

static void gather_arch(mmu_fact_arch_t *fact, const mmu_env_t *env, const mmu_lockstep_t *ls,
                        const mmu_rq_t *rq)
{
    /* The callbacks only read, through a const pointer again. */
    const mmu_arch_mem_t mem = {.read = arch_read, .cas = arch_cas, .user = (void *)(uintptr_t)env};
    const mmu_slow_t *slow = mmu_lockstep_slow_now(ls);
    const mmu_pmp_file_t *pmp = mmu_lockstep_pmp(ls);
    mmu_arch_trail_t trail;

    fact->known = env != NULL;
    if (env == NULL)
        return;
    mmu_arch_translate_pmp(&mem, pmp->entries != 0 ? pmp : NULL, rq, slow, &fact->result, &trail);
    for (unsigned n = 0; n < trail.count && n < MMU_TRAIL_STEPS; n++) {
        const mmu_trail_step_t *step = &trail.step[n];
        mmu_fact_step_t *f = &fact->step[fact->count++];

        *f = (mmu_fact_step_t){.addr = step->addr,
                               .word = step->word,
                               .new_word = step->new_word,
                               .swap = step->op == MMU_TRAIL_CAS,
                               .done = true,
                               .error = step->error,
                               .lost = step->lost,
                               .final = step->op == MMU_TRAIL_FINAL,
                               .denied = step->denied,
                               .entry = step->pmp.entry,
                               .level = step->level,
                               .gst = step->stage == 1,
                               .what = step->what,
                               .gpa = step->gpa};
        if (f->final || f->denied)
            f->rule = mmu_pmp_text(step->pmp.verdict);
        if (step->error || f->final || f->denied)
            continue;
        mmu_decode_word(slow->format, step->level, step->word, step->wide, f->decoded, sizeof f->decoded);
        f->rule = f->swap ? "A (and D) are to be set" : mmu_rule_text(step->rule);
    }
}

/* ---- requests -------------------------------------------------------------------------------------------- */

static mmu_fact_request_t *add_request(mmu_facts_t *facts)
{
    if (facts->requests == MMU_FACTS_REQUESTS)
        return NULL;
    return &facts->request[facts->requests++];
}

static void add_tracked(mmu_facts_t *facts, const mmu_lockstep_t *ls, const mmu_env_t *env, unsigned port,
                        unsigned id, bool concerned)
{
    const mmu_track_t *track = mmu_lockstep_track(ls);
    const mmu_track_request_t *request = &track->request[port][id];
    mmu_fact_request_t *fact;

    for (unsigned n = 0; n < facts->concerned; n++)
        if (facts->request[n].port == port && facts->request[n].id == (int)id)
            return;
    fact = add_request(facts);
    if (fact == NULL)
        return;
    fact->port = port;
    fact->id = (int)id;
    fact->clock = request->clock;
    fact->busy = request->busy;
    fact->rq = request->rq;
    if (concerned) {
        facts->concerned++;
        gather_walk(&fact->walk, mmu_track_find_walk(track, &request->rq), &request->rq,
                    mmu_lockstep_slow_now(ls));
        gather_arch(&fact->arch, env, ls, &request->rq);
    }
}

/* A request that was in flight in the clock that went wrong. */
static bool in_flight(const mmu_track_request_t *request, uint64_t clock)
{
    return request->used && request->clock < clock && (request->busy || request->end == clock);
}

/* The requests that an output is about: the one that answers, or the one whose walk is at the port. */
static void concerned_by_output(mmu_facts_t *facts, const mmu_lockstep_t *ls, const mmu_env_t *env)
{
    const mmu_mismatch_t *mm = mmu_lockstep_mismatch(ls);
    const mmu_track_t *track = mmu_lockstep_track(ls);
    const mmu_field_t *field = &mmu_fields[mm->field];
    mmu_out_t model, rtl;

    mmu_words_unpack_out(mm->model, &model);
    mmu_words_unpack_out(mm->words, &rtl);
    for (unsigned p = 0; p < MMU_PORTS; p++) {
        char name[8];
        snprintf(name, sizeof name, "rsp[%u]", p);
        if (strncmp(field->name, name, 6) != 0)
            continue;
        if (model.rsp[p].valid && in_flight(&track->request[p][model.rsp[p].id], mm->clock))
            add_tracked(facts, ls, env, p, model.rsp[p].id, true);
        if (rtl.rsp[p].valid && in_flight(&track->request[p][rtl.rsp[p].id], mm->clock))
            add_tracked(facts, ls, env, p, rtl.rsp[p].id, true);
    }
    if (strncmp(field->name, "mreq", 4) == 0) {
        const mmu_mreq_t *mreq = model.mreq.valid ? &model.mreq : &rtl.mreq;
        const mmu_walk_view_t *view;
        mmu_fact_request_t *fact;

        if (mreq->id >= mmu_lockstep_cfg(ls)->walks)
            return;
        view = mmu_lockstep_walk_view(ls, mreq->id);
        if (view->state == 0)
            return;
        fact = add_request(facts);
        fact->port = view->port;
        fact->id = -1;
        fact->busy = true;
        fact->rq = view->rq;
        fact->clock = track->walk[track->walk_of_slot[mreq->id]].clock;
        facts->concerned++;
        gather_walk(&fact->walk, &track->walk[track->walk_of_slot[mreq->id]], &view->rq,
                    mmu_lockstep_slow_now(ls));
        gather_arch(&fact->arch, env, ls, &view->rq);
    }
}

static void gather_requests(mmu_facts_t *facts, const mmu_lockstep_t *ls, const mmu_env_t *env)
{
    const mmu_track_t *track = mmu_lockstep_track(ls);

    if (mmu_lockstep_mismatch(ls)->kind == MMU_DIFF_OUTPUT)
        concerned_by_output(facts, ls, env);
    else if (mmu_lockstep_mismatch(ls)->kind == MMU_DIFF_NONE)
        /* The environment complains: of what was answered in that clock. */
        for (unsigned p = 0; p < MMU_PORTS; p++)
            for (unsigned id = 0; id < (1u << MMU_ID_W); id++)
                if (in_flight(&track->request[p][id], facts->clock) && !track->request[p][id].busy &&
                    facts->concerned < MMU_FACTS_CONCERNED)
                    add_tracked(facts, ls, env, p, id, true);
    for (unsigned p = 0; p < MMU_PORTS; p++)
        for (unsigned id = 0; id < (1u << MMU_ID_W); id++)
            if (in_flight(&track->request[p][id], facts->clock))
                add_tracked(facts, ls, env, p, id, false);
}

/* ---- sets ------------------------------------------------------------------------------------------------- */

static void add_set(mmu_facts_t *facts, const mmu_lockstep_t *ls, unsigned array_id, unsigned set)
{
    mmu_array_shape_t shape = mmu_array_shape(mmu_lockstep_cfg(ls), array_id);
    mmu_fact_set_t *fact;

    if (shape.ways == 0 || facts->sets == MMU_FACTS_SETS)
        return;
    for (unsigned n = 0; n < facts->sets; n++)
        if (facts->set[n].array_id == array_id && facts->set[n].set == set)
            return;
    fact = &facts->set[facts->sets++];
    fact->array_id = array_id;
    fact->set = set;
    fact->sets = 1u << shape.sets_log2;
    fact->ways = shape.ways;
    mmu_array_title(array_id, fact->title, sizeof fact->title);
    for (unsigned way = 0; way < shape.ways && way < MMU_FACTS_WAYS; way++) {
        unsigned row_no = set * shape.ways + way;
        mmu_row_t row = mmu_peek_row(mmu_lockstep_model(ls), array_id, set, way);

        fact->model[way] = (mmu_row_sample_t){.valid = row.valid,
                                              .row_no = row_no,
                                              .vm = row.vm,
                                              .key = row.key,
                                              .mask = row.mask,
                                              .data = row.data};
        fact->rtl_known = mmu_lockstep_rtl_row(ls, array_id, row_no, &fact->rtl[way]);
    }
}

/* KEY-4: where this address can stand in the arrays of a level. */
static void add_level(mmu_facts_t *facts, const mmu_lockstep_t *ls, unsigned level, uint64_t va)
{
    for (unsigned k = 0; k < MMU_ARRAYS; k++) {
        const mmu_cfg_array_t *a = &mmu_lockstep_cfg(ls)->array[level][k];

        for (unsigned i = 0; i < 13; i++)
            if (a->ways != 0 && (a->pages >> i & 1u) != 0)
                add_set(facts, ls, level * MMU_ARRAYS + k,
                        (unsigned)(va >> mmu_page_lg(i)) & ((1u << a->sets_log2) - 1));
    }
}

static void gather_sets(mmu_facts_t *facts, const mmu_lockstep_t *ls)
{
    const mmu_mismatch_t *mm = mmu_lockstep_mismatch(ls);

    if (mm->kind == MMU_DIFF_WRITE || mm->kind == MMU_DIFF_ROW || mm->kind == MMU_DIFF_FINAL_ROW) {
        unsigned ways = mmu_array_shape(mmu_lockstep_cfg(ls), mm->array_id).ways;
        const mmu_row_sample_t *row = mm->rtl_row.valid ? &mm->rtl_row : &mm->model_row;
        add_set(facts, ls, mm->array_id, row->row_no / ways);
        return;
    }
    for (unsigned n = 0; n < facts->concerned; n++) {
        const mmu_fact_request_t *request = &facts->request[n];
        add_level(facts, ls, request->port == MMU_PORT_I ? MMU_LEVEL_L1I : MMU_LEVEL_L1D, request->rq.va);
        add_level(facts, ls, MMU_LEVEL_L2, request->rq.va);
        for (unsigned k = MMU_ARRAY_PWC; k < MMU_ARRAY_IDS; k++)
            if (k < MMU_ARRAY_GPWC || request->rq.ctx.v)
                add_set(facts, ls, k, 0);
    }
}

/* ---- all -------------------------------------------------------------------------------------------------- */

void mmu_facts_gather(mmu_facts_t *facts, const mmu_lockstep_t *ls, const mmu_env_t *env)
{
    const mmu_mismatch_t *mm = mmu_lockstep_mismatch(ls);
    uint64_t clocks = mmu_lockstep_clock_count(ls);

    memset(facts, 0, sizeof *facts);
    if (mm->kind != MMU_DIFF_NONE)
        facts->clock = mm->clock;
    else if (env != NULL)
        facts->clock = mmu_env_failure(env)->clock;
    if (clocks != 0 && facts->clock >= clocks)
        facts->clock = clocks - 1;
    facts->first_clock = facts->clock + 1 > MMU_FACTS_CLOCKS ? facts->clock + 1 - MMU_FACTS_CLOCKS : 0;
    facts->fence = mmu_track_last_fence(mmu_lockstep_track(ls));
    gather_requests(facts, ls, env);
    gather_sets(facts, ls);
}
