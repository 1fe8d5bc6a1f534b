/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A sweep: accesses go to each line (a stream of a page size), blocks of lines to their engines, perhaps on several
 * threads; windows and flushes cut the blocks.
 */
#include "lockwalk/mmu_sizing.h"

#include "sizing/mmu_line.h"
#include "sizing/mmu_pool.h"

#include <stdatomic.h>
#include <stdlib.h>

#define BLOCK 16384u /* ids of a line that make its block full */
#define SPAN 2048u   /* accesses that are taken at once */

#define MOST_LINES ((MMU_STREAMS + 1) * MMU_SWEEP_PAGES)

struct mmu_sweep {
    mmu_sweep_options_t opt;
    const char *error; /* NULL: none */
    unsigned lines;
    mmu_line_t line[MOST_LINES];
    bool data, fetch; /* some line wants only these accesses */

    mmu_pool_t *pool;
    unsigned tasks;
    struct {
        mmu_line_t *line;
        const mmu_engine_t *engine;
    } * task;
    atomic_bool failed; /* an engine had no memory */

    uint64_t count; /* accesses taken */
    uint16_t process;
    uint64_t next_flush, next_window; /* before access number …; UINT64_MAX: never */
    bool clear;                       /* the blocks that are being filled come after a flush */
};

/* ---- begin and end ----------------------------------------------------------------------------------------- */

static bool begin_tasks(mmu_sweep_t *sweep)
{
    for (unsigned n = 0; n < sweep->lines; n++)
        sweep->tasks += sweep->line[n].engines;
    sweep->task = calloc(sweep->tasks + 1, sizeof sweep->task[0]);
    if (sweep->task == NULL)
        return false;
    sweep->tasks = 0;
    for (unsigned n = 0; n < sweep->lines; n++)
        for (unsigned e = 0; e < sweep->line[n].engines; e++) {
            sweep->task[sweep->tasks].line = &sweep->line[n];
            sweep->task[sweep->tasks++].engine = &sweep->line[n].engine[e];
        }
    return true;
}

mmu_sweep_t *mmu_sweep_new(const mmu_sweep_options_t *options)
{
    mmu_sweep_t *sweep = calloc(1, sizeof *sweep);
    const mmu_sweep_options_t *opt;
    bool good = true;

    if (sweep == NULL)
        return NULL;
    sweep->opt = *options;
    opt = &sweep->opt;
    for (unsigned stream = 0; stream <= MMU_LINE_SPLIT; stream++)
        for (unsigned p = 0; p < opt->pages; p++) {
            mmu_line_t *line = &sweep->line[sweep->lines];

            if (stream == MMU_LINE_SPLIT ? opt->l1s == 0 : !opt->stream[stream])
                continue;
            good = good && mmu_line_begin(line, opt, stream, opt->page_lg[p]) &&
                   mmu_line_reserve(line, BLOCK + SPAN);
            sweep->lines++;
        }
    sweep->data = opt->stream[MMU_STREAM_DATA];
    sweep->fetch = opt->stream[MMU_STREAM_FETCH];
    sweep->next_flush = opt->flush_every == 0 ? UINT64_MAX : opt->flush_every;
    sweep->next_window = opt->window == 0 ? UINT64_MAX : opt->window;
    sweep->pool = mmu_pool_new(opt->jobs <= 1 ? 0 : opt->jobs - 1);
    good = good && sweep->pool != NULL && begin_tasks(sweep);
    if (good)
        return sweep;
    mmu_sweep_free(sweep);
    return NULL;
}

void mmu_sweep_free(mmu_sweep_t *sweep)
{
    if (sweep == NULL)
        return;
    mmu_pool_free(sweep->pool);
    for (unsigned n = 0; n < sweep->lines; n++)
        mmu_line_free(&sweep->line[n]);
    free(sweep->task);
    free(sweep);
}

const char *mmu_sweep_error(const mmu_sweep_t *sweep)
{
    return sweep->error;
}

static bool fail(mmu_sweep_t *sweep)
{
    for (unsigned n = 0; n < sweep->lines && sweep->error == NULL; n++)
        if (sweep->line[n].optimum != NULL && mmu_opt_error(sweep->line[n].optimum)[0] != '\0')
            sweep->error = mmu_opt_error(sweep->line[n].optimum);
    if (sweep->error == NULL)
        sweep->error = "no memory left";
    return false;
}

/* ---- blocks to engines -------------------------------------------------------------------------------------- */

static void do_task(void *user, unsigned n)
{
    mmu_sweep_t *sweep = user;
    const mmu_line_t *line = sweep->task[n].line;
    const mmu_engine_t *engine = sweep->task[n].engine;

    if (line->fed_clear)
        engine->clear(engine->self);
    if (!engine->feed(engine->self, &line->fed))
        atomic_store(&sweep->failed, true);
}

/* What has been filled goes to the engines, which may be at work when this returns. */
static bool turn(mmu_sweep_t *sweep)
{
    mmu_pool_wait(sweep->pool);
    for (unsigned n = 0; n < sweep->lines; n++)
        if (!mmu_line_turn(&sweep->line[n], sweep->clear))
            return fail(sweep);
    sweep->clear = false;
    mmu_pool_start(sweep->pool, do_task, sweep, sweep->tasks);
    return !atomic_load(&sweep->failed) || fail(sweep);
}

/* As turn, and all engines have done it when this returns. */
static bool drain(mmu_sweep_t *sweep)
{
    if (!turn(sweep))
        return false;
    mmu_pool_wait(sweep->pool);
    return !atomic_load(&sweep->failed) || fail(sweep);
}

static bool more_room(void *user, mmu_line_t *line, size_t more)
{
    mmu_sweep_t *sweep = user;

    mmu_pool_wait(sweep->pool);
    return mmu_line_reserve(line, more);
}

/* ---- accesses ------------------------------------------------------------------------------------------------ */

static bool flush(mmu_sweep_t *sweep)
{
    if (!turn(sweep))
        return false;
    sweep->clear = true;
    for (unsigned n = 0; n < sweep->lines; n++)
        mmu_line_forget(&sweep->line[n]);
    return true;
}

static bool window(mmu_sweep_t *sweep)
{
    for (unsigned n = 0; n < sweep->lines; n++)
        if (!mmu_line_window(&sweep->line[n]))
            return fail(sweep);
    return true;
}

static bool switch_to(mmu_sweep_t *sweep, uint16_t process)
{
    if (sweep->opt.no_asid && sweep->count != 0 && !flush(sweep))
        return false;
    sweep->process = process;
    for (unsigned n = 0; n < sweep->lines; n++) {
        mmu_pages_process(&sweep->line[n].pages, process);
        mmu_line_forget(&sweep->line[n]);
    }
    return true;
}

/* n <= SPAN accesses of one process. */
static bool take(mmu_sweep_t *sweep, const mmu_access_t *access, size_t n)
{
    uint16_t data[SPAN], fetch[SPAN];
    size_t datas = 0, fetches = 0;
    bool full = false;

    for (size_t i = 0; (sweep->data || sweep->fetch) && i < n; i++) {
        const bool is_fetch = access[i].acc == MMU_ACC_FETCH;

        data[datas] = fetch[fetches] = (uint16_t)i;
        datas += !is_fetch;
        fetches += is_fetch;
    }
    for (unsigned l = 0; l < sweep->lines; l++) {
        mmu_line_t *line = &sweep->line[l];
        bool good;

        if (line->stream == MMU_STREAM_DATA)
            good = mmu_line_take(line, access, data, datas, more_room, sweep);
        else if (line->stream == MMU_STREAM_FETCH)
            good = mmu_line_take(line, access, fetch, fetches, more_room, sweep);
        else
            good = mmu_line_take(line, access, NULL, n, more_room, sweep);
        if (!good)
            return fail(sweep);
        full = full || line->filled + SPAN > line->room;
    }
    sweep->count += n;
    return !full || turn(sweep);
}

bool mmu_sweep_feed(mmu_sweep_t *sweep, const mmu_access_t *access, size_t n)
{
    while (n != 0) {
        const uint16_t process = access->process;
        size_t most = n < SPAN ? n : SPAN, some;

        if (sweep->count == sweep->next_window) {
            if (!drain(sweep) || !window(sweep))
                return false;
            sweep->next_window += sweep->opt.window;
        }
        if (sweep->count == sweep->next_flush) {
            if (!flush(sweep))
                return false;
            sweep->next_flush += sweep->opt.flush_every;
        }
        if (process != sweep->process && !switch_to(sweep, process))
            return false;
        most = sweep->next_window - sweep->count < most ? sweep->next_window - sweep->count : most;
        most = sweep->next_flush - sweep->count < most ? sweep->next_flush - sweep->count : most;
        some = mmu_line_same_process(access, most);
        if (!take(sweep, access, some))
            return false;
        access += some;
        n -= some;
    }
    return true;
}

static void finish_task(void *user, unsigned n)
{
    mmu_sweep_t *sweep = user;
    const bool begun = sweep->opt.window != 0 && sweep->count != sweep->next_window - sweep->opt.window;

    if (!mmu_line_finish(&sweep->line[n], begun))
        atomic_store(&sweep->failed, true);
}

bool mmu_sweep_finish(mmu_sweep_t *sweep)
{
    if (!drain(sweep))
        return false;
    mmu_pool_start(sweep->pool, finish_task, sweep, sweep->lines);
    mmu_pool_wait(sweep->pool);
    return !atomic_load(&sweep->failed) || fail(sweep);
}

/* ---- results --------------------------------------------------------------------------------------------------- */

uint64_t mmu_sweep_window(const mmu_sweep_t *sweep)
{
    for (unsigned n = 0; n < sweep->lines; n++)
        if (sweep->line[n].stream != MMU_LINE_SPLIT)
            return sweep->opt.window * sweep->line[n].volume.stride;
    return sweep->opt.window;
}

bool mmu_sweep_results(const mmu_sweep_t *sweep, void (*tell)(void *user, const mmu_sweep_result_t *result),
                       void *user)
{
    for (unsigned n = 0; n < sweep->lines; n++)
        if (sweep->line[n].stream != MMU_LINE_SPLIT && !mmu_line_results(&sweep->line[n], tell, user))
            return false;
    return true;
}

void mmu_sweep_levels(const mmu_sweep_t *sweep, void (*tell)(void *user, const mmu_sweep_level_t *level),
                      void *user)
{
    for (unsigned n = 0; n < sweep->lines; n++)
        if (sweep->line[n].stream == MMU_LINE_SPLIT)
            mmu_line_levels(&sweep->line[n], tell, user);
}
