/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * One run of the bench.
 */
#include "dpi/mmu_session.h"

#include "lockwalk/mmu_config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What the environment has to know of the MMU. */
static void tell_shape(mmu_env_options_t *env, const char *hex)
{
    mmu_cfg_t cfg;

    if (mmu_cfg_from_hex(hex, &cfg, NULL))
        mmu_env_configure(env, &cfg);
}

bool mmu_session_open(mmu_session_t *session, int argc, char **argv, const char *built_cfg)
{
    char err[512];

    memset(session, 0, sizeof *session);
    mmu_cosim_parse(argc, argv, &session->args);
    session->command =
        session->args.command != NULL ? strdup(session->args.command) : mmu_cosim_quote(argc, argv);
    tell_shape(&session->args.env, session->args.cfg != NULL ? session->args.cfg : built_cfg);
    session->env = mmu_env_create(&session->args.env, err, sizeof err);
    if (session->env == NULL) {
        fprintf(stderr, "%s: %s\n", argv[0], err);
        free(session->command);
        return false;
    }
    return true;
}

static bool write_json(const mmu_session_t *session, const mmu_run_t *run)
{
    const char *file = session->args.json;
    json_t *json = mmu_run_json(run);
    FILE *f = strcmp(file, "-") == 0 ? stdout : fopen(file, "w");
    bool good =
        f != NULL && json_dumpf(json, f, JSON_INDENT(1) | JSON_PRESERVE_ORDER) == 0 && fputc('\n', f) != EOF;

    if (f != NULL && f != stdout)
        good = fclose(f) == 0 && good;
    json_decref(json);
    if (!good)
        fprintf(stderr, "lockwalk cosim: cannot write %s: %s\n", file, strerror(errno));
    return good;
}

/* The clock in which it went wrong; false: there is none that a wave could show. */
static bool failure_clock(const mmu_run_t *run, uint64_t *clock)
{
    mmu_verdict_e verdict = mmu_run_verdict(run);
    mmu_diff_e diff = run->lockstep != NULL ? mmu_lockstep_mismatch(run->lockstep)->kind : MMU_DIFF_NONE;

    if ((verdict != MMU_VERDICT_MISMATCH && verdict != MMU_VERDICT_FAIL) ||
        mmu_env_stats(run->env)->clocks == 0 || diff == MMU_DIFF_NOTHING)
        return false;
    *clock = diff != MMU_DIFF_NONE ? mmu_lockstep_mismatch(run->lockstep)->clock
                                   : mmu_env_failure(run->env)->clock;
    return true;
}

/* After a failure: who asks for its wave, or how to get it. */
static void tell_of_wave(const mmu_session_t *session, const mmu_run_t *run, FILE *to)
{
    const char *trace = session->args.env.trace;
    uint64_t clock;

    if (!failure_clock(run, &clock))
        return;
    if (session->args.failure_fd >= 0)
        dprintf(session->args.failure_fd, "%" PRIu64 "\n", clock);
    else if (trace != NULL && strcmp(trace, "-") == 0)
        fprintf(to, "  no wave: standard input can be read only once; write the trace to a file\n");
    else if (session->args.command != NULL)
        fprintf(to,
                "  for the wave of the clocks before it, RTL and model side by side (a second build, once):\n"
                "    %s --waves on\n",
                session->args.command);
}

/* A run that repeats another for its wave says nothing: it is good where it fails in the same clock, and 2 where it
 * could not write the wave, which has been told. */
static int rerun_status(const mmu_session_t *session, const mmu_run_t *run)
{
    uint64_t clock;

    if (!failure_clock(run, &clock) || clock != session->args.failure_clock)
        return 1;
    return session->wave_on ? 0 : 2;
}

int mmu_session_close(mmu_session_t *session)
{
    mmu_run_t run = {.lockstep = session->lockstep,
                     .env = session->env,
                     .config = session->args.config,
                     .command = session->command,
                     .seed = session->args.env.seed,
                     .verbose = session->args.verbose};
    int status = 2;

    if (session->attached) {
        bool json_only = session->args.json != NULL && strcmp(session->args.json, "-") == 0;

        if (run.lockstep != NULL)
            mmu_lockstep_finish(session->lockstep);
        status = mmu_verdict_exit_status(mmu_run_verdict(&run));
        if (session->args.rerun) {
            status = rerun_status(session, &run);
        } else {
            FILE *to = json_only || status == 2 ? stderr : stdout;
            mmu_run_print(&run, to);
            tell_of_wave(session, &run, to);
            if (session->args.json != NULL && !write_json(session, &run))
                status = 2;
        }
        fflush(stdout);
    }
    mmu_lockstep_destroy(session->lockstep);
    mmu_env_destroy(session->env);
    free(session->command);
    return status;
}
