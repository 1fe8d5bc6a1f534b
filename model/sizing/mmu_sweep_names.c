/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The names of streams, policies and page sizes.
 */
#include "lockwalk/mmu_sizing.h"

#include <stdio.h>

const char *mmu_sweep_stream_name(unsigned stream)
{
    static const char *const names[MMU_STREAMS] = {"unified", "data", "fetch"};

    return names[stream];
}

const char *mmu_sweep_policy_name(unsigned policy)
{
    static const char *const names[MMU_SWEEP_POLICIES] = {"plru", "fifo", "lru", "nru", "random", "opt"};

    return names[policy];
}

const char *mmu_sweep_page_name(unsigned lg, char text[16])
{
    static const char letters[] = "KMGT";

    if (lg == MMU_SWEEP_MAP)
        snprintf(text, 16, "map");
    else if (lg < 10)
        snprintf(text, 16, "%u", 1u << lg);
    else
        snprintf(text, 16, "%u%c", 1u << lg % 10, letters[lg / 10 - 1]);
    return text;
}
