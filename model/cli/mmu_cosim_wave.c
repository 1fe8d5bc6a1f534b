/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The wave of a failure: run, and where that fails, run again with waves. The simulation tells the clock of its
 * failure through a pipe (--failure-fd).
 */
#include "cli/mmu_cosim_wave.h"

#include "cli/mmu_cli.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

bool mmu_cosim_wants_wave(const mmu_cosim_args_t *args)
{
    bool named = args->waves == MMU_WAVES_ON || (args->waves == MMU_WAVES_AUTO && args->wave != NULL);

    if (args->waves == MMU_WAVES_OFF)
        return false;
    if (args->env.trace == NULL || strcmp(args->env.trace, "-") != 0)
        return named || isatty(STDERR_FILENO) != 0;
    if (named) {
        fprintf(
            stderr,
            "lockwalk cosim: a wave is written by running the trace again, and standard input can be read "
            "only once; write the trace to a file, and name that with --trace\n");
        exit(MMU_EXIT_USE);
    }
    return false;
}

static void fail(const char *what)
{
    fprintf(stderr, "lockwalk cosim: %s: %s\n", what, strerror(errno));
    exit(MMU_EXIT_USE);
}

/* A child that ends when we do. */
static pid_t start(const char *program, char **argv, int fd_not_for_it)
{
    pid_t parent = getpid(), child;

    fflush(NULL);
    child = fork();
    if (child < 0)
        fail("fork");
    if (child != 0)
        return child;
    if (fd_not_for_it >= 0)
        close(fd_not_for_it);
    signal(SIGINT, SIG_DFL);
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
        _exit(MMU_EXIT_USE);
    execv(program, argv);
    fprintf(stderr, "lockwalk cosim: %s: %s\n", program, strerror(errno));
    _exit(MMU_EXIT_USE);
}

/* Its exit status; a child that a signal has ended takes us with it. */
static int wait_for(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            fail("waitpid");
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "lockwalk cosim: the simulation was ended by signal %d (%s)\n", WTERMSIG(status),
                strsignal(WTERMSIG(status)));
        exit(128 + WTERMSIG(status));
    }
    return WEXITSTATUS(status);
}

/* A copy of argv with so many words more, the last ones NULL. */
static char **with_room(int argc, char **argv, unsigned more)
{
    char **all = calloc((size_t)argc + more + 1, sizeof *all);

    if (all == NULL)
        abort();
    memcpy(all, argv, (size_t)argc * sizeof *all);
    return all;
}

static char *text(const char *format, uint64_t number)
{
    char *result = NULL;

    if (asprintf(&result, format, number) < 0)
        abort();
    return result;
}

/* The first run. False: there is no clock to look at. */
static bool run_first(const char *program, int argc, char **argv, int *status, uint64_t *clock)
{
    char **all = with_room(argc, argv, 1);
    int ends[2];
    bool known = false;
    pid_t child;
    FILE *f;

    if (pipe(ends) != 0)
        fail("pipe");
    all[argc] = text("--failure-fd=%" PRIu64, (uint64_t)ends[1]);
    child = start(program, all, ends[0]);
    close(ends[1]);
    f = fdopen(ends[0], "r");
    if (f == NULL)
        fail("fdopen");
    known = fscanf(f, "%" SCNu64, clock) == 1;
    fclose(f);
    *status = wait_for(child);
    free(all[argc]);
    free(all);
    return known;
}

/* lockwalk-CONFIG-SEED.fst in the current folder; CONFIG may be a file. */
static char *default_name(const mmu_cosim_args_t *args)
{
    const char *slash = strrchr(args->config, '/');
    const char *name = slash != NULL ? slash + 1 : args->config;
    const char *dot = strrchr(name, '.');
    char *result = NULL;

    if (asprintf(&result, "lockwalk-%.*s-%" PRIu64 ".fst",
                 dot != NULL && dot != name ? (int)(dot - name) : (int)strlen(name), name,
                 args->env.seed) < 0)
        abort();
    return result;
}

static void run_again(int argc, char **argv, const mmu_cosim_args_t *args, const mmu_cosim_build_t *what,
                      uint64_t clock)
{
    mmu_cosim_build_t traced = *what;
    char **all = with_room(argc, argv, 3);
    char *wave = args->wave != NULL ? strdup(args->wave) : default_name(args);
    char *program;

    traced.waves = true;
    program = mmu_cosim_build(&traced);
    if (program == NULL)
        return;
    fprintf(stderr, "Running it again up to clock %" PRIu64 ", for its wave\n", clock);
    all[argc] = text("--failure-clock=%" PRIu64, clock);
    all[argc + 1] = strdup("--wave");
    all[argc + 2] = wave;
    switch (wait_for(start(program, all, -1))) {
    case MMU_EXIT_GOOD:
        fprintf(stderr, "Wave of the last %" PRIu64 " clocks up to the failure: %s\n", args->wave_clocks,
                wave);
        fprintf(stderr, "  RTL and model side by side: mmu_tb.u_mmu.u_wave, signals rtl and model\n");
        fprintf(stderr, "  open it with: gtkwave %s\n", wave);
        break;
    case MMU_EXIT_MISMATCH:
        fprintf(stderr,
                "lockwalk cosim: no wave: the second run did not fail in clock %" PRIu64
                " as the first did\n",
                clock);
        break;
    default:
        break;
    }
    for (int n = argc; n < argc + 3; n++)
        free(all[n]);
    free(all);
    free(program);
}

int mmu_cosim_run_for_wave(const char *program, int argc, char **argv, const mmu_cosim_args_t *args,
                           const mmu_cosim_build_t *what)
{
    uint64_t clock = 0;
    int status;

    /* The simulation ends in order when it is interrupted; we wait for that. */
    signal(SIGINT, SIG_IGN);
    if (run_first(program, argc, argv, &status, &clock) && status == MMU_EXIT_MISMATCH) {
        signal(SIGINT, SIG_DFL);
        run_again(argc, argv, args, what, clock);
    }
    return status;
}
