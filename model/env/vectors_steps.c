/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The steps of an access.
 */
#include "env/vectors.h"

/* In the last step; the other steps have the options' latency. */
enum { LATENCY_MIN = 1, LATENCY_MAX = 8, STALL_PERCENT = 10 };

static void add_job(mmu_vectors_t *v, unsigned number)
{
    mmu_vectors_job_t *job = &v->job[v->jobs++];
    const mmu_arch_mem_t memory = mmu_vectors_ram_now(v);

    job->access = &v->world->access[number];
    job->rq = mmu_vectors_request(v->world, job->access, v->step);
    job->port = mmu_vectors_port(&job->rq);
    job->offered = job->answered = false;
    mmu_vectors_expect(v->world, v->pmp, job->access, v->step, &memory, mmu_vectors_untouched(v),
                       &job->expected);
}

static void set_memory(mmu_vectors_t *v)
{
    const mmu_env_options_t *opt = v->base.stage->opt;
    mmu_memport_t *port = &v->base.stage->memport;
    const bool random = v->step == MMU_VECTORS_RANDOM;

    port->latency_min = random ? LATENCY_MIN : opt->mem_latency_min;
    port->latency_max = random ? LATENCY_MAX : opt->mem_latency_max;
    port->stall_percent = random ? STALL_PERCENT : opt->mem_stall_percent;
}

bool mmu_vectors_begin_step(mmu_vectors_t *v)
{
    v->jobs = 0;
    mmu_vectors_step_begins(v);
    set_memory(v);
    if (v->step == MMU_VECTORS_RANDOM && !v->apart)
        for (unsigned n = 0; n < v->group_size; n++)
            add_job(v, v->group + n);
    else
        add_job(v, v->group + v->position);
    if (v->step != MMU_VECTORS_COLD && v->step != MMU_VECTORS_RANDOM)
        return false;
    mmu_vectors_plan_flush(v);
    return true;
}

void mmu_vectors_take_answers(mmu_vectors_t *v, const mmu_out_t *out)
{
    for (unsigned n = 0; n < v->jobs; n++) {
        mmu_vectors_job_t *job = &v->job[n];
        const mmu_rsp_t *rsp = &out->rsp[job->port];

        if (!job->offered || job->answered || !rsp->valid || rsp->id != job->id)
            continue;
        mmu_vectors_answer_of_rsp(rsp, &job->got);
        job->answered = true;
    }
}

void mmu_vectors_offer(mmu_vectors_t *v, mmu_in_t *next)
{
    for (unsigned n = 0; n < v->jobs; n++) {
        mmu_vectors_job_t *job = &v->job[n];
        int id;

        if (job->offered || next->req[job->port].valid)
            continue;
        id = mmu_stage_free_id(v->base.stage, job->port);
        if (id < 0)
            continue;
        job->offered = true;
        job->id = (uint8_t)id;
        next->ctx[job->port] = job->rq.ctx;
        next->req[job->port] = (mmu_req_t){.va = job->rq.va,
                                           .valid = true,
                                           .id = job->id,
                                           .acc = job->rq.acc,
                                           .size = job->rq.size,
                                           .prv = job->rq.prv};
    }
}

bool mmu_vectors_answered(const mmu_vectors_t *v)
{
    for (unsigned n = 0; n < v->jobs; n++)
        if (!v->job[n].answered)
            return false;
    return true;
}

/* After the last step of an access, or of all at once. */
static bool end_last(mmu_vectors_t *v)
{
    mmu_vectors_put_back(v);
    if (v->apart && ++v->position < v->group_size)
        return true;
    /* Where words are changed, the group is this access alone. */
    mmu_vectors_settle(v, &v->world->access[v->group]);
    return false;
}

bool mmu_vectors_end_step(mmu_vectors_t *v)
{
    for (unsigned n = 0; n < v->jobs; n++) {
        mmu_vectors_job_t *job = &v->job[n];
        unsigned differs;

        /* Whose words they are is not known; of several accesses none may change one. */
        if (n == 0)
            mmu_vectors_add_changes(v, &job->got);
        differs = mmu_vectors_book_step(&v->book, v->world, job->access, v->step, v->jobs, &job->expected,
                                        &job->got);
        v->apart |= differs != 0 && v->step == MMU_VECTORS_COLD;
        v->compared++;
    }
    if (v->step == MMU_VECTORS_RANDOM)
        return end_last(v);
    v->step++;
    if (v->step == MMU_VECTORS_RANDOM) {
        mmu_vectors_put_back(v);
        if (++v->position < v->group_size)
            v->step = MMU_VECTORS_COLD;
        else
            v->position = 0;
    }
    return true;
}
