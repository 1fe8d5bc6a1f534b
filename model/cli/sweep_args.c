/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Lists on the command line of `lockwalk sweep`.
 */
#include "cli/sweep_args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "KMGT";

/* ---- items of a list ------------------------------------------------------------------------------------ */

typedef bool item_fn(mmu_sweep_options_t *opt, const char *item, char err[SWEEP_ERR]);

static bool each(mmu_sweep_options_t *opt, const char *text, item_fn *fn, char err[SWEEP_ERR])
{
    char *copy = strdup(text), *save = NULL;
    bool good = copy != NULL && *text != '\0';

    if (!good)
        snprintf(err, SWEEP_ERR, "an empty list");
    for (char *item = good ? strtok_r(copy, ",", &save) : NULL; good && item != NULL;
         item = strtok_r(NULL, ",", &save))
        good = fn(opt, item, err);
    free(copy);
    return good;
}

/* A decimal number and where it ends; false where there is none. */
static bool number(const char *text, unsigned long *value, const char **end)
{
    char *stop;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *value = strtoul(text, &stop, 10);
    *end = stop;
    return errno == 0;
}

/* "8" or "1..32" */
static bool range(const char *item, unsigned long *from, unsigned long *to)
{
    const char *end;

    if (!number(item, from, &end))
        return false;
    *to = *from;
    if (strncmp(end, "..", 2) == 0 && !number(end + 2, to, &end))
        return false;
    return *end == '\0' && *from <= *to;
}

/* ---- the options ---------------------------------------------------------------------------------------- */

static bool one_stream(mmu_sweep_options_t *opt, const char *item, char err[SWEEP_ERR])
{
    for (unsigned n = 0; n < MMU_STREAMS; n++)
        if (strcmp(item, mmu_sweep_stream_name(n)) == 0) {
            opt->stream[n] = true;
            return true;
        }
    snprintf(err, SWEEP_ERR, "--stream: '%s' is no stream; allowed: unified, data, fetch", item);
    return false;
}

bool mmu_sweep_arg_streams(mmu_sweep_options_t *opt, const char *text, char err[SWEEP_ERR])
{
    memset(opt->stream, 0, sizeof opt->stream);
    return each(opt, text, one_stream, err);
}

static bool one_page(mmu_sweep_options_t *opt, const char *item, char err[SWEEP_ERR])
{
    unsigned long value;
    const char *end, *letter;
    unsigned lg = 0;

    if (opt->pages == MMU_SWEEP_PAGES) {
        snprintf(err, SWEEP_ERR, "--page: more than %d sizes", MMU_SWEEP_PAGES);
        return false;
    }
    if (strcmp(item, "map") == 0) {
        opt->page_lg[opt->pages++] = MMU_SWEEP_MAP;
        return true;
    }
    if (!number(item, &value, &end) || value == 0 || (value & (value - 1)) != 0)
        value = 0;
    letter = value != 0 && *end != '\0' ? strchr(letters, *end) : NULL;
    if (letter != NULL)
        end++;
    while (value > 1u << lg && lg < 31)
        lg++;
    lg += letter != NULL ? 10 * (unsigned)(letter - letters + 1) : 0;
    if (value == 0 || *end != '\0' || lg < 9 || lg > 48) {
        snprintf(err, SWEEP_ERR,
                 "--page: '%s' is no page size; allowed: powers of two from 512 to 256T, e.g. 4K, and map",
                 item);
        return false;
    }
    opt->page_lg[opt->pages++] = (uint8_t)lg;
    return true;
}

bool mmu_sweep_arg_pages(mmu_sweep_options_t *opt, const char *text, char err[SWEEP_ERR])
{
    opt->pages = 0;
    return each(opt, text, one_page, err);
}

static bool one_policy(mmu_sweep_options_t *opt, const char *item, char err[SWEEP_ERR])
{
    for (unsigned n = 0; n < MMU_SWEEP_POLICIES; n++)
        if (strcmp(item, mmu_sweep_policy_name(n)) == 0) {
            opt->policy[n] = true;
            return true;
        }
    snprintf(err, SWEEP_ERR, "--policy: '%s' is no policy; allowed: lru, plru, fifo, nru, random, opt", item);
    return false;
}

bool mmu_sweep_arg_policies(mmu_sweep_options_t *opt, const char *text, char err[SWEEP_ERR])
{
    memset(opt->policy, 0, sizeof opt->policy);
    return each(opt, text, one_policy, err);
}

static bool one_sets(mmu_sweep_options_t *opt, const char *item, char err[SWEEP_ERR])
{
    unsigned long from, to;

    if (!range(item, &from, &to) || from == 0 || to >= 1u << MMU_SWEEP_LEVELS || (from & (from - 1)) != 0 ||
        (to & (to - 1)) != 0) {
        snprintf(err, SWEEP_ERR,
                 "--sets: '%s' is no number of sets; allowed: powers of two up to %u, e.g. 1..512", item,
                 1u << (MMU_SWEEP_LEVELS - 1));
        return false;
    }
    for (; from <= to; from *= 2) {
        if (opt->sets == MMU_SWEEP_LEVELS) {
            snprintf(err, SWEEP_ERR, "--sets: the list names more than %d numbers", MMU_SWEEP_LEVELS);
            return false;
        }
        opt->sets_log2[opt->sets++] = (uint8_t)__builtin_ctzl(from);
    }
    return true;
}

bool mmu_sweep_arg_sets(mmu_sweep_options_t *opt, const char *text, char err[SWEEP_ERR])
{
    opt->sets = 0;
    return each(opt, text, one_sets, err);
}

static bool one_ways(mmu_sweep_options_t *opt, const char *item, char err[SWEEP_ERR])
{
    unsigned long from, to;

    if (!range(item, &from, &to) || from == 0 || to > MMU_SWEEP_MOST_WAYS) {
        snprintf(err, SWEEP_ERR, "--ways: '%s' is no number of ways; allowed: 1 to %u, e.g. 1..32", item,
                 MMU_SWEEP_MOST_WAYS);
        return false;
    }
    for (; from <= to; from++) {
        if (opt->ways == MMU_SWEEP_LIST) {
            snprintf(err, SWEEP_ERR, "--ways: the list names more than %d numbers", MMU_SWEEP_LIST);
            return false;
        }
        opt->way[opt->ways++] = (uint32_t)from;
    }
    return true;
}

bool mmu_sweep_arg_ways(mmu_sweep_options_t *opt, const char *text, char err[SWEEP_ERR])
{
    opt->ways = 0;
    return each(opt, text, one_ways, err);
}

bool mmu_sweep_arg_number(uint64_t *value, uint64_t most, const char *name, const char *text,
                          char err[SWEEP_ERR])
{
    unsigned long read;
    const char *end;

    if (!number(text, &read, &end) || *end != '\0' || read == 0 || read > most) {
        snprintf(err, SWEEP_ERR, "%s: '%s' is no such number; allowed: 1 to %" PRIu64, name, text, most);
        return false;
    }
    *value = read;
    return true;
}

bool mmu_sweep_arg_shapes(mmu_sweep_shape_t *shape, unsigned room, unsigned *count, const char *name,
                          const char *text, char err[SWEEP_ERR])
{
    char *copy = strdup(text), *save = NULL;
    bool good = copy != NULL;

    *count = 0;
    for (char *item = good ? strtok_r(copy, ",", &save) : NULL; good && item != NULL;
         item = strtok_r(NULL, ",", &save)) {
        unsigned long sets, ways;
        const char *end;

        good = number(item, &sets, &end) && *end == 'x' && number(end + 1, &ways, &end) && *end == '\0' &&
               sets != 0 && (sets & (sets - 1)) == 0 && sets < 1u << MMU_SWEEP_LEVELS && ways != 0 &&
               ways <= MMU_SWEEP_MOST_WAYS;
        if (!good)
            snprintf(err, SWEEP_ERR,
                     "%s: '%s' is no shape; allowed: SETSxWAYS with sets a power of two up to %u, e.g. 16x4",
                     name, item, 1u << (MMU_SWEEP_LEVELS - 1));
        else if (*count == room) {
            snprintf(err, SWEEP_ERR, "%s: more than %u shapes", name, room);
            good = false;
        } else {
            shape[(*count)++] =
                (mmu_sweep_shape_t){.sets_log2 = (uint8_t)__builtin_ctzl(sets), .ways = (uint32_t)ways};
        }
    }
    if (good && *count == 0) {
        snprintf(err, SWEEP_ERR, "%s: an empty list", name);
        good = false;
    }
    free(copy);
    return good;
}
