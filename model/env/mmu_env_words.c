/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Options of a trace back to the words of a command line, for who starts another program with them.
 */
#include "lockwalk/mmu_env.h"
#include "lockwalk/mmu_format.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *mmu_env_huge_name(unsigned policy)
{
    static const char *const names[] = {"never", "2m", "1g", "mixed"};

    return policy < sizeof names / sizeof names[0] ? names[policy] : NULL;
}

const char *mmu_env_x86_mode_name(unsigned mode)
{
    static const char *const names[] = {NULL, "2level", "pae", "pml4", "pml5"};

    return mode < sizeof names / sizeof names[0] ? names[mode] : NULL;
}

typedef struct {
    char **word;
    unsigned count;
} words_t;

__attribute__((format(printf, 2, 3))) static void add(words_t *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (vasprintf(&w->word[w->count++], format, args) < 0)
        abort();
    va_end(args);
}

/* "--option", "value", where it is not the default. */
static void add_number(words_t *w, const char *option, uint64_t value)
{
    if (value == 0)
        return;
    add(w, "--%s", option);
    add(w, "%" PRIu64, value);
}

static void add_name(words_t *w, const char *option, const char *name)
{
    add(w, "--%s", option);
    add(w, "%s", name);
}

unsigned mmu_env_words(const mmu_env_options_t *opt, char *word[MMU_ENV_WORDS])
{
    words_t w = {.word = word};

    add_name(&w, "trace", opt->trace);
    add_number(&w, "cycles", opt->cycles);
    add_number(&w, "seed", opt->seed);
    add_number(&w, "watchdog", opt->watchdog);
    add_number(&w, "mem-stall", opt->mem_stall_percent);
    add_number(&w, "asid", opt->asid);
    add_number(&w, "page-size", opt->plg == 0 ? 0 : UINT64_C(1) << opt->plg);
    add_number(&w, "rows", opt->rows_lg == 0 ? 0 : UINT64_C(1) << opt->rows_lg);
    if (opt->mem_latency_min != 0) {
        add(&w, "--mem-latency");
        add(&w, "%" PRIu32 "..%" PRIu32, opt->mem_latency_min, opt->mem_latency_max);
    }
    if (opt->ram_size != 0) {
        add(&w, "--ram");
        add(&w, "%" PRIu64 ":%" PRIu64, opt->ram_base, opt->ram_size);
    }
    if (opt->huge != MMU_HUGE_NEVER)
        add_name(&w, "huge-pages", mmu_env_huge_name((unsigned)opt->huge));
    if (opt->format != 0)
        add_name(&w, "format", mmu_format(opt->format - 1u)->name);
    if (opt->x86_mode != 0)
        add_name(&w, "x86-mode", mmu_env_x86_mode_name(opt->x86_mode));
    if (opt->svade)
        add(&w, "--svade");
    if (opt->linear)
        add(&w, "--linear-search");
    return w.count;
}
