/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The program `lockwalk`: finds the subcommand and hands over. Exit status: 0 good, 1 a mismatch or a failed
 * check, 2 bad use or bad input.
 */
#include "cli/mmu_cli.h"
#include "config/mmu_nearest.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    const char *what;
    int (*run)(int argc, char **argv);
} command_t;

static const command_t commands[] = {
#define MMU_COMMAND(name, what) {#name, what, mmu_cmd_##name},
#include "cli/commands.def"
#undef MMU_COMMAND
    {NULL, NULL, NULL}};

const char *argp_program_version = "lockwalk " MMU_VERSION;

static void print_help(FILE *to)
{
    fprintf(
        to,
        "Usage: lockwalk COMMAND [OPTION...]\n"
        "A memory-management unit as RTL, cycle model and architectural model, checked against each other.\n"
        "\n"
        "Commands:\n");
    for (const command_t *c = commands; c->name != NULL; c++)
        fprintf(to, "  %-8s %s\n", c->name, c->what);
    fprintf(to, "\n"
                "  -h, --help     this text; `lockwalk COMMAND --help` tells more, with examples\n"
                "  -V, --version  the version\n"
                "\n"
                "Exit status: 0 good, 1 a mismatch or a failed check, 2 bad use or bad input.\n");
}

static int unknown(const char *word)
{
    const char *names[sizeof commands / sizeof commands[0]] = {NULL};
    unsigned count = 0;
    const char *near;

    for (const command_t *c = commands; c->name != NULL; c++)
        names[count++] = c->name;
    near = mmu_nearest(word, names, count);
    fprintf(stderr, "lockwalk: '%s' is not a command", word);
    if (near != NULL)
        fprintf(stderr, "; did you mean '%s'?\n", near);
    else
        fprintf(stderr, "; see `lockwalk --help`\n");
    return MMU_EXIT_USE;
}

int main(int argc, char **argv)
{
    char name[64];

    argp_err_exit_status = MMU_EXIT_USE;
    if (argc < 2) {
        print_help(stderr);
        return MMU_EXIT_USE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return MMU_EXIT_GOOD;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts(argp_program_version);
        return MMU_EXIT_GOOD;
    }
    for (const command_t *c = commands; c->name != NULL; c++)
        if (strcmp(argv[1], c->name) == 0) {
            /* argp and messages then say "lockwalk config: ..." */
            snprintf(name, sizeof name, "lockwalk %s", c->name);
            argv[1] = name;
            program_invocation_name = name;
            program_invocation_short_name = name;
            return c->run(argc - 1, argv + 1);
        }
    return unknown(argv[1]);
}
