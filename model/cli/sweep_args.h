/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The lists that `lockwalk sweep` understands. Each function reads a whole argument into the options; false: err
 * holds a sentence that names the argument, the item that is wrong, and what is allowed.
 */
#ifndef LOCKWALK_CLI_SWEEP_ARGS_H
#define LOCKWALK_CLI_SWEEP_ARGS_H

#include "lockwalk/mmu_sizing.h"

#define SWEEP_ERR 256

bool mmu_sweep_arg_streams(mmu_sweep_options_t *opt, const char *text, char err[SWEEP_ERR]);
/* "4K,2M,map" */
bool mmu_sweep_arg_pages(mmu_sweep_options_t *opt, const char *text, char err[SWEEP_ERR]);
bool mmu_sweep_arg_policies(mmu_sweep_options_t *opt, const char *text, char err[SWEEP_ERR]);
/* "1..512" are the powers of two from 1 to 512; "16,64" these. */
bool mmu_sweep_arg_sets(mmu_sweep_options_t *opt, const char *text, char err[SWEEP_ERR]);
/* "1..32" are all numbers from 1 to 32; "4,12" these. */
bool mmu_sweep_arg_ways(mmu_sweep_options_t *opt, const char *text, char err[SWEEP_ERR]);
/* "16x4,1x32": sets x ways. Returns how many in *count. name: "--l2". */
bool mmu_sweep_arg_shapes(mmu_sweep_shape_t *shape, unsigned room, unsigned *count, const char *name,
                          const char *text, char err[SWEEP_ERR]);

/* A number from 1 to most. name: "--windows". */
bool mmu_sweep_arg_number(uint64_t *value, uint64_t most, const char *name, const char *text,
                          char err[SWEEP_ERR]);

#endif
