/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * lockwalk trace generate
 */
#include "cli/mmu_cli.h"
#include "cli/trace_cli.h"
#include "lockwalk/mmu_trace_generate.h"

#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 4096u

typedef struct {
    mmu_generate_options_t generate;
    bool kind;
    uint64_t accesses;
    const char *output;
} options_t;

enum { KEY_PAGES = 256, KEY_ACCESSES, KEY_SEED, KEY_THETA, KEY_STRIDE, KEY_STORES, KEY_BASE };

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0,
     "Where to: NAME.lwt, or NAME.trc or .txt, and .zst, .gz or .xz behind it; - is text", 0},
    {"pages", KEY_PAGES, "N", 0, "Footprint in pages of 4 KiB (default 100000; to 2^36, zipf to 2^26)", 0},
    {"accesses", KEY_ACCESSES, "N", 0, "How many (default 1000000)", 0},
    {"seed", KEY_SEED, "N", 0, "Of the random numbers (default 1)", 0},
    {"base", KEY_BASE, "ADDRESS", 0, "First address, hexadecimal (default 10000000)", 0},
    {"store-percent", KEY_STORES, "N", 0, "Of 100 accesses, how many are stores (default 30)", 0},
    {"theta", KEY_THETA, "T", 0, "zipf: the exponent, 0 to 4, to thousandths (default 0.99)", 0},
    {"stride", KEY_STRIDE, "BYTES", 0, "stride: from one address to the next (default 4096)", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char text[] =
    "Generates loads and stores of 8 bytes with a footprint that no small program has. The same options give "
    "the "
    "same trace on every machine.\v"
    "KIND is one of\n"
    "  uniform  every page alike\n"
    "  zipf     the page of rank r in proportion to 1 / r^theta\n"
    "  stride   addresses one after the other, round and round\n"
    "  gups     a load and a store of a random word, again and again\n"
    "\n"
    "Examples:\n"
    "  lockwalk trace generate uniform --pages 1000000 --accesses 5000000 --output million.lwt\n"
    "  lockwalk trace generate zipf --theta 0.8 --pages 300000 --seed 7 --output zipf.lwt\n"
    "  lockwalk trace generate stride --stride 8192 --pages 2048 --accesses 10 --output -\n"
    "\n"
    "Exit status: 0 good, 2 bad use.";

/* "0.99" to 990; false: no such number. */
static bool thousandths(const char *p, uint32_t *value)
{
    uint32_t unit = 1000;

    if (*p < '0' || *p > '9')
        return false;
    for (*value = 0; *p >= '0' && *p <= '9' && *value < 100000; p++)
        *value = *value * 10 + (uint32_t)(*p - '0') * 1000;
    if (*p == '.')
        for (p++; *p >= '0' && *p <= '9' && unit > 1; p++)
            *value += (uint32_t)(*p - '0') * (unit /= 10);
    return *p == '\0';
}

static bool hexadecimal(const char *text_of, uint64_t *value)
{
    char *end;

    if (strncmp(text_of, "0x", 2) == 0)
        text_of += 2;
    if (strspn(text_of, "0123456789abcdefABCDEF") != strlen(text_of) || *text_of == '\0' ||
        strlen(text_of) > 16)
        return false;
    *value = strtoull(text_of, &end, 16);
    return true;
}

static void number(struct argp_state *state, const char *option, const char *argument, uint64_t *to)
{
    if (!mmu_trace_cli_number(argument, UINT64_MAX / 2, to))
        argp_error(state, "%s: '%s', expected a number", option, argument);
}

static void parse_kind(struct argp_state *state, options_t *o, const char *argument)
{
    for (unsigned k = 0; mmu_generate_name(k) != NULL; k++)
        if (strcmp(mmu_generate_name(k), argument) == 0) {
            if (o->kind)
                argp_error(state, "more than one kind");
            o->generate.kind = (mmu_generate_e)k;
            o->kind = true;
            return;
        }
    argp_error(state, "'%s' is no kind, expected uniform, zipf, stride or gups", argument);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options_t *o = state->input;
    uint64_t value;

    switch (key) {
    case 'o':
        o->output = argument;
        return 0;
    case KEY_PAGES:
        number(state, "--pages", argument, &o->generate.pages);
        return 0;
    case KEY_ACCESSES:
        number(state, "--accesses", argument, &o->accesses);
        return 0;
    case KEY_SEED:
        number(state, "--seed", argument, &o->generate.seed);
        return 0;
    case KEY_STRIDE:
        number(state, "--stride", argument, &o->generate.stride);
        return 0;
    case KEY_STORES:
        if (!mmu_trace_cli_number(argument, 100, &value))
            argp_error(state, "--store-percent: '%s', expected a number from 0 to 100", argument);
        o->generate.store_percent = (uint32_t)value;
        return 0;
    case KEY_THETA:
        if (!thousandths(argument, &o->generate.theta))
            argp_error(
                state,
                "--theta: '%s', expected a number from 0 to 4 with at most three digits behind the point",
                argument);
        return 0;
    case KEY_BASE:
        if (!hexadecimal(argument, &o->generate.base))
            argp_error(state, "--base: '%s', expected a hexadecimal address", argument);
        return 0;
    case ARGP_KEY_ARG:
        parse_kind(state, o, argument);
        return 0;
    case ARGP_KEY_END:
        if (!o->kind)
            argp_error(state, "no kind, expected uniform, zipf, stride or gups");
        if (o->output == NULL)
            argp_error(state, "no --output");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int mmu_trace_generate(int argc, char **argv)
{
    const struct argp argp = {options, parse, "KIND", text, NULL, NULL, NULL};
    options_t o = {.accesses = 1000000};
    char error[512], source[64], *command = mmu_trace_cli_command(argc, argv);
    mmu_trace_about_t about = {source, command, NULL};
    mmu_generator_t *generator;
    mmu_trace_cli_output_t out;
    mmu_access_t block[BLOCK];
    bool good;

    o.generate = (mmu_generate_options_t){
        .base = 0x10000000, .pages = 100000, .theta = 990, .stride = 4096, .store_percent = 30, .seed = 1};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    generator = mmu_generate_new(&o.generate, error, sizeof error);
    if (generator == NULL) {
        fprintf(stderr, "lockwalk trace: --%s\n", error);
        free(command);
        return MMU_EXIT_USE;
    }
    snprintf(source, sizeof source, "generated, %s", mmu_generate_name(o.generate.kind));
    good = mmu_trace_cli_create(&out, o.output, &about);
    if (good) {
        for (uint64_t left = o.accesses; left > 0;) {
            const size_t n = left < BLOCK ? (size_t)left : BLOCK;

            mmu_generate(generator, block, n);
            if (!mmu_trace_cli_write(&out, block, n))
                break; /* closing tells why */
            left -= n;
        }
        good = mmu_trace_cli_close(&out, true);
    }
    mmu_generate_free(generator);
    free(command);
    return good ? MMU_EXIT_GOOD : MMU_EXIT_USE;
}
