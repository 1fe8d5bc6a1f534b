/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Counts of what was compared, and who is told of what differs.
 */
#include "lockwalk/mmu_vectors.h"

#include <stdlib.h>
#include <string.h>

void mmu_vectors_counts_add(mmu_vectors_counts_t *total, const mmu_vectors_counts_t *counts)
{
    total->worlds += counts->worlds;
    total->accesses += counts->accesses;
    total->worlds_out += counts->worlds_out;
    total->accesses_out += counts->accesses_out;
    total->mismatches += counts->mismatches;
    total->words += counts->words;
    for (unsigned step = 0; step < MMU_VECTORS_STEPS; step++) {
        total->compared[step] += counts->compared[step];
        total->differ[step] += counts->differ[step];
    }
    for (unsigned i = 0; i < MMU_VECTORS_OUTCOMES; i++)
        total->outcome[i] += counts->outcome[i];
}

bool mmu_vectors_counts_good(const mmu_vectors_counts_t *counts)
{
    if (counts->accesses == 0 || counts->mismatches != 0)
        return false;
    for (unsigned step = 0; step < MMU_VECTORS_STEPS; step++)
        if (counts->compared[step] != counts->accesses || counts->differ[step] != 0)
            return false;
    return true;
}

bool mmu_vectors_book_world(mmu_vectors_book_t *book, const mmu_tv_world_t *world)
{
    if (world->accesses > book->room) {
        bool *told = realloc(book->told, world->accesses * sizeof *told);

        if (told == NULL)
            return false;
        book->told = told;
        book->room = world->accesses;
    }
    if (world->accesses != 0)
        memset(book->told, 0, world->accesses * sizeof *book->told);
    book->counts.worlds++;
    book->counts.accesses += world->accesses;
    for (unsigned i = 0; i < world->accesses; i++)
        book->counts.words += world->access[i].updates;
    return true;
}

void mmu_vectors_book_left_out(mmu_vectors_book_t *book, const mmu_tv_world_t *world)
{
    book->counts.worlds_out++;
    book->counts.accesses_out += world->accesses;
}

unsigned mmu_vectors_book_step(mmu_vectors_book_t *book, const mmu_tv_world_t *world,
                               const mmu_tv_access_t *access, unsigned step, unsigned together,
                               const mmu_vectors_answer_t *expected, const mmu_vectors_answer_t *got)
{
    const unsigned number = (unsigned)(access - world->access);
    const unsigned differs = mmu_vectors_compare(expected, got);
    mmu_vectors_answer_t here = *got;

    here.format = mmu_vectors_format(world);
    book->counts.compared[step]++;
    if (step == MMU_VECTORS_COLD)
        book->counts.outcome[mmu_vectors_outcome(&here)]++;
    if (differs == 0)
        return 0;
    book->counts.differ[step]++;
    if (book->told[number])
        return differs;
    book->told[number] = true;
    book->counts.mismatches++;
    if (book->sink->found != NULL) {
        mmu_vectors_found_t found = {.world = world->id,
                                     .world_line = world->line,
                                     .line = access->line,
                                     .access = number,
                                     .step = step,
                                     .together = together,
                                     .differs = differs,
                                     .expected = *expected,
                                     .got = here};

        found.expected.format = here.format;
        book->sink->found(book->sink->user, book->file, &found);
    }
    return differs;
}

void mmu_vectors_book_file(mmu_vectors_book_t *book)
{
    if (book->sink->file_done != NULL)
        book->sink->file_done(book->sink->user, book->file, &book->counts);
    memset(&book->counts, 0, sizeof book->counts);
    book->file++;
}

void mmu_vectors_book_free(mmu_vectors_book_t *book)
{
    free(book->told);
    book->told = NULL;
    book->room = 0;
}
