/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Accesses to page ids. An id is written always, and stays only where it is not the one before: no branch depends on
 * it, and engines see changes of the page only.
 */
#include "sizing/mmu_line.h"

/* Where an access ends that begins at va; the last byte of the address space at most. */
static uint64_t end_of(const mmu_access_t *access)
{
    const uint64_t end = access->va + access->size - (access->size != 0);

    return end < access->va ? UINT64_MAX : end;
}

static inline void put(mmu_line_t *line, mmu_page_id_t id, unsigned side)
{
    line->id[line->filled] = line->stream == MMU_LINE_SPLIT ? id << 1 | side : id;
    line->filled += id != line->before[side] || line->keep_all;
    line->before[side] = id;
    line->accesses[side]++;
}

/* log2 of the size of the page that holds va. */
static inline unsigned lg_at(mmu_line_t *line, uint64_t va, bool map)
{
    return map ? mmu_page_map_lg_hint(line->opt->page_map, &line->hint, line->pages.now, va) : line->page_lg;
}

/* What tells a page from all others of the process. With a map: its address, and a bit that tells its size. */
static inline uint64_t key_of(uint64_t va, unsigned lg, bool map)
{
    return map ? (va >> lg << 1 | 1) << (lg - 1) : va >> lg;
}

/* An access that crosses a page: one id a page. `left` ids are needed besides. */
static bool take_crossing(mmu_line_t *line, const mmu_access_t *access, unsigned side, size_t left,
                          mmu_line_more_fn *more, void *user)
{
    const bool map = line->page_lg == MMU_SWEEP_MAP;
    const uint64_t end = end_of(access);
    uint64_t va = access->va;

    for (;;) {
        const unsigned lg = lg_at(line, va, map);
        const uint64_t page = va >> lg, last = page << lg | ((UINT64_C(1) << lg) - 1);
        const mmu_page_id_t id = mmu_pages_id(&line->pages, key_of(va, lg, map), (uint32_t)page);

        if (id == MMU_NO_PAGE)
            return false;
        put(line, id, side);
        if (last >= end)
            return true;
        va = last + 1;
        if (line->filled + 1 + left > line->room && !more(user, line, 1 + left))
            return false;
    }
}

/* split, map: known where this is called, so that there is a loop for each. */
__attribute__((always_inline)) static inline bool take(mmu_line_t *line, const mmu_access_t *access,
                                                       const uint16_t *pick, size_t n, const bool split,
                                                       const bool map, mmu_line_more_fn *more, void *user)
{
    const size_t keep_all = line->keep_all;
    size_t filled = line->filled, crossings = 0, data = 0;
    mmu_page_id_t *to = line->id;
    mmu_page_id_t before[2] = {line->before[0], line->before[1]};

    for (size_t i = 0; i < n; i++) {
        const mmu_access_t *a = &access[pick != NULL ? pick[i] : i];
        const unsigned side = split && a->acc != MMU_ACC_FETCH;
        const unsigned lg = lg_at(line, a->va, map);
        const uint64_t page = a->va >> lg;
        mmu_page_id_t id;

        if (__builtin_expect(end_of(a) >> lg != page, 0)) {
            line->filled = filled;
            line->before[0] = before[0];
            line->before[1] = before[1];
            if (!take_crossing(line, a, side, n - i, more, user))
                return false;
            filled = line->filled;
            to = line->id;
            before[0] = line->before[0];
            before[1] = line->before[1];
            crossings++;
            continue;
        }
        id = mmu_pages_id(&line->pages, key_of(a->va, lg, map), (uint32_t)page);
        if (__builtin_expect(id == MMU_NO_PAGE, 0))
            return false;
        to[filled] = split ? id << 1 | side : id;
        filled += (id != before[side]) | keep_all;
        before[side] = id;
        data += side;
    }
    line->filled = filled;
    line->before[0] = before[0];
    line->before[1] = before[1];
    /* Those that crossed have been counted by put, and are not in `data`. */
    line->accesses[0] += n - crossings - data;
    line->accesses[1] += data;
    return true;
}

bool mmu_line_take(mmu_line_t *line, const mmu_access_t *access, const uint16_t *pick, size_t n,
                   mmu_line_more_fn *more, void *user)
{
    const bool split = line->stream == MMU_LINE_SPLIT;

    if (line->page_lg == MMU_SWEEP_MAP)
        return split          ? take(line, access, NULL, n, true, true, more, user)
               : pick == NULL ? take(line, access, NULL, n, false, true, more, user)
                              : take(line, access, pick, n, false, true, more, user);
    return split          ? take(line, access, NULL, n, true, false, more, user)
           : pick == NULL ? take(line, access, NULL, n, false, false, more, user)
                          : take(line, access, pick, n, false, false, more, user);
}
