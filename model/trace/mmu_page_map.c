/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Page maps: regions of an address space by page size.
 */
#include "lockwalk/mmu_page_map.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVERY UINT32_C(0xffffffff) /* every process */
#define MIN_LG 9u
#define MAX_LG 39u
#define MAX_LINE 256u
#define MAX_FILE ((size_t)1 << 26)

typedef struct {
    uint64_t first, last;
    uint32_t process; /* or EVERY */
    uint8_t lg;
    uint32_t line;
} region_t;

/* Sorted by process, then address; regions of every process come last. */
struct mmu_page_map {
    region_t *region;
    size_t count, room;
};

void mmu_page_map_free(mmu_page_map_t *map)
{
    if (map == NULL)
        return;
    free(map->region);
    free(map);
}

size_t mmu_page_map_regions(const mmu_page_map_t *map)
{
    return map->count;
}

/* ---- text ----------------------------------------------------------------------------------- */

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

static void skip_space(const char **p)
{
    while (**p == ' ' || **p == '\t' || **p == '\r')
        (*p)++;
}

/* 1 to 16 digits, 0x in front or not. */
static bool address(const char **p, uint64_t *value)
{
    unsigned digits = 0;

    if ((*p)[0] == '0' && ((*p)[1] == 'x' || (*p)[1] == 'X'))
        *p += 2;
    for (*value = 0; digit(**p) < 16; (*p)++, digits++)
        *value = *value << 4 | (unsigned)digit(**p);
    return digits >= 1 && digits <= 16;
}

static bool number(const char **p, uint64_t *value, uint64_t most)
{
    const char *begin = *p;

    for (*value = 0; digit(**p) < 10; (*p)++) {
        *value = *value * 10 + (unsigned)digit(**p);
        if (*value > most)
            return false;
    }
    return *p != begin;
}

/* 4K, 2M, 1G ...: its log2, or 0. */
static unsigned page_size(const char **p)
{
    uint64_t value;
    unsigned lg = 0;

    if (!number(p, &value, UINT64_C(1) << MAX_LG) || value == 0)
        return 0;
    if (**p == 'K')
        lg = 10;
    else if (**p == 'M')
        lg = 20;
    else if (**p == 'G')
        lg = 30;
    if (lg != 0)
        (*p)++;
    if ((value & (value - 1)) != 0)
        return 0;
    lg += (unsigned)__builtin_ctzll(value);
    return lg >= MIN_LG && lg <= MAX_LG ? lg : 0;
}

static const char *size_text(unsigned lg, char *text, size_t n)
{
    static const char *const unit[] = {"", "K", "M", "G"};

    snprintf(text, n, "%u%s", 1u << lg % 10, unit[lg / 10]);
    return text;
}

/* One line that is no comment: NULL, or what was expected. */
static const char *parse_region(const char *p, region_t *r, char *say, size_t n)
{
    uint64_t pages, process;
    unsigned lg;
    char size[16];

    if (!address(&p, &r->first) || *p != '-')
        return "FIRST-LAST SIZE [process N], hexadecimal addresses";
    p++;
    if (!address(&p, &r->last) || (*p != ' ' && *p != '\t'))
        return "a last address of 1 to 16 hexadecimal digits and a space after '-'";
    if (r->last < r->first)
        return "a last address that is not below the first";
    skip_space(&p);
    lg = page_size(&p);
    if (lg == 0)
        return "a page size, a power of two from 512 to 512G, e.g. 4K, 2M, 1G";
    r->lg = (uint8_t)lg;
    skip_space(&p);
    r->process = EVERY;
    if (strncmp(p, "process", 7) == 0 && (p[7] == ' ' || p[7] == '\t')) {
        p += 7;
        skip_space(&p);
        if (!number(&p, &process, UINT16_MAX))
            return "a number of a process, 0 to 65535";
        r->process = (uint32_t)process;
        skip_space(&p);
    }
    if (*p != '\0')
        return "the end of the line, or 'process N', after the page size";
    pages = (UINT64_C(1) << lg) - 1;
    if ((r->first & pages) != 0 || (~r->last & pages) != 0) {
        snprintf(say, n, "a region of whole pages: 0x%" PRIx64 "-0x%" PRIx64 " is the one of %s around it",
                 r->first & ~pages, r->last | pages, size_text(lg, size, sizeof size));
        return say;
    }
    return NULL;
}

static bool append(mmu_page_map_t *map, const region_t *r)
{
    if (map->count == map->room) {
        size_t room = map->room == 0 ? 16 : 2 * map->room;
        region_t *bigger = realloc(map->region, room * sizeof bigger[0]);

        if (bigger == NULL)
            return false;
        map->region = bigger;
        map->room = room;
    }
    map->region[map->count++] = *r;
    return true;
}

static int by_process_and_address(const void *a, const void *b)
{
    const region_t *x = a, *y = b;

    if (x->process != y->process)
        return x->process < y->process ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static int by_address(const void *a, const void *b)
{
    const region_t *x = a, *y = b;

    return x->first < y->first ? -1 : x->first > y->first;
}

/* Two regions that one process could see at one address: by walking the regions in the order of addresses, with the
 * last one of every process and the furthest of any. */
static bool overlap(mmu_page_map_t *map, const char *name, char *err, size_t n)
{
    const region_t *every = NULL, *any = NULL;

    if (map->count == 0)
        return false;
    qsort(map->region, map->count, sizeof map->region[0], by_address);
    for (size_t i = 0; i < map->count; i++) {
        const region_t *r = &map->region[i], *other = NULL;

        if (every != NULL && every->last >= r->first)
            other = every;
        else if (r->process == EVERY && any != NULL && any->last >= r->first)
            other = any;
        for (size_t k = i; other == NULL && k-- > 0;) {
            if (map->region[k].process == r->process) {
                if (map->region[k].last >= r->first)
                    other = &map->region[k];
                break;
            }
        }
        if (other != NULL) {
            const region_t *later = r->line > other->line ? r : other;

            snprintf(err, n,
                     "%s:%" PRIu32 ": found 0x%" PRIx64 "-0x%" PRIx64
                     ", expected a region that does not overlap the one of line %" PRIu32,
                     name, later->line, later->first, later->last, later == r ? other->line : r->line);
            return true;
        }
        if (r->process == EVERY)
            every = r;
        if (any == NULL || r->last > any->last)
            any = r;
    }
    qsort(map->region, map->count, sizeof map->region[0], by_process_and_address);
    return false;
}

static bool parse_lines(mmu_page_map_t *map, const char *text, size_t n_text, const char *name, char *err,
                        size_t n)
{
    const char *end = text + n_text;
    uint32_t line = 0;

    while (text < end) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        const char *stop = nl != NULL ? nl : end, *next = nl != NULL ? nl + 1 : end;
        const char *mark = memchr(text, '#', (size_t)(stop - text)), *p, *expected;
        char copy[MAX_LINE], say[160];
        region_t r;
        size_t length;

        line++;
        if (mark != NULL)
            stop = mark;
        while (stop > text && (stop[-1] == ' ' || stop[-1] == '\t' || stop[-1] == '\r'))
            stop--;
        length = (size_t)(stop - text);
        if (length >= sizeof copy || memchr(text, '\0', length) != NULL) {
            snprintf(err, n, "%s:%" PRIu32 ": expected a line of text of less than %u characters", name, line,
                     MAX_LINE);
            return false;
        }
        memcpy(copy, text, length);
        copy[length] = '\0';
        text = next;
        p = copy;
        skip_space(&p);
        if (*p == '\0')
            continue;
        expected = parse_region(p, &r, say, sizeof say);
        if (expected != NULL) {
            snprintf(err, n, "%s:%" PRIu32 ": found '%.60s', expected %s", name, line, p, expected);
            return false;
        }
        r.line = line;
        if (!append(map, &r)) {
            snprintf(err, n, "%s: no memory", name);
            return false;
        }
    }
    return true;
}

mmu_page_map_t *mmu_page_map_parse(const char *text, size_t n_text, const char *name, char *err, size_t n)
{
    mmu_page_map_t *map = calloc(1, sizeof *map);

    if (map == NULL) {
        snprintf(err, n, "%s: no memory", name);
        return NULL;
    }
    if (!parse_lines(map, text, n_text, name, err, n) || overlap(map, name, err, n)) {
        mmu_page_map_free(map);
        return NULL;
    }
    return map;
}

/* The whole file; NULL and a sentence. */
static char *slurp(FILE *file, const char *name, size_t *length, char *err, size_t n)
{
    size_t room = 4096, have = 0, got;
    char *text = malloc(room);

    while (text != NULL && (got = fread(text + have, 1, room - have, file)) > 0) {
        have += got;
        if (have == room) {
            char *bigger = room < MAX_FILE ? realloc(text, 2 * room) : NULL;

            if (bigger == NULL)
                free(text);
            text = bigger;
            room *= 2;
        }
    }
    if (text == NULL)
        snprintf(err, n, "%s: too large for a page map", name);
    else if (ferror(file)) {
        snprintf(err, n, "%s: cannot be read: %s", name, strerror(errno));
        free(text);
        text = NULL;
    }
    *length = have;
    return text;
}

mmu_page_map_t *mmu_page_map_load(const char *path, char *err, size_t n)
{
    const bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    FILE *file = standard ? stdin : fopen(path, "rb");
    mmu_page_map_t *map = NULL;
    size_t length;
    char *text;

    if (file == NULL) {
        snprintf(err, n, "%s: cannot be opened: %s", path, strerror(errno));
        return NULL;
    }
    text = slurp(file, name, &length, err, n);
    if (!standard)
        fclose(file);
    if (text != NULL)
        map = mmu_page_map_parse(text, length, name, err, n);
    free(text);
    return map;
}

char *mmu_page_map_text(const mmu_page_map_t *map)
{
    const size_t line = 64; /* more than any line below */
    char *text = malloc(map->count * line + 1), *p = text, size[16];

    if (text == NULL)
        return NULL;
    *p = '\0';
    for (size_t i = 0; i < map->count; i++) {
        const region_t *r = &map->region[i];

        p += snprintf(p, line, "%" PRIx64 "-%" PRIx64 " %s", r->first, r->last,
                      size_text(r->lg, size, sizeof size));
        if (r->process != EVERY)
            p += snprintf(p, line, " process %" PRIu32, r->process);
        p += snprintf(p, line, "\n");
    }
    return text;
}

/* ---- looking up ----------------------------------------------------------------------------- */

/* Narrows [*first, *last] to the part around va that is in one region, or in no region, of this process number.
 * The region, or NULL. */
static const region_t *narrow(const mmu_page_map_t *map, uint32_t process, uint64_t va, uint64_t *first,
                              uint64_t *last)
{
    size_t low = 0, high = map->count;
    const region_t *before;

    /* low: the first region above {process, va} */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const region_t *r = &map->region[middle];

        if (r->process < process || (r->process == process && r->first <= va))
            low = middle + 1;
        else
            high = middle;
    }
    if (low < map->count && map->region[low].process == process && map->region[low].first - 1 < *last)
        *last = map->region[low].first - 1;
    before = low > 0 && map->region[low - 1].process == process ? &map->region[low - 1] : NULL;
    if (before != NULL && before->last >= va) {
        *first = before->first;
        *last = before->last;
        return before;
    }
    if (before != NULL && before->last + 1 > *first)
        *first = before->last + 1;
    return NULL;
}

unsigned mmu_page_map_find(const mmu_page_map_t *map, mmu_page_map_hint_t *hint, uint16_t process,
                           uint64_t va)
{
    uint64_t first = 0, last = UINT64_MAX;
    const region_t *r = NULL;

    if (map != NULL) {
        r = narrow(map, process, va, &first, &last);
        if (r == NULL)
            r = narrow(map, EVERY, va, &first, &last);
    }
    assert(first <= va && va <= last);
    hint->first = first;
    hint->span = last - first;
    hint->process = process;
    hint->lg = r != NULL ? r->lg : (uint8_t)MMU_PAGE_MAP_DEFAULT_LG;
    return hint->lg;
}

unsigned mmu_page_map_lg(const mmu_page_map_t *map, uint16_t process, uint64_t va)
{
    mmu_page_map_hint_t hint = {0};

    return mmu_page_map_find(map, &hint, process, va);
}
