/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk check`: one access of a vector file against the architectural model, and what is told of it.
 */
#ifndef LOCKWALK_CLI_CHECK_H
#define LOCKWALK_CLI_CHECK_H

#include <jansson.h>
#include <stdio.h>

#include "lockwalk/mmu_tv.h"

/* What differs: bits of mmu_check_t.differs. */
enum {
    MMU_DIFF_OUTCOME = 1, /* a fault where none is expected, or the other way round */
    MMU_DIFF_PA = 2,
    MMU_DIFF_SIZE = 4,
    MMU_DIFF_PBMT = 8,
    MMU_DIFF_CAUSE = 16,
    MMU_DIFF_TVAL = 32,
    MMU_DIFF_WORDS = 64
};

/* Kinds of outcome, for counts. */
enum { MMU_CHECK_OUTCOMES = 7 };

/* One access, checked. */
typedef struct {
    const mmu_tv_world_t *world;
    const mmu_tv_access_t *access;
    const mmu_pmp_file_t *pmp; /* NULL: none */
    mmu_arch_result_t result;
    mmu_arch_trail_t trail;
    const mmu_tv_change_t *change; /* words that the model changed */
    unsigned changes;
    unsigned differs;
} mmu_check_t;

/* Whether the architectural model handles the world. False: `what` is what it does not handle, `select` the
 * term of --select that leaves such worlds out. */
bool mmu_check_handles(const mmu_tv_world_t *world, char what[128], char select[64]);

/* The world's PMP registers, in `file`; NULL where the world has no PMP. */
const mmu_pmp_file_t *mmu_check_pmp(const mmu_tv_world_t *world, mmu_pmp_file_t *file);

/* Translates one access in the image and compares; the world's accesses must come in order. */
void mmu_check_access(const mmu_tv_world_t *world, const mmu_pmp_file_t *pmp, const mmu_tv_access_t *access,
                      mmu_tv_image_t *image, mmu_check_t *check);

/* The number of an answer's kind, below MMU_CHECK_OUTCOMES, and its name. */
unsigned mmu_check_outcome(const mmu_arch_result_t *result);
const char *mmu_check_outcome_name(unsigned outcome);

/* Tells a mismatch: for people, and for machines. */
void mmu_check_print(const mmu_check_t *check, FILE *to);
json_t *mmu_check_json(const mmu_check_t *check);

#endif
