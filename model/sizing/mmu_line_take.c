/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Accesses to page ids, in two steps: a list of the pages of some accesses, without those that are the page before, and
 * their ids. What is written to a list stays only where the list's end moves on: no branch depends on it.
 */
#include "sizing/mmu_line.h"

#include "sizing/mmu_lru_row.h"

#include <stddef.h>

#define LIST 1024u /* pages between the steps */

#define INLINE __attribute__((always_inline)) static inline

/* What differs between lines: known where `take` is called, so that there is a loop for each. */
typedef struct {
    bool split, map, keep_all;
} kind_t;

typedef struct {
    uint64_t page[LIST + 4]; /* keys, and for a split line the side; some may be written behind the last */
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

/* The first step, of accesses i … end - 1, up to one that crosses a page. Where it ended. */
INLINE size_t list_pages(mmu_line_t *line, const mmu_access_t *access, const uint16_t *pick, size_t i,
                         size_t end, list_t *list, kind_t kind)
{
    const size_t begin = i;
    const unsigned page_lg = line->page_lg;
    uint64_t *page = list->page, before = line->before[0], before_data = line->before[1];
    size_t length = list->n, data = 0;

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
    line->before[0] = before;
    line->before[1] = before_data;
    line->accesses[0] += i - begin - data;
    line->accesses[1] += data;
    list->n = length;
    return i;
}

#ifdef MMU_LRU_AVX2
/* By the pages of four that are the page before them, a bit each: where the others go, in pairs of 32 bits. */
#define PAIR(n) 2 * (n), 2 * (n) + 1
static const int32_t kept[16][8] = {{PAIR(0), PAIR(1), PAIR(2), PAIR(3)},
                                    {PAIR(1), PAIR(2), PAIR(3)},
                                    {PAIR(0), PAIR(2), PAIR(3)},
                                    {PAIR(2), PAIR(3)},
                                    {PAIR(0), PAIR(1), PAIR(3)},
                                    {PAIR(1), PAIR(3)},
                                    {PAIR(0), PAIR(3)},
                                    {PAIR(3)},
                                    {PAIR(0), PAIR(1), PAIR(2)},
                                    {PAIR(1), PAIR(2)},
                                    {PAIR(0), PAIR(2)},
                                    {PAIR(2)},
                                    {PAIR(0), PAIR(1)},
                                    {PAIR(1)},
                                    {PAIR(0)},
                                    {0}};

_Static_assert(sizeof(mmu_access_t) == 16 && offsetof(mmu_access_t, va) == 0 &&
                   offsetof(mmu_access_t, size) == 8,
               "two accesses are a register: va, size and more, va, size and more");

/* As list_pages for a line that is neither split nor mapped, four accesses at once: up to the last whole four of which
 * none crosses a page. */
__attribute__((target("avx2,popcnt"))) static size_t
list_pages_avx2(mmu_line_t *line, const mmu_access_t *access, size_t i, size_t end, list_t *list)
{
    const size_t begin = i;
    const __m128i shift = _mm_cvtsi32_si128(line->page_lg);
    const __m256i size = _mm256_set1_epi64x((long long)(UINT64_C(1) << line->page_lg));
    const __m256i inside = _mm256_sub_epi64(size, _mm256_set1_epi64x(1));
    const __m256i low_half = _mm256_set1_epi64x(UINT32_MAX);
    __m256i before = _mm256_set1_epi64x((long long)line->before[0]); /* first the page before the four */
    size_t length = list->n;

    for (; end - i >= 4; i += 4) {
        const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)&access[i]);
        const __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)&access[i + 2]);
        const __m256i va = _mm256_unpacklo_epi64(a, b); /* of accesses 0, 2, 1, 3 */
        const __m256i bytes = _mm256_and_si256(_mm256_unpackhi_epi64(a, b), low_half);
        const __m256i behind = _mm256_add_epi64(_mm256_and_si256(va, inside), bytes);
        const __m256i crosses = _mm256_cmpgt_epi64(behind, size);
        __m256i page, turned;
        unsigned same;

        if (__builtin_expect(!_mm256_testz_si256(crosses, crosses), 0))
            break;
        page = _mm256_permute4x64_epi64(_mm256_srl_epi64(va, shift), 0xd8); /* 0, 1, 2, 3 */
        turned = _mm256_permute4x64_epi64(page, 0x93);                      /* 3, 0, 1, 2 */
        same = (unsigned)_mm256_movemask_pd(
            _mm256_castsi256_pd(_mm256_cmpeq_epi64(page, _mm256_blend_epi32(turned, before, 0x03))));
        before = turned;
        _mm256_storeu_si256(
            (__m256i *)(void *)&list->page[length],
            _mm256_permutevar8x32_epi32(page, _mm256_loadu_si256((const __m256i *)(const void *)kept[same])));
        length += 4 - (unsigned)__builtin_popcount(same);
    }
    line->before[0] = (uint64_t)_mm256_extract_epi64(before, 0);
    line->accesses[0] += i - begin;
    list->n = length;
    return i;
}
#endif

/* The second step. False: no memory, or too many pages. */
INLINE bool list_ids(mmu_line_t *line, const list_t *list, kind_t kind)
{
    mmu_page_id_t *to = line->id + line->filled;

    for (size_t k = 0; k < list->n; k++) {
        const uint64_t key = key_in(list->page[k], kind);
        const mmu_page_id_t id = mmu_pages_id(&line->pages, key, number_of(key, kind.map));

        if (__builtin_expect(id == MMU_NO_PAGE, 0))
            return false;
        to[k] = kind.split ? id << 1 | side_in(list->page[k], kind) : id;
    }
    line->filled += list->n;
    return true;
}

/* An access that crosses a page: one id a page. `left` ids are needed besides. */
static bool take_crossing(mmu_line_t *line, const mmu_access_t *access, size_t left, kind_t kind,
                          mmu_line_more_fn *more, void *user)
{
    const unsigned side = kind.split && access->acc != MMU_ACC_FETCH;
    list_t one;
    uint64_t va = access->va, end = va + access->size - (access->size != 0);

    end = end < va ? UINT64_MAX : end;
    for (;;) {
        const unsigned lg = lg_at(line, va, kind.map);
        const uint64_t last = va | ((UINT64_C(1) << lg) - 1), key = key_of(va, lg, kind.map);

        one.page[0] = join(key, side, kind);
        one.n = key != line->before[side] || kind.keep_all;
        if (!list_ids(line, &one, kind))
            return false;
        line->before[side] = key;
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
        const size_t end = n - i < LIST ? n : i + LIST;

        list.n = 0;
#ifdef MMU_LRU_AVX2
        if (line->avx2 && pick == NULL && !kind.split && !kind.map && !kind.keep_all)
            i = list_pages_avx2(line, access, i, end, &list);
#endif
        i = list_pages(line, access, pick, i, end, &list, kind);
        if (!list_ids(line, &list, kind))
            return false;
        if (i == end)
            continue;
        if (!take_crossing(line, &access[pick != NULL ? pick[i] : i], n - i - 1, kind, more, user))
            return false;
        i++;
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

/* ---- processes ---------------------------------------------------------------------------------------------- */

#ifdef MMU_LRU_AVX2
_Static_assert(offsetof(mmu_access_t, process) == 14, "the highest of an access's eight words of 16 bits");

/* Whether the processes of two times n accesses are all this one. */
__attribute__((target("avx2"))) static bool one_process(const mmu_access_t *access, size_t n,
                                                        uint16_t process)
{
    const __m256i wanted = _mm256_set1_epi16((short)process);
    const __m256i *pair = (const __m256i *)(const void *)access;
    __m256i differs = _mm256_setzero_si256();

    for (size_t i = 0; i < n; i++)
        differs = _mm256_or_si256(differs, _mm256_xor_si256(_mm256_loadu_si256(pair + i), wanted));
    return ((unsigned)_mm256_extract_epi16(differs, 7) | (unsigned)_mm256_extract_epi16(differs, 15)) == 0;
}
#endif

size_t mmu_line_same_process(const mmu_access_t *access, size_t n)
{
    size_t i = 1;

#ifdef MMU_LRU_AVX2
    if (n >= 2 && mmu_rows_have_avx2() && one_process(access, n / 2, access->process))
        i = n / 2 * 2;
#endif
    while (i < n && access[i].process == access->process)
        i++;
    return i;
}
