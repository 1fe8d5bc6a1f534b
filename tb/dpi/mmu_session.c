/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * One run of the bench.
 */
#include "dpi/mmu_session.h"

#include "lockwalk/mmu_config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool mmu_session_open(mmu_session_t *session, int argc, char **argv)
{
    char err[512];

    memset(session, 0, sizeof *session);
    mmu_cosim_parse(argc, argv, &session->args);
    session->command =
        session->args.command != NULL ? strdup(session->args.command) : mmu_cosim_quote(argc, argv);
    if (session->args.cfg != NULL) {
        mmu_cfg_t cfg;
        if (mmu_cfg_from_hex(session->args.cfg, &cfg, NULL)) {
            {
                session->args.env.random.asid_bits_ignored = (uint8_t)(MMU_ASID_W - cfg.asid_bits);
                session->args.env.pmp_entries = cfg.pmp_entries;
            }
            session->args.env.pmp_entries = cfg.pmp_entries;
        }
    }
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

int mmu_session_close(mmu_session_t *session)
{
    mmu_run_t run = {.lockstep = session->lockstep,
                     .env = session->env,
                     .config = session->args.config,
                     .command = session->command,
                     .seed = session->args.env.seed};
    int status = 2;

    if (session->attached) {
        bool json_only = session->args.json != NULL && strcmp(session->args.json, "-") == 0;

        if (run.lockstep != NULL)
            mmu_lockstep_finish(session->lockstep);
        status = mmu_verdict_exit_status(mmu_run_verdict(&run));
        mmu_run_print(&run, json_only || status == 2 ? stderr : stdout);
        if (session->args.json != NULL && !write_json(session, &run))
            status = 2;
        fflush(stdout);
    }
    mmu_lockstep_destroy(session->lockstep);
    mmu_env_destroy(session->env);
    free(session->command);
    return status;
}
