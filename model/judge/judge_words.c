/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The words of page tables: a hash table, open addressing, from address and width to the versions that the walk port
 * has returned (JDG-1). A version is one value, however often it comes back. What memory holds is noted besides, for
 * reports; for a foreign MMU it is what counts.
 */
#include "judge/judge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_PLACES = 1024, FIRST_TIDY = 512 };

/* ---- the table --------------------------------------------------------------------------------------- */

static uint64_t key_of(uint64_t addr, bool wide)
{
    return addr << 1 | (wide ? 1 : 0);
}

static size_t place_of(uint64_t key, size_t places)
{
    return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 24) & (places - 1);
}

/* The place of this key, or the free place where it belongs. */
static mmu_word_t **find(mmu_word_t **table, size_t places, uint64_t key)
{
    size_t p = place_of(key, places);

    while (table[p] != NULL && table[p]->key != key)
        p = (p + 1) & (places - 1);
    return &table[p];
}

/* A host without memory for a few more words cannot go on in any useful way. */
static void *must_have(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

bool mmu_words_init(mmu_words_t *words)
{
    words->places = FIRST_PLACES;
    words->tidy_at = FIRST_TIDY;
    words->table = calloc(words->places, sizeof words->table[0]);
    return words->table != NULL;
}

static void free_word(mmu_word_t *word)
{
    free(word->version);
    free(word);
}

void mmu_words_free(mmu_words_t *words)
{
    if (words->table == NULL)
        return;
    for (size_t i = 0; i < words->places; i++)
        if (words->table[i] != NULL)
            free_word(words->table[i]);
    free(words->table);
}

static void resize(mmu_words_t *words, size_t places)
{
    mmu_word_t **table = must_have(calloc(places, sizeof table[0]));

    for (size_t i = 0; i < words->places; i++)
        if (words->table[i] != NULL)
            *find(table, places, words->table[i]->key) = words->table[i];
    free(words->table);
    words->table = table;
    words->places = places;
}

static mmu_word_t *need(mmu_judge_t *judge, uint64_t addr, bool wide)
{
    mmu_words_t *words = &judge->words;
    uint64_t key = key_of(addr, wide);
    mmu_word_t **at = find(words->table, words->places, key);

    if (*at != NULL)
        return *at;
    if (2 * (words->used + 1) > words->places) {
        resize(words, 2 * words->places);
        at = find(words->table, words->places, key);
    }
    *at = must_have(calloc(1, sizeof **at));
    (*at)->key = key;
    words->used++;
    judge->counts.words++;
    return *at;
}

/* ---- versions ------------------------------------------------------------------------------------------ */

static mmu_version_t *version_of(mmu_word_t *word, uint64_t value)
{
    for (unsigned i = 0; i < word->count; i++)
        if (word->version[i].word == value)
            return &word->version[i];
    return NULL;
}

static void remember_forgotten(mmu_judge_t *judge, mmu_word_t *word, const mmu_version_t *version)
{
    mmu_stamp_t reach = mmu_version_reach(judge, version);

    if (reach > word->forgotten)
        word->forgotten = reach;
}

static void drop_version(mmu_judge_t *judge, mmu_word_t *word, unsigned n)
{
    word->count--;
    memmove(&word->version[n], &word->version[n + 1], (word->count - n) * sizeof word->version[0]);
    judge->counts.versions--;
}

static void forget_oldest(mmu_judge_t *judge, mmu_word_t *word)
{
    unsigned oldest = 0;

    for (unsigned i = 1; i < word->count; i++)
        if (mmu_version_reach(judge, &word->version[i]) < mmu_version_reach(judge, &word->version[oldest]))
            oldest = i;
    remember_forgotten(judge, word, &word->version[oldest]);
    drop_version(judge, word, oldest);
}

static mmu_version_t *add_version(mmu_judge_t *judge, mmu_word_t *word, uint64_t value, uint64_t from,
                                  uint64_t to)
{
    if (word->count == JUDGE_VERSIONS)
        forget_oldest(judge, word);
    if (word->count == word->room) {
        word->room = word->room == 0 ? 2 : 2 * word->room;
        word->version = must_have(realloc(word->version, word->room * sizeof word->version[0]));
    }
    word->version[word->count] = (mmu_version_t){.word = value, .from = from, .to = to};
    judge->counts.versions++;
    return &word->version[word->count++];
}

mmu_word_t *mmu_words_find(mmu_judge_t *judge, uint64_t addr, bool wide)
{
    mmu_word_t *word = *find(judge->words.table, judge->words.places, key_of(addr, wide));
    uint64_t value;

    if (word != NULL || !judge->opt.foreign)
        return word;
    word = need(judge, addr, wide);
    if (judge->opt.peek(judge->opt.user, addr, wide, &value))
        add_version(judge, word, value, 0, JUDGE_OPEN);
    else
        word->read_error = JUDGE_OPEN;
    return word;
}

void mmu_words_read(mmu_judge_t *judge, uint64_t addr, bool wide, uint64_t value, uint64_t clock)
{
    mmu_word_t *word = need(judge, addr, wide);
    mmu_version_t *v = version_of(word, value);

    if (v == NULL) {
        bool held = word->held_known && word->held == value;

        /* Where memory was watched, a version that it does not hold now has ended; when is not known any more. */
        v = add_version(judge, word, value, held ? word->since : 0,
                        word->held_known && !held ? word->since : JUDGE_OPEN);
        v->first = mmu_stamp(clock);
    }
    if (v->reads == 0)
        v->first = mmu_stamp(clock);
    v->reads++;
    /* Answers of the memory come in any order. */
    if (v->last < mmu_stamp(clock))
        v->last = mmu_stamp(clock);
}

void mmu_words_error(mmu_judge_t *judge, uint64_t addr, bool wide, bool swap, uint64_t clock)
{
    mmu_word_t *word = need(judge, addr, wide);
    mmu_stamp_t *at = swap ? &word->swap_error : &word->read_error;

    if (*at < mmu_stamp(clock))
        *at = mmu_stamp(clock);
}

/* ---- writes ---------------------------------------------------------------------------------------------- */

static void change(mmu_judge_t *judge, uint64_t clock, uint64_t addr, bool wide, uint64_t before,
                   uint64_t after)
{
    mmu_word_t *word = *find(judge->words.table, judge->words.places, key_of(addr, wide));
    mmu_version_t *v;

    if (before == after || (word == NULL && !judge->opt.foreign))
        return;
    if (word == NULL)
        word = need(judge, addr, wide);
    v = version_of(word, before);
    if (v == NULL && judge->opt.foreign)
        v = add_version(judge, word, before, word->held_known ? word->since : 0, clock);
    if (v != NULL)
        v->to = clock;
    /* Written twice before anybody could read it. */
    if (v != NULL && v->from == clock && v->reads == 0)
        drop_version(judge, word, (unsigned)(v - word->version));
    v = version_of(word, after);
    if (v == NULL && judge->opt.foreign)
        v = add_version(judge, word, after, clock, JUDGE_OPEN);
    if (v != NULL)
        v->to = JUDGE_OPEN;
    word->held = after;
    word->held_known = true;
    word->since = clock;
}

void mmu_words_change(mmu_judge_t *judge, uint64_t clock, uint64_t addr, uint64_t before, uint64_t after)
{
    if (judge->words.used == 0 && !judge->opt.foreign)
        return;
    change(judge, clock, addr, true, before, after);
    change(judge, clock, addr, false, before & UINT32_MAX, after & UINT32_MAX);
    change(judge, clock, addr + 4, false, before >> 32, after >> 32);
}

/* ---- tidying --------------------------------------------------------------------------------------------- */

/* What has no stamp above the horizon is seen by nobody (JDG-14). For a foreign MMU what memory has held all the time
 * since can be asked again. */
static bool is_dead(mmu_judge_t *judge, mmu_word_t *word, mmu_stamp_t horizon)
{
    for (unsigned i = word->count; i-- > 0;)
        if (mmu_version_reach(judge, &word->version[i]) <= horizon)
            drop_version(judge, word, i);
    if (word->read_error > horizon || word->swap_error > horizon || word->forgotten > horizon)
        return word->read_error == JUDGE_OPEN;
    if (judge->opt.foreign)
        return word->count == 1 && word->version[0].to == JUDGE_OPEN && word->version[0].from <= horizon;
    return word->count == 0;
}

void mmu_words_tidy(mmu_judge_t *judge)
{
    mmu_words_t *words = &judge->words;
    mmu_stamp_t horizon = mmu_fences_horizon(judge);
    size_t left = 0, places = FIRST_PLACES;

    for (size_t i = 0; i < words->places; i++) {
        mmu_word_t *word = words->table[i];

        if (word == NULL)
            continue;
        if (is_dead(judge, word, horizon)) {
            judge->counts.versions -= word->count;
            free_word(word);
            words->table[i] = NULL;
        } else {
            left++;
        }
    }
    words->used = left;
    judge->counts.words = left;
    while (places < 4 * left)
        places *= 2;
    resize(words, places);
    words->tidy_at = 2 * left < FIRST_TIDY ? FIRST_TIDY : 2 * left;
}
