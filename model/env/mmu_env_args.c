/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The environment's command-line options, for every program that has an environment (glibc argp).
 */
#include "lockwalk/mmu_env.h"
#include "lockwalk/mmu_format.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_CYCLES = 0x1000,
    KEY_SEED,
    KEY_WATCHDOG,
    KEY_LATENCY,
    KEY_STALL,
    KEY_RAM,
    KEY_HUGE,
    KEY_SVADE,
    KEY_ASID,
    KEY_TRACE,
    KEY_RANDOM,
    KEY_VECTORS,
    KEY_VECTORS_SELECT,
    KEY_VECTORS_FD,
    KEY_FORMAT,
    KEY_X86_MODE,
    KEY_PAGE_SIZE,
    KEY_ROWS,
    KEY_LINEAR
};

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "What is played:", 1},
    {"trace", KEY_TRACE, "FILE", 0,
     "Accesses of a real program, in any form of docs/traces.md, plain or compressed; - is standard input",
     0},
    {"random", KEY_RANDOM, "SEED", 0, "Random accesses and page tables", 0},
    {"vectors", KEY_VECTORS, "FILE", 0,
     "Translation vectors, as `lockwalk check` plays them, up to the first that differs; may be given "
     "several "
     "times",
     0},
    {"vectors-select", KEY_VECTORS_SELECT, "TERMS", 0,
     "Only worlds where all TERMS hold: key=value,key!=value|value,...", 0},
    {"vectors-fd", KEY_VECTORS_FD, "FD", OPTION_HIDDEN, NULL, 0},
    {"cycles", KEY_CYCLES, "N", 0, "Stop after N clocks (default: at the end of the trace)", 0},
    {"huge-pages", KEY_HUGE, "POLICY", 0,
     "Pages that the pager maps: never, 2m, 1g or mixed (default: never)", 0},
    {"svade", KEY_SVADE, NULL, 0,
     "The pager sets A and D bits, after a page fault (default: the hardware does)", 0},
    {"asid", KEY_ASID, "N", 0, "The address space of a trace, 0 to 65535 (default: 0)", 0},
    {"format", KEY_FORMAT, "NAME", 0,
     "The format that is played, where the configuration has several: riscv, x86, bounds, segment, linear, "
     "directory, inverted or segpage (default: the first of them that it has)",
     0},
    {"x86-mode", KEY_X86_MODE, "NAME", 0,
     "Paging of a trace in x86: 2level, pae, pml4 or pml5 (default: 2level where TLBs hold pages of 4 MiB, "
     "but "
     "not of 1 GiB, else pml4)",
     0},
    {"page-size", KEY_PAGE_SIZE, "BYTES", 0,
     "Pages of a trace in the classical formats, 512 to 64K (default: 4K, or the smallest that TLBs hold)",
     0},
    {"rows", KEY_ROWS, "N", 0,
     "Rows of an inverted table, a power of two up to 64K (default: 64K; 2K with --linear-search)", 0},
    {"linear-search", KEY_LINEAR, NULL, 0, "An inverted table is searched row by row (default: hashed)", 0},
    {NULL, 0, NULL, 0, "Memory and time:", 2},
    {"mem-latency", KEY_LATENCY, "MIN[..MAX]", 0,
     "Clocks from a walk-port request to its response (default: 1)", 0},
    {"mem-stall", KEY_STALL, "PERCENT", 0, "Clocks in which the walk port is not ready, 0 to 95 (default: 0)",
     0},
    {"ram", KEY_RAM, "BASE:SIZE", 0, "RAM, e.g. 0x80000000:64G (default: 0x80000000:1T)", 0},
    {"seed", KEY_SEED, "N", 0, "Seed of the memory's latencies and of random accesses (default: 0)", 0},
    {"watchdog", KEY_WATCHDOG, "N", 0,
     "Clocks without progress that are a failure (default: 20000 and 256 for each clock of the memory's "
     "latency)",
     0},
    {0}};

/* A whole number, decimal or 0x, with an optional K, M, G or T where `units`; stops at `stop`. */
static uint64_t number(struct argp_state *state, const char *option, const char *text, uint64_t min,
                       uint64_t max, bool units)
{
    char *end = NULL;
    uint64_t value;
    unsigned shift = 0;

    errno = 0;
    value = strtoull(text, &end, 0);
    if (units && end != text && *end != '\0') {
        const char *unit = strchr("KMGT", *end);
        if (unit != NULL) {
            shift = 10 * (unsigned)(unit - "KMGT" + 1);
            end++;
        }
    }
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value > max >> shift ||
        value << shift < min)
        argp_error(state, "--%s: '%s', expected a whole number from %llu to %llu%s", option, text,
                   (unsigned long long)min, (unsigned long long)max,
                   units ? ", K, M, G or T may follow" : "");
    return value << shift;
}

static void latency(struct argp_state *state, mmu_env_options_t *opt, const char *arg)
{
    char low[32];
    const char *dots = strstr(arg, "..");
    size_t n = dots != NULL ? (size_t)(dots - arg) : strlen(arg);

    if (n >= sizeof low)
        n = sizeof low - 1;
    memcpy(low, arg, n);
    low[n] = '\0';
    opt->mem_latency_min = (uint32_t)number(state, "mem-latency", low, 1, 100000, false);
    opt->mem_latency_max = opt->mem_latency_min;
    if (dots != NULL)
        opt->mem_latency_max =
            (uint32_t)number(state, "mem-latency", dots + 2, opt->mem_latency_min, 100000, false);
}

static void ram(struct argp_state *state, mmu_env_options_t *opt, const char *arg)
{
    char base[32];
    const char *colon = strchr(arg, ':');
    size_t n = colon != NULL ? (size_t)(colon - arg) : 0;

    if (colon == NULL || n >= sizeof base)
        argp_error(state, "--ram: '%s', expected BASE:SIZE, e.g. 0x80000000:64G", arg);
    memcpy(base, arg, n);
    base[n] = '\0';
    opt->ram_base = number(state, "ram", base, 4096, MMU_PA_MASK, true);
    opt->ram_size = number(state, "ram", colon + 1, 4096, MMU_PA_MASK, true);
    if (((opt->ram_base | opt->ram_size) & 0xfff) != 0 || opt->ram_size > MMU_PA_MASK + 1 - opt->ram_base)
        argp_error(state, "--ram: '%s', expected multiples of 4096 that end at 2^56 at most", arg);
}

static mmu_huge_e huge(struct argp_state *state, const char *arg)
{
    for (unsigned i = 0; mmu_env_huge_name(i) != NULL; i++)
        if (strcmp(arg, mmu_env_huge_name(i)) == 0)
            return (mmu_huge_e)i;
    argp_error(state, "--huge-pages: '%s', expected never, 2m, 1g or mixed", arg);
    return MMU_HUGE_NEVER;
}

static uint8_t format(struct argp_state *state, const char *arg)
{
    for (unsigned n = 0; n < 16; n++)
        if (mmu_format(n) != NULL && strcmp(arg, mmu_format(n)->name) == 0)
            return (uint8_t)(n + 1);
    argp_error(state,
               "--format: '%s', expected riscv, x86, bounds, segment, linear, directory, inverted or segpage",
               arg);
    return 0;
}

static uint8_t x86_mode(struct argp_state *state, const char *arg)
{
    for (unsigned n = 1; mmu_env_x86_mode_name(n) != NULL; n++)
        if (strcmp(arg, mmu_env_x86_mode_name(n)) == 0)
            return (uint8_t)n;
    argp_error(state, "--x86-mode: '%s', expected 2level, pae, pml4 or pml5", arg);
    return 0;
}

/* log2 of a power of two. */
static uint8_t power(struct argp_state *state, const char *option, const char *arg, uint64_t min,
                     uint64_t max)
{
    uint64_t value = number(state, option, arg, min, max, true);

    if ((value & (value - 1)) != 0)
        argp_error(state, "--%s: '%s', expected a power of two", option, arg);
    return (uint8_t)__builtin_ctzll(value);
}

static void add_vectors(struct argp_state *state, mmu_env_options_t *opt, const char *arg)
{
    if (opt->trace != NULL || opt->kind == MMU_ENV_RANDOM)
        argp_error(state, "--vectors: only one of --trace, --random and --vectors");
    if (opt->vectors.files == MMU_VECTORS_FILES)
        argp_error(state, "--vectors: '%s', expected up to %u files", arg, MMU_VECTORS_FILES);
    opt->kind = MMU_ENV_VECTORS;
    opt->vectors.file[opt->vectors.files++] = arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    mmu_env_options_t *opt = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &opt->random;
        return 0;
    case ARGP_KEY_END:
        /* The child has been asked before. */
        if (opt->random.replay != NULL && (opt->trace != NULL || opt->kind != MMU_ENV_TRACE))
            argp_error(state, "--replay: only one of --trace, --random and --replay");
        if (opt->random.replay != NULL)
            opt->kind = MMU_ENV_RANDOM;
        return 0;
    case KEY_TRACE:
    case KEY_RANDOM:
        if (opt->trace != NULL || opt->kind != MMU_ENV_TRACE)
            argp_error(state, "--%s: only one --trace or --random", key == KEY_TRACE ? "trace" : "random");
        if (key == KEY_TRACE) {
            opt->trace = arg;
        } else {
            opt->kind = MMU_ENV_RANDOM;
            opt->seed = number(state, "random", arg, 0, UINT64_MAX, false);
        }
        return 0;
    case KEY_VECTORS:
        add_vectors(state, opt, arg);
        return 0;
    case KEY_VECTORS_SELECT:
        opt->vectors.select = arg;
        return 0;
    case KEY_VECTORS_FD:
        opt->vectors.fd = (int)number(state, "vectors-fd", arg, 1, 1 << 20, false);
        return 0;
    case KEY_CYCLES:
        opt->cycles = number(state, "cycles", arg, 1, UINT64_MAX, false);
        return 0;
    case KEY_SEED:
        opt->seed = number(state, "seed", arg, 0, UINT64_MAX, false);
        return 0;
    case KEY_WATCHDOG:
        opt->watchdog = number(state, "watchdog", arg, 1, UINT64_MAX, false);
        return 0;
    case KEY_LATENCY:
        latency(state, opt, arg);
        return 0;
    case KEY_STALL:
        opt->mem_stall_percent = (uint32_t)number(state, "mem-stall", arg, 0, 95, false);
        return 0;
    case KEY_RAM:
        ram(state, opt, arg);
        return 0;
    case KEY_HUGE:
        opt->huge = huge(state, arg);
        return 0;
    case KEY_SVADE:
        opt->svade = true;
        return 0;
    case KEY_ASID:
        opt->asid = (uint16_t)number(state, "asid", arg, 0, 65535, false);
        return 0;
    case KEY_FORMAT:
        opt->format = format(state, arg);
        return 0;
    case KEY_X86_MODE:
        opt->x86_mode = x86_mode(state, arg);
        return 0;
    case KEY_PAGE_SIZE:
        opt->plg = power(state, "page-size", arg, 512, 65536);
        return 0;
    case KEY_ROWS:
        opt->rows_lg = power(state, "rows", arg, 2, 65536);
        return 0;
    case KEY_LINEAR:
        opt->linear = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&mmu_random_argp, 0, "Random stimulus:", 2}, {0}};

const struct argp mmu_env_argp = {options, parse, NULL, NULL, children, NULL, NULL};
