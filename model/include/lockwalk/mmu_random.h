/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The random stimulus: page tables, requests, fences, kills, context changes, writes by an operating system
 * and the memory's answers, drawn from one seed by weights; and the replay of a list of operations. Manual:
 * docs/stimulus.md.
 *
 *     weights (default < profile < --weights FILE < --weight NAME=VALUE)
 *        │
 *        ▼
 *     generator ──operations──► apply ──► inputs of the next clock, memory, memory answers
 *                     │  ▲
 *            --record ▼  │ --replay
 *                    text file
 *
 * Everything that the stimulus does is an operation of a clock, and only operations have an effect: so a
 * replayed file does what the generator did. The same seed and weights give the same operations on any
 * machine. The generator sees what a requester and a memory see (ready, answers, walk port) and the events.
 */
#ifndef LOCKWALK_MMU_RANDOM_H
#define LOCKWALK_MMU_RANDOM_H

#include "lockwalk/mmu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- options: part of mmu_env_options_t; zero is the default -------------------------------- */

#define MMU_RANDOM_WEIGHT_OPTIONS 64

typedef struct {
    const char *profile;                           /* NULL: "default" */
    const char *weights_file;                      /* YAML */
    const char *weight[MMU_RANDOM_WEIGHT_OPTIONS]; /* "name=value", later ones win */
    unsigned weights;                              /* how many of them */
    const char *record;                            /* write the operations to this file */
    const char *replay;                            /* play this file; weights and seed do not matter then */
    uint8_t asid_bits_ignored;                     /* 16 - asid_bits of the MMU's configuration */
    bool hypervisor;                               /* the configuration has the hypervisor extension, */
    uint8_t vmid_bits;                             /* and keeps so many VMID bits */
} mmu_random_options_t;

/* --profile NAME, --weights FILE, --weight NAME=VALUE, --list-weights, --record FILE, --replay FILE, for
 * argp_parse: a child parser whose input is a mmu_random_options_t *. A wrong name or value is a usage
 * error. */
struct argp;
extern const struct argp mmu_random_argp;

/* ---- the weights, for --list-weights and documents ------------------------------------------- */

typedef struct {
    const char *name; /* "fence.rate" */
    int32_t def, min, max;
    bool phase;       /* scaled anew in every phase of a run */
    const char *text; /* what it does */
} mmu_random_weight_t;

/* Weight n, NULL after the last. */
const mmu_random_weight_t *mmu_random_weight(unsigned n);

typedef struct {
    const char *name;
    const char *text;
    const char *settings; /* "name=value ..." */
} mmu_random_profile_t;

/* Profile n, NULL after the last. */
const mmu_random_profile_t *mmu_random_profile(unsigned n);

#ifdef __cplusplus
}
#endif
#endif
