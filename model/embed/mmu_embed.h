/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Files that travel inside the program, as they were when it was built (embed.cmake): the presets, and the parts of
 * the report's page. A list of them is declared where it is used: `extern const mmu_embed_t mmu_x[]`, sorted by
 * name, and `extern const unsigned mmu_x_count`.
 */
#ifndef LOCKWALK_EMBED_MMU_EMBED_H
#define LOCKWALK_EMBED_MMU_EMBED_H

#include <stddef.h>

typedef struct {
    const char *name;
    const char *text; /* a zero byte follows */
    size_t size;
} mmu_embed_t;

#endif
