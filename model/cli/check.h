/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk check`: a run over vector files, and what is told of it.
 *
 *     cmd_check.c     the command line, the verdict
 *     check_family.c  which configuration the files ask for, where none is named
 *     check_run.c     each file on the architectural or on the cycle model
 *     check_rtl.c     all files on RTL: builds the simulation, runs it, hears what it found
 *     check_report.c  a mismatch, for people and for machines
 */
#ifndef LOCKWALK_CLI_CHECK_H
#define LOCKWALK_CLI_CHECK_H

#include <jansson.h>
#include <stdio.h>

#include "lockwalk/mmu_config.h"
#include "lockwalk/mmu_env.h"

typedef enum { MMU_CHECK_ARCH = 0, MMU_CHECK_CYCLE = 1, MMU_CHECK_RTL = 2 } mmu_check_on_e;

/* A mismatch that will be told in full. */
typedef struct {
    unsigned file;
    mmu_vectors_found_t found;
} mmu_check_kept_t;

typedef struct {
    int argc;
    char **argv;
    /* What is asked. */
    mmu_check_on_e on;
    const char *select_text;
    mmu_tv_select_t *select;
    const char *config; /* NULL: none was named */
    const char *preset; /* of the files that are being played, where none was named */
    mmu_cfg_t cfg;      /* with MMU_CHECK_CYCLE and MMU_CHECK_RTL */
    uint64_t seed;      /* of random latencies */
    const char *rtl, *build_dir;
    bool whitebox;
    bool json;
    unsigned shown_max; /* mismatches told in full */
    char **files;
    unsigned file_count;
    char presets[80]; /* all that files asked for, ", " between them */
    /* What came out. */
    mmu_vectors_counts_t total;
    mmu_check_kept_t *kept; /* of the file that is being played */
    unsigned kept_count, kept_room;
    unsigned shown;
    unsigned files_done;
    json_t *json_files, *json_mismatches;
    json_t *json_failure; /* NULL: the run came to its end */
    bool failed;          /* it did not: a protocol error, or RTL and cycle model differ */
    bool out_of_memory;
    mmu_tv_image_t *image;
    mmu_tv_err_t err;
} mmu_check_t;

/* "arch", "cycle", "rtl". */
const char *mmu_check_on_name(unsigned on);
const char *mmu_check_config(const mmu_check_t *check);

/* ---- running; false: check->err says why ------------------------------------------------------------- */

/* Runs `run` over the files: with the configuration that was named, else once for each family of formats (riscv, x86,
 * classical), over its files, with the preset that has all of it. */
bool mmu_check_families(mmu_check_t *check, bool (*run)(mmu_check_t *));

/* Looks through all files: whether they can be read, and whether the selected worlds can be played. */
bool mmu_check_scan(mmu_check_t *check);

bool mmu_check_arch(mmu_check_t *check);
bool mmu_check_cycle(mmu_check_t *check);
bool mmu_check_rtl(mmu_check_t *check);

/* Clocks that an answer may take; 0: the environment's own. */
uint64_t mmu_check_watchdog(const mmu_check_t *check);

/* What both of the latter hand to the environment, and hear from it. The sink must stay as long as the run. */
bool mmu_check_env(mmu_check_t *check, mmu_env_options_t *opt);
mmu_vectors_sink_t mmu_check_sink(mmu_check_t *check);

/* False, and the error: the world cannot be played. */
bool mmu_check_handles(mmu_check_t *check, const mmu_tv_world_t *world);

/* ---- a mismatch -------------------------------------------------------------------------------------- */

typedef struct {
    const mmu_check_t *check;
    const mmu_tv_world_t *world;
    const mmu_vectors_found_t *found;
    const mmu_pmp_file_t *pmp; /* NULL: none */
    mmu_arch_trail_t trail;    /* of the architectural model */
} mmu_check_mismatch_t;

void mmu_check_print(const mmu_check_mismatch_t *mismatch, FILE *to);
json_t *mmu_check_json(const mmu_check_mismatch_t *mismatch);

#endif
