/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0 */
#include "config/mmu_nearest.h"

#include <stddef.h>
#include <string.h>

enum { LONGEST = 40 }; /* longer words have no near one */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Edits that turn a into b: insert, delete, replace a letter, exchange two neighbours. */
static unsigned distance(const char *a, const char *b)
{
    const size_t na = strlen(a), nb = strlen(b);
    unsigned cost[LONGEST + 1][LONGEST + 1];

    for (size_t i = 0; i <= na; i++)
        cost[i][0] = (unsigned)i;
    for (size_t j = 0; j <= nb; j++)
        cost[0][j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++)
        for (size_t j = 1; j <= nb; j++) {
            unsigned replace = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            unsigned best = least(replace, least(cost[i - 1][j], cost[i][j - 1]) + 1);

            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = least(best, cost[i - 2][j - 2] + 1);
            cost[i][j] = best;
        }
    return cost[na][nb];
}

const char *mmu_nearest(const char *word, const char *const *words, unsigned count)
{
    const char *best = NULL;
    unsigned best_edits = LONGEST;

    if (strlen(word) > LONGEST)
        return NULL;
    for (unsigned i = 0; i < count; i++) {
        const size_t len = strlen(words[i]);
        unsigned edits, allowed = (unsigned)(len / 3 > 1 ? len / 3 : 1);

        if (len > LONGEST || (len < 3 && strlen(word) < 3))
            continue;
        edits = distance(word, words[i]);
        if (edits <= allowed && edits < best_edits) {
            best = words[i];
            best_edits = edits;
        }
    }
    return best;
}
