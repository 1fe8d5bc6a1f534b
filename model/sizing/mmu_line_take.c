/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Accesses to page ids, in two steps: a list of the pages of some accesses, without those that are the page before, and
 * their ids. What is written to a list stays only where the list's end moves on: no branch depends on it.
 */
#include "sizing/mmu_line.h"

#define LIST 1024u /* pages between the steps */
#define NO_KEY UINT64_MAX

#define INLINE __attribute__((always_inline)) static inline

/* What differs between lines: known where `take` is called, so that there is a loop for each. */
typedef struct {
    bool split, map, keep_all;
} kind_t;

typedef struct {
    uint64_t page[LIST]; /* keys, and for a split line the side */
    size_t n;
} list_t;

/* log2 of the size of the page that holds va. */
INLINE unsigned lg_at(mmu_line_t *line, uint64_t va, bool map)
{
    return map ? mmu_page_map_lg_hint(line->opt->page_map, &line->hint, line->pages.now, va) : line->page_lg;
}

/* What tells a page from all others of the process: its number; with a map its address, and a bit below it whose place
 * tells the size. */
INLINE uint64_t key_of(uint64_t va, unsigned lg, bool map)
{
    return map ? (va >> lg << 1 | 1) << (lg - 1) : va >> lg;
}

/* The page's number, by its key. */
INLINE uint32_t number_of(uint64_t key, bool map)
{
    return (uint32_t)(map ? key >> __builtin_ctzll(key) >> 1 : key);
}

/* A key and a side in one word, and back: a page's number has its highest bit free, an address the lowest. */
INLINE uint64_t join(uint64_t key, unsigned side, kind_t kind)
{
    return !kind.split ? key : kind.map ? key | side : key << 1 | side;
}

INLINE uint64_t key_in(uint64_t joined, kind_t kind)
{
    return !kind.split ? joined : kind.map ? joined & ~UINT64_C(1) : joined >> 1;
}

INLINE unsigned side_in(uint64_t joined, kind_t kind)
{
    return kind.split ? joined & 1u : 0;
}

/* The first step, from access i on: until the list is full, or an access crosses a page. Where it ended. */
INLINE size_t list_pages(mmu_line_t *line, const mmu_access_t *access, const uint16_t *pick, size_t i,
                         size_t n, list_t *list, kind_t kind)
{
    const size_t begin = i, end = n - i < LIST ? n : i + LIST;
    const unsigned page_lg = line->page_lg;
    uint64_t *page = list->page, before = NO_KEY, before_data = NO_KEY;
    size_t length = 0, data = 0;

    for (; i < end; i++) {
        const mmu_access_t *a = &access[pick != NULL ? pick[i] : i];
        const unsigned side = kind.split && a->acc != MMU_ACC_FETCH;
        const unsigned lg = kind.map ? lg_at(line, a->va, true) : page_lg;
        const uint64_t key = key_of(a->va, lg, kind.map);

        if (__builtin_expect((a->va & ((UINT64_C(1) << lg) - 1)) + a->size > UINT64_C(1) << lg, 0))
            break;
        page[length] = join(key, side, kind);
        length += (key != (side != 0 ? before_data : before)) | kind.keep_all;
        before_data = side != 0 ? key : before_data;
        before = side != 0 ? before : key;
        data += side;
    }
    line->accesses[0] += i - begin - data;
    line->accesses[1] += data;
    list->n = length;
    return i;
}

/* The second step. False: no memory, or too many pages. */
INLINE bool list_ids(mmu_line_t *line, const list_t *list, kind_t kind)
{
    mmu_page_id_t *to = line->id;
    mmu_page_id_t before = line->before[0], before_data = line->before[1];
    size_t filled = line->filled;

    for (size_t k = 0; k < list->n; k++) {
        const uint64_t key = key_in(list->page[k], kind);
        const unsigned side = side_in(list->page[k], kind);
        const mmu_page_id_t id = mmu_pages_id(&line->pages, key, number_of(key, kind.map));

        if (__builtin_expect(id == MMU_NO_PAGE, 0))
            return false;
        to[filled] = kind.split ? id << 1 | side : id;
        filled += (id != (side != 0 ? before_data : before)) | kind.keep_all;
        before_data = side != 0 ? id : before_data;
        before = side != 0 ? before : id;
    }
    line->before[0] = before;
    line->before[1] = before_data;
    line->filled = filled;
    return true;
}

/* An access that crosses a page: one id a page. `left` ids are needed besides. */
static bool take_crossing(mmu_line_t *line, const mmu_access_t *access, size_t left, kind_t kind,
                          mmu_line_more_fn *more, void *user)
{
    const unsigned side = kind.split && access->acc != MMU_ACC_FETCH;
    list_t one = {.n = 1};
    uint64_t va = access->va, end = va + access->size - (access->size != 0);

    end = end < va ? UINT64_MAX : end;
    for (;;) {
        const unsigned lg = lg_at(line, va, kind.map);
        const uint64_t last = va | ((UINT64_C(1) << lg) - 1), key = key_of(va, lg, kind.map);

        one.page[0] = join(key, side, kind);
        if (!list_ids(line, &one, kind))
            return false;
        line->accesses[side]++;
        if (last >= end)
            return true;
        va = last + 1;
        if (line->filled + 1 + left > line->room && !more(user, line, 1 + left))
            return false;
    }
}

INLINE bool take(mmu_line_t *line, const mmu_access_t *access, const uint16_t *pick, size_t n, kind_t kind,
                 mmu_line_more_fn *more, void *user)
{
    list_t list;
    size_t i = 0;

    while (i < n) {
        const size_t stop = list_pages(line, access, pick, i, n, &list, kind);

        if (!list_ids(line, &list, kind))
            return false;
        if (stop < n && stop - i < LIST) {
            if (!take_crossing(line, &access[pick != NULL ? pick[stop] : stop], n - stop - 1, kind, more,
                               user))
                return false;
            i = stop + 1;
        } else {
            i = stop;
        }
    }
    return true;
}

bool mmu_line_take(mmu_line_t *line, const mmu_access_t *access, const uint16_t *pick, size_t n,
                   mmu_line_more_fn *more, void *user)
{
    const bool map = line->page_lg == MMU_SWEEP_MAP, keep = line->keep_all;

    if (line->stream == MMU_LINE_SPLIT)
        return map ? take(line, access, NULL, n, (kind_t){.split = true, .map = true}, more, user)
                   : take(line, access, NULL, n, (kind_t){.split = true}, more, user);
    if (map || keep) /* no need for a loop of each */
        return take(line, access, pick, n, (kind_t){.map = map, .keep_all = keep}, more, user);
    return pick == NULL ? take(line, access, NULL, n, (kind_t){.map = false}, more, user)
                        : take(line, access, pick, n, (kind_t){.map = false}, more, user);
}
