/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a step of the environment that every stimulus shares.
 */
#ifndef LOCKWALK_ENV_MMU_STAGE_H
#define LOCKWALK_ENV_MMU_STAGE_H

#include "lockwalk/mmu_stimulus.h"

#ifdef __cplusplus
extern "C" {
#endif

/* "instruction" or "data". */
const char *mmu_port_name(unsigned port);

/* Books: answers, acceptances, kills, fences, idle, events, the watchdog. */
void mmu_stage_books(mmu_stage_t *stage, const mmu_in_t *in, const mmu_out_t *out);

/* After reset PMP allows S and U nothing (PMP-3). Entry 0, NAPOT over all addresses with R, W and X, opens everything.
 * It is written in the first clock, when every MMU is idle; a request of that clock is looked at after it (PMP-1). */
void mmu_stage_open_pmp(const mmu_stage_t *stage, mmu_in_t *next);

/* The watchdog, after the books of a clock. */
void mmu_stage_watch(mmu_stage_t *stage, const mmu_in_t *in);

/* The walk port: takes the request of this clock, gives the response and the readiness of the next. */
void mmu_memport_init(mmu_memport_t *port, mmu_mem_t *mem, const mmu_env_options_t *opt);
void mmu_memport_step(mmu_stage_t *stage, const mmu_in_t *in, const mmu_out_t *out, mmu_in_t *next);

/* ---- for who skips clocks (model/run) ---------------------------------------------------------------- */

/* The first clock in which a response may come; UINT64_MAX: none is due. */
uint64_t mmu_memport_due(const mmu_memport_t *port);
/* As so many steps, the last of which ends stage->clock, in which nothing was requested and nothing responded but by the
 * last one. */
void mmu_memport_skip(mmu_stage_t *stage, uint64_t clocks, mmu_in_t *next);

mmu_stage_t *mmu_env_stage(mmu_env_t *env);
mmu_stimulus_t *mmu_env_stimulus(mmu_env_t *env);

#ifdef __cplusplus
}
#endif
#endif
