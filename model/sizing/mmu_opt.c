/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * OPT (Belady's MIN): on a miss in a full set the page leaves that is used again last. It is a stack algorithm
 * (Mattson 1970), so one run for each number of sets tells every number of ways: a set is a list of pages by priority
 * (the next use, the sooner the better), of which a TLB of n ways holds the first n.
 *
 * A page in the list is its next use, and nothing else: the access at time t looks for t. On an access the page comes
 * in front; the one that was there carries on down the list to the place that became free, and at each place the page
 * that is used sooner stays and the other goes on.
 *
 * Next uses need the future. The stream goes to a temporary file ($TMPDIR, else /tmp), 8 bytes a change of page; at the
 * end it is read backwards to note the next uses in it, then forwards. Memory does not grow with the trace.
 */
#include "lockwalk/mmu_sizing_engine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEVER UINT32_MAX /* no next use before the end, or before a clear */
#define RECORDS 8192u    /* of the file, in memory */

/* What a record's page can be besides an id. */
#define IS_CLEAR UINT32_MAX
#define IS_MARK (UINT32_MAX - 1)

typedef struct {
    uint32_t page;
    uint32_t next; /* number of the record where it is used next */
} record_t;

typedef struct {
    unsigned sets_log2;
    uint32_t *next; /* [sets][ways]: the lists */
    uint64_t *at;   /* [ways + 1]: accesses whose page stood at this place, `ways`: at none */
} level_t;

struct mmu_opt {
    uint32_t ways;
    unsigned levels;
    level_t level[MMU_GRID_LEVELS];
    mmu_page_id_t before;
    int file;
    uint64_t records; /* in all */
    uint32_t held;    /* of them, the last ones, in `record` and not yet in the file */
    record_t record[RECORDS];
    char error[256]; /* "": none */
};

static bool fail(mmu_opt_t *opt, const char *what)
{
    if (opt->error[0] == '\0')
        snprintf(opt->error, sizeof opt->error, "%s", what);
    return false;
}

static bool fail_file(mmu_opt_t *opt, const char *what)
{
    char text[200];

    snprintf(text, sizeof text,
             "the temporary file that OPT needs cannot be %s: %s (TMPDIR says where it is)", what,
             strerror(errno));
    return fail(opt, text);
}

/* ---- begin and end ------------------------------------------------------------------------------------------- */

static bool open_file(mmu_opt_t *opt)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];

    snprintf(path, sizeof path, "%s/lockwalk-opt-XXXXXX",
             folder != NULL && *folder != '\0' ? folder : "/tmp");
    opt->file = mkstemp(path);
    if (opt->file < 0)
        return fail_file(opt, "made");
    unlink(path);
    return true;
}

mmu_opt_t *mmu_opt_new(const uint8_t *sets_log2, unsigned sets, uint32_t ways)
{
    mmu_opt_t *opt = calloc(1, sizeof *opt);

    assert(sets <= MMU_GRID_LEVELS && ways >= 1);
    if (opt == NULL)
        return NULL;
    opt->ways = ways;
    opt->file = -1;
    opt->before = MMU_NO_PAGE;
    for (unsigned n = 0; n < sets; n++) {
        level_t *level = &opt->level[opt->levels++];
        const size_t lists = ((size_t)ways << sets_log2[n]) * sizeof level->next[0];

        level->sets_log2 = sets_log2[n];
        level->at = calloc((size_t)ways + 1, sizeof level->at[0]);
        level->next = malloc(lists);
        if (level->at == NULL || level->next == NULL) {
            mmu_opt_free(opt);
            return NULL;
        }
        memset(level->next, 0xff, lists); /* NEVER */
    }
    return opt;
}

void mmu_opt_free(mmu_opt_t *opt)
{
    if (opt == NULL)
        return;
    for (unsigned n = 0; n < opt->levels; n++) {
        free(opt->level[n].at);
        free(opt->level[n].next);
    }
    if (opt->file >= 0)
        close(opt->file);
    free(opt);
}

const char *mmu_opt_error(const mmu_opt_t *opt)
{
    return opt->error;
}

/* ---- the stream to the file ------------------------------------------------------------------------------------ */

static bool transfer(mmu_opt_t *opt, bool write, uint64_t first, uint32_t n)
{
    char *at = (char *)opt->record;
    size_t left = n * sizeof opt->record[0];
    off_t where = (off_t)(first * sizeof opt->record[0]);

    while (left != 0) {
        const ssize_t done = write ? pwrite(opt->file, at, left, where) : pread(opt->file, at, left, where);

        if (done < 0 && errno == EINTR)
            continue;
        if (done == 0)
            errno = EIO; /* somebody cut it */
        if (done <= 0)
            return fail_file(opt, write ? "written" : "read");
        at += done;
        left -= (size_t)done;
        where += done;
    }
    return true;
}

static bool spill(mmu_opt_t *opt)
{
    if (opt->file < 0 && !open_file(opt))
        return false;
    if (!transfer(opt, true, opt->records - opt->held, opt->held))
        return false;
    opt->held = 0;
    return true;
}

static bool append(mmu_opt_t *opt, uint32_t page)
{
    if (opt->held == RECORDS && !spill(opt))
        return false;
    if (opt->records == NEVER)
        return fail(opt, "OPT takes traces of up to 4,294,967,295 changes of page; this one has more");
    opt->record[opt->held++] = (record_t){.page = page, .next = NEVER};
    opt->records++;
    return true;
}

bool mmu_opt_feed(mmu_opt_t *opt, const mmu_page_block_t *block)
{
    for (size_t i = 0; i < block->n; i++) {
        if (block->id[i] == opt->before)
            continue;
        opt->before = block->id[i];
        if (!append(opt, block->id[i]))
            return false;
    }
    return opt->error[0] == '\0';
}

void mmu_opt_clear(mmu_opt_t *opt)
{
    opt->before = MMU_NO_PAGE;
    append(opt, IS_CLEAR); /* an error is told by the next feed */
}

bool mmu_opt_mark(mmu_opt_t *opt)
{
    return append(opt, IS_MARK);
}

/* ---- at the end: backwards, then forwards ------------------------------------------------------------------------ */

static uint64_t blocks_of(const mmu_opt_t *opt)
{
    return (opt->records + RECORDS - 1) / RECORDS;
}

/* Block number b is in `record`; how many records it has. */
static uint32_t size_of(const mmu_opt_t *opt, uint64_t b)
{
    return b + 1 < blocks_of(opt) ? RECORDS : (uint32_t)(opt->records - b * RECORDS);
}

static bool note_next_uses(mmu_opt_t *opt, uint32_t pages)
{
    uint32_t *next = malloc((pages + 1) * sizeof next[0]);
    uint32_t limit = NEVER; /* the next clear: a use behind it is a miss anyway */

    if (next == NULL)
        return fail(opt, "no memory left");
    memset(next, 0xff, (pages + 1) * sizeof next[0]); /* NEVER */
    for (uint64_t b = blocks_of(opt); b-- != 0;) {
        const uint32_t n = size_of(opt, b);

        if (!transfer(opt, false, b * RECORDS, n))
            break;
        for (uint32_t r = n; r-- != 0;) {
            record_t *record = &opt->record[r];
            const uint32_t now = (uint32_t)(b * RECORDS + r);

            if (record->page == IS_CLEAR)
                limit = now;
            if (record->page >= IS_MARK)
                continue;
            record->next = next[record->page] < limit ? next[record->page] : NEVER;
            next[record->page] = now;
        }
        if (!transfer(opt, true, b * RECORDS, n))
            break;
    }
    free(next);
    return opt->error[0] == '\0';
}

/* An access at time `now`, whose page is used again at `next`, to a list. */
static void use(uint32_t *list, uint32_t ways, uint32_t now, uint32_t next, uint64_t *at)
{
    uint32_t carried = list[0];

    list[0] = next;
    if (carried == now)
        return;
    for (uint32_t n = 1; n < ways; n++) {
        const uint32_t here = list[n];

        if (here == now) {
            list[n] = carried;
            at[n]++;
            return;
        }
        list[n] = here < carried ? here : carried;
        carried = here < carried ? carried : here;
    }
    at[ways]++;
}

static bool replay(mmu_opt_t *opt, const uint32_t *low, bool (*mark)(void *user), void *user)
{
    for (uint64_t b = 0; b < blocks_of(opt); b++) {
        const uint32_t n = size_of(opt, b);

        if (!transfer(opt, false, b * RECORDS, n))
            return false;
        for (uint32_t r = 0; r < n; r++) {
            const record_t *record = &opt->record[r];
            const uint32_t now = (uint32_t)(b * RECORDS + r);

            if (record->page == IS_MARK && !mark(user))
                return fail(opt, "no memory left");
            if (record->page >= IS_MARK)
                continue;
            for (unsigned l = 0; l < opt->levels; l++) {
                const level_t *level = &opt->level[l];
                const size_t set = low[record->page] & ((1u << level->sets_log2) - 1);

                use(level->next + set * opt->ways, opt->ways, now, record->next, level->at);
            }
        }
    }
    return true;
}

bool mmu_opt_finish(mmu_opt_t *opt, const uint32_t *low, uint32_t pages, bool (*mark)(void *user), void *user)
{
    return spill(opt) && note_next_uses(opt, pages) && replay(opt, low, mark, user);
}

uint64_t mmu_opt_misses(const mmu_opt_t *opt, unsigned sets_log2, uint32_t ways)
{
    const level_t *level = opt->level;
    uint64_t misses = 0;

    assert(ways >= 1 && ways <= opt->ways);
    while (level->sets_log2 != sets_log2)
        level++;
    for (uint32_t n = ways; n <= opt->ways; n++)
        misses += level->at[n];
    return misses;
}
