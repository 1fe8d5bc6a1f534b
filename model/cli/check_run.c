/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk check`: files on the architectural and on the cycle model, and what is heard of them.
 */
#include "cli/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- can it be played? -------------------------------------------------------------------------------- */

bool mmu_check_handles(mmu_check_t *check, const mmu_tv_world_t *world)
{
    const bool arch = check->on == MMU_CHECK_ARCH;
    char what[200], leave_out[64], config[128] = "";

    if (mmu_vectors_handles(world, arch ? NULL : &check->cfg, what, leave_out))
        return true;
    if (!arch)
        snprintf(config, sizeof config, " --config %.100s", mmu_check_config(check));
    snprintf(check->err.text, sizeof check->err.text,
             "%s:%u: world 0x%" PRIx64
             " has %s; `--on %s%s` does not handle that; such worlds are left out by --select '%s', with "
             "what else it selects",
             world->file, world->line, world->id, what, mmu_check_on_name(check->on), config, leave_out);
    return false;
}

bool mmu_check_scan(mmu_check_t *check)
{
    for (unsigned file = 0; file < check->file_count; file++) {
        const mmu_tv_world_t *world;
        mmu_tv_t *tv = mmu_tv_open(check->files[file], &check->err);
        int got;

        if (tv == NULL)
            return false;
        while ((got = mmu_tv_next(tv, &world, &check->err)) > 0)
            if (mmu_tv_select_match(check->select, world) && !mmu_check_handles(check, world))
                break;
        mmu_tv_close(tv);
        if (got != 0)
            return false;
    }
    return true;
}

/* ---- what is heard ------------------------------------------------------------------------------------ */

static void hear_found(void *user, unsigned file, const mmu_vectors_found_t *found)
{
    mmu_check_t *check = user;

    if (check->shown + check->kept_count >= check->shown_max)
        return;
    if (check->kept_count == check->kept_room) {
        const unsigned room = 2 * check->kept_room + 8;
        mmu_check_kept_t *kept = realloc(check->kept, room * sizeof *kept);

        if (kept == NULL) {
            check->out_of_memory = true;
            return;
        }
        check->kept = kept;
        check->kept_room = room;
    }
    check->kept[check->kept_count++] = (mmu_check_kept_t){file, *found};
}

static void tell(mmu_check_t *check, const mmu_tv_world_t *world, const mmu_vectors_found_t *found)
{
    mmu_pmp_file_t file;
    mmu_arch_result_t result;
    mmu_check_mismatch_t mismatch = {
        .check = check, .world = world, .found = found, .pmp = mmu_vectors_pmp(world, &file)};

    if (!mmu_vectors_trail(world, check->image, found->access, found->step, &result, &mismatch.trail)) {
        check->out_of_memory = true;
        return;
    }
    check->shown++;
    if (check->json)
        json_array_append_new(check->json_mismatches, mmu_check_json(&mismatch));
    else
        mmu_check_print(&mismatch, stdout);
}

/* What was kept of a file, told world by world: it is read once more. */
static void tell_kept(mmu_check_t *check, const char *path)
{
    const mmu_tv_world_t *world;
    mmu_tv_t *tv = check->kept_count != 0 ? mmu_tv_open(path, &check->err) : NULL;

    while (tv != NULL && mmu_tv_next(tv, &world, &check->err) > 0)
        for (unsigned n = 0; n < check->kept_count; n++)
            if (check->kept[n].found.world_line == world->line)
                tell(check, world, &check->kept[n].found);
    mmu_tv_close(tv);
    check->kept_count = 0;
}

static json_t *steps_json(const uint64_t counts[MMU_VECTORS_STEPS])
{
    json_t *json = json_object();

    for (unsigned step = 0; step < MMU_VECTORS_STEPS; step++)
        json_object_set_new(json, mmu_vectors_step_key(step), json_integer((json_int_t)counts[step]));
    return json;
}

static json_t *counts_json(const mmu_vectors_counts_t *c)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "worlds", (json_int_t)c->worlds, "accesses",
                     (json_int_t)c->accesses, "worlds_left_out", (json_int_t)c->worlds_out,
                     "accesses_left_out", (json_int_t)c->accesses_out, "mismatches",
                     (json_int_t)c->mismatches, "words_changed", (json_int_t)c->words, "compared",
                     steps_json(c->compared), "differ", steps_json(c->differ));
}

static void hear_file(void *user, unsigned file, const mmu_vectors_counts_t *counts)
{
    mmu_check_t *check = user;
    const char *path = file < check->file_count ? check->files[file] : "?";

    tell_kept(check, path);
    check->files_done++;
    mmu_vectors_counts_add(&check->total, counts);
    if (check->json) {
        json_t *json = counts_json(counts);

        json_object_set_new(json, "file", json_string(path));
        json_array_append_new(check->json_files, json);
        return;
    }
    printf("%s: %" PRIu64 " worlds, %" PRIu64 " accesses, %" PRIu64 " mismatches; left out %" PRIu64
           " worlds, %" PRIu64 " accesses\n",
           path, counts->worlds, counts->accesses, counts->mismatches, counts->worlds_out,
           counts->accesses_out);
    fflush(stdout);
}

mmu_vectors_sink_t mmu_check_sink(mmu_check_t *check)
{
    return (mmu_vectors_sink_t){.found = hear_found, .file_done = hear_file, .user = check};
}

/* ---- the architectural model -------------------------------------------------------------------------- */

static bool play_file(mmu_check_t *check, const char *path, mmu_vectors_book_t *book)
{
    const mmu_tv_world_t *world;
    int got;
    mmu_tv_t *tv = mmu_tv_open(path, &check->err);

    if (tv == NULL)
        return false;
    while ((got = mmu_tv_next(tv, &world, &check->err)) > 0) {
        if (!mmu_tv_select_match(check->select, world)) {
            mmu_vectors_book_left_out(book, world);
        } else if (!mmu_check_handles(check, world)) {
            break;
        } else if (!mmu_vectors_play(world, check->image, NULL, NULL, book)) {
            snprintf(check->err.text, sizeof check->err.text, "%s:%u: out of memory", world->file,
                     world->line);
            break;
        }
    }
    mmu_tv_close(tv);
    if (got == 0)
        mmu_vectors_book_file(book);
    return got == 0;
}

bool mmu_check_arch(mmu_check_t *check)
{
    const mmu_vectors_sink_t sink = mmu_check_sink(check);
    mmu_vectors_book_t book = {.sink = &sink};
    bool good = true;

    for (unsigned file = 0; good && file < check->file_count; file++)
        good = play_file(check, check->files[file], &book);
    mmu_vectors_book_free(&book);
    return good;
}

/* ---- the cycle model ---------------------------------------------------------------------------------- */

/* A chain of an inverted table may have 2^16 rows, of two words each (INV-2). */
uint64_t mmu_check_watchdog(const mmu_check_t *check)
{
    return (check->cfg.formats >> MMU_FORMAT_INVERTED & 1u) != 0 ? 4000000 : 0;
}

bool mmu_check_env(mmu_check_t *check, mmu_env_options_t *opt)
{
    memset(opt, 0, sizeof *opt);
    opt->kind = MMU_ENV_VECTORS;
    opt->seed = check->seed;
    opt->watchdog = mmu_check_watchdog(check);
    mmu_env_configure(opt, &check->cfg);
    opt->vectors.select = check->select_text;
    if (check->file_count > MMU_VECTORS_FILES) {
        snprintf(check->err.text, sizeof check->err.text,
                 "%u files; allowed with --on %s: up to %u at a time", check->file_count,
                 mmu_check_on_name(check->on), MMU_VECTORS_FILES);
        return false;
    }
    for (unsigned file = 0; file < check->file_count; file++)
        opt->vectors.file[opt->vectors.files++] = check->files[file];
    return true;
}

static void show_progress(const mmu_check_t *check, const mmu_env_t *env, bool end)
{
    if (end)
        fprintf(stderr, "\r%60s\r", "");
    else
        fprintf(stderr, "\rfile %u of %u, %.1f million clocks ", check->files_done + 1, check->file_count,
                (double)mmu_env_stats(env)->clocks / 1e6);
}

static void run_cycle(mmu_check_t *check, mmu_t *mmu, mmu_env_t *env)
{
    const bool progress = isatty(STDERR_FILENO) != 0;
    mmu_in_t in, next;
    mmu_out_t out;

    mmu_env_reset_inputs(env, &in);
    while (!mmu_env_done(env)) {
        mmu_comb(mmu, &in, &out);
        mmu_env_step(env, &in, &out, &next);
        mmu_seq(mmu, true);
        in = next;
        if (progress && mmu_env_stats(env)->clocks % 500000 == 0)
            show_progress(check, env, false);
    }
    if (progress)
        show_progress(check, env, true);
}

/* How the environment's run ended, where not well. False: bad input. */
static bool take_failure(mmu_check_t *check, const mmu_env_failure_t *failure)
{
    if (failure->kind == MMU_ENV_OK)
        return true;
    if (failure->kind == MMU_ENV_BAD_INPUT) {
        snprintf(check->err.text, sizeof check->err.text, "%s", failure->text);
        return false;
    }
    check->failed = true;
    if (check->json)
        check->json_failure = json_pack("{s:s, s:I, s:s}", "kind", mmu_env_fail_name(failure->kind), "clock",
                                        (json_int_t)failure->clock, "text", failure->text);
    else
        printf("clock %" PRIu64 ": %s\n", failure->clock, failure->text);
    return true;
}

bool mmu_check_cycle(mmu_check_t *check)
{
    const mmu_vectors_sink_t sink = mmu_check_sink(check);
    mmu_env_options_t opt;
    mmu_env_t *env = NULL;
    void *storage = NULL;
    bool good;

    if (!mmu_check_scan(check) || !mmu_check_env(check, &opt))
        return false;
    opt.vectors.sink = &sink;
    env = mmu_env_create(&opt, check->err.text, sizeof check->err.text);
    if (env == NULL)
        return false;
    storage = malloc(mmu_sizeof(&check->cfg));
    good = storage != NULL;
    if (good) {
        run_cycle(check, mmu_init(storage, &check->cfg), env);
        good = take_failure(check, mmu_env_failure(env));
    } else {
        snprintf(check->err.text, sizeof check->err.text, "out of memory");
    }
    free(storage);
    mmu_env_destroy(env);
    return good;
}
