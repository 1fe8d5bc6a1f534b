/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Streaks: clocks of a trace that need not be stepped, since all that happens in them are hits, and clocks in which
 * nothing happens at all. Rules: "How it is issued" in docs/traces.md for the requests, cycle/fast.h for the MMU.
 *
 * While every look-up hits, the clock in which an access is offered follows from those before it:
 *
 *     a fetch at the earliest with the access before it, and a clock after the fetch before it;
 *     a data access the same with the data access before it, and two clocks after its fetch (all pieces of it)
 *
 * It is accepted in that clock and answered in the next. So the player walks along the trace, not along the clocks. The
 * accesses of one clock, at most one a port, are a group; a group is settled (touched, counted) when the next one comes.
 *
 *     clock          t−1         t           t+1
 *     group of t−1   accepted    looked up
 *     group of t                 accepted    looked up
 *
 * A streak ends between two clocks: before the look-up that is no hit, before the clock in which memory responds, at the
 * end of the warm-up or of a window. What was accepted in the clock before is in stage 1 then, what is offered in
 * the clock to come is in the inputs; environment and MMU are as if all had been stepped.
 */
#ifndef LOCKWALK_RUN_STREAK_H
#define LOCKWALK_RUN_STREAK_H

#include "run/runner.h"

/* Skips what can be skipped; false: nothing, the clock to come is to be stepped. `events`: of the clock before. */
bool mmu_runner_streak(mmu_runner_t *run, uint64_t events);

#endif
