/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk check --on rtl`: all files on the RTL, in lockstep with the cycle model. The simulation is that of
 * `lockwalk cosim`; what it finds comes through a pipe, and where RTL and model differ, or the protocol is broken, its
 * own report is printed.
 */
#include "cli/check.h"
#include "cli/mmu_cosim_args.h"
#include "cli/mmu_cosim_place.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static bool fail(mmu_check_t *check, const char *what)
{
    snprintf(check->err.text, sizeof check->err.text, "%s: %s", what, strerror(errno));
    return false;
}

static char *build(mmu_check_t *check, const char *hex)
{
    mmu_cosim_place_t place;
    char *program;

    if (!mmu_cosim_find_place(&place, check->rtl, check->build_dir, check->err.text, sizeof check->err.text))
        return NULL;
    program = mmu_cosim_build_at(&place, mmu_check_config(check), hex);
    if (program == NULL)
        snprintf(check->err.text, sizeof check->err.text, "no simulation of configuration '%s'",
                 mmu_check_config(check));
    mmu_cosim_free_place(&place);
    return program;
}

/* ---- its command line --------------------------------------------------------------------------------- */

enum { MOST_ARGUMENTS = 2 * MMU_VECTORS_FILES + 40 };

typedef struct {
    char *word[MOST_ARGUMENTS + 1];
    int count;
} line_t;

static void add(line_t *line, const char *word)
{
    line->word[line->count] = strdup(word);
    if (line->word[line->count++] == NULL)
        abort();
}

static void add_two(line_t *line, const char *option, const char *value)
{
    add(line, option);
    add(line, value);
}

static void clear(line_t *line)
{
    while (line->count > 0)
        free(line->word[--line->count]);
}

/* What a user would type to see a difference between RTL and model again, with waves too. */
static void cosim_line(const mmu_check_t *check, line_t *line)
{
    char seed[32];

    add(line, "lockwalk cosim");
    add_two(line, "--config", mmu_check_config(check));
    snprintf(seed, sizeof seed, "%" PRIu64, check->seed);
    add_two(line, "--seed", seed);
    if (mmu_check_watchdog(check) != 0) {
        snprintf(seed, sizeof seed, "%" PRIu64, mmu_check_watchdog(check));
        add_two(line, "--watchdog", seed);
    }
    if (check->whitebox)
        add(line, "--whitebox");
    if (check->rtl != NULL)
        add_two(line, "--rtl", check->rtl);
    if (check->build_dir != NULL)
        add_two(line, "--build-dir", check->build_dir);
    if (*check->select_text != '\0')
        add_two(line, "--vectors-select", check->select_text);
    for (unsigned file = 0; file < check->file_count; file++)
        add_two(line, "--vectors", check->files[file]);
}

static void full_line(const mmu_check_t *check, const char *hex, int fd, line_t *line)
{
    char *command, text[32];

    cosim_line(check, line);
    command = mmu_cosim_quote(line->count, line->word);
    add_two(line, "--command", command);
    free(command);
    add_two(line, "--cfg", hex);
    snprintf(text, sizeof text, "%d", fd);
    add_two(line, "--vectors-fd", text);
}

/* ---- running ------------------------------------------------------------------------------------------ */

/* In the child, which ends when we do. What it prints waits until we know whether it is wanted. */
static void become(const char *program, char **argv, FILE *out, int not_for_it, pid_t parent)
{
    close(not_for_it);
    signal(SIGINT, SIG_DFL);
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent || dup2(fileno(out), STDOUT_FILENO) < 0)
        _exit(2);
    execv(program, argv);
    fprintf(stderr, "lockwalk check: %s: %s\n", program, strerror(errno));
    _exit(2);
}

static char *all_of(FILE *f)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    int c;

    rewind(f);
    while (to != NULL && (c = fgetc(f)) != EOF)
        fputc(c, to);
    if (to != NULL)
        fclose(to);
    return text;
}

/* How the simulation ended, where not well. */
static bool take_end(mmu_check_t *check, int status, bool complete, FILE *out)
{
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    char *text;

    if (code == 0 && complete)
        return true;
    if (code == 2) {
        snprintf(check->err.text, sizeof check->err.text, "the simulation could not go on");
        return false;
    }
    if (code != 1 && code != 0) {
        snprintf(check->err.text, sizeof check->err.text, "the simulation was ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
        return false;
    }
    check->failed = true;
    text = all_of(out);
    if (check->json)
        check->json_failure = json_pack("{s:s, s:s}", "kind", "simulation", "text", text != NULL ? text : "");
    else if (text != NULL)
        fputs(text, stdout);
    free(text);
    return true;
}

static bool run(mmu_check_t *check, const char *program, const char *hex)
{
    const mmu_vectors_sink_t sink = mmu_check_sink(check);
    const pid_t parent = getpid();
    line_t line = {.count = 0};
    FILE *out = tmpfile();
    int fd[2], status = 0;
    bool complete;
    pid_t child;

    if (out == NULL || pipe(fd) != 0)
        return fail(check, "a pipe to the simulation");
    full_line(check, hex, fd[1], &line);
    fflush(NULL);
    child = fork();
    if (child == 0)
        become(program, line.word, out, fd[0], parent);
    close(fd[1]);
    clear(&line);
    if (child < 0) {
        close(fd[0]);
        fclose(out);
        return fail(check, "fork");
    }
    complete = mmu_vectors_pipe_read(fd[0], &sink);
    close(fd[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    complete = take_end(check, status, complete, out);
    fclose(out);
    return complete;
}

bool mmu_check_rtl(mmu_check_t *check)
{
    mmu_env_options_t opt;
    char hex[MMU_CFG_HEX_SIZE];
    char *program;
    bool good;

    if (!mmu_check_scan(check) || !mmu_check_env(check, &opt))
        return false;
    mmu_cfg_to_hex(&check->cfg, hex);
    program = build(check, hex);
    if (program == NULL)
        return false;
    good = run(check, program, hex);
    free(program);
    return good;
}
