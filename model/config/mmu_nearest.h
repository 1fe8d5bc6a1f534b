/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * "Did you mean": the word of a list that a misspelt one is nearest to.
 */
#ifndef LOCKWALK_CONFIG_MMU_NEAREST_H
#define LOCKWALK_CONFIG_MMU_NEAREST_H

#ifdef __cplusplus
extern "C" {
#endif

/* The one of words[0 .. count-1] with the fewest edits to `word`, the first one of equals; NULL where even
 * that differs in more than a third of its letters (but one edit, or two letters exchanged, is always near, and
 * words of one or two letters are never). */
const char *mmu_nearest(const char *word, const char *const *words, unsigned count);

#ifdef __cplusplus
}
#endif
#endif
