/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What people call the values and the places of a configuration.
 */
#include "lockwalk/mmu_config.h"
#include "lockwalk/mmu_format.h"

#include <stdio.h>
#include <string.h>

const char *mmu_cfg_page_name(unsigned i)
{
    /* TYP-4, as mmu_page_lg. */
    static const char *const name[] = {"512", "1K", "2K", "4K", "8K",   "16K", "32K",
                                       "64K", "2M", "4M", "1G", "512G", "256T"};

    return i < sizeof name / sizeof name[0] ? name[i] : NULL;
}

const char *mmu_cfg_policy_name(unsigned policy)
{
    static const char *const name[] = {
        [MMU_POLICY_PLRU] = "plru", [MMU_POLICY_FIFO] = "fifo",     [MMU_POLICY_LRU] = "lru",
        [MMU_POLICY_NRU] = "nru",   [MMU_POLICY_RANDOM] = "random",
    };

    return policy < sizeof name / sizeof name[0] ? name[policy] : NULL;
}

const char *mmu_cfg_format_name(unsigned bit)
{
    return mmu_format(bit) != NULL ? mmu_format(bit)->name : NULL;
}

void mmu_cfg_path(const mmu_cfg_field_t *field, unsigned index, char *path, size_t size)
{
    static const char *const level_path[MMU_LEVELS] = {"ports.instruction", "ports.data", "l2"};
    /* Those that are not a key of the file's root. */
    static const struct {
        const char *name, *path;
    } elsewhere[] = {
        {"walks", "walker.walks"},
        {"l2_latency", "l2.latency"},
        {"pmp_entries", "pmp"},
        {"vmid_bits", "hypervisor.vmid_bits"},
        {"gtlb_ways", "hypervisor.tlb.ways"},
        {"gtlb_policy", "hypervisor.tlb.policy"},
    };

    switch (field->in) {
    case MMU_CFG_IN_PORT:
        snprintf(path, size, "%s.%s", level_path[index], field->name);
        break;
    case MMU_CFG_IN_ARRAY:
        snprintf(path, size, "%s.arrays[%u].%s", level_path[index / MMU_ARRAYS], index % MMU_ARRAYS,
                 strcmp(field->name, "sets_log2") == 0 ? "sets" : field->name);
        break;
    case MMU_CFG_IN_PWC:
        snprintf(path, size, "walker.caches[level %u].%s", index + 1, field->name);
        break;
    case MMU_CFG_IN_GPWC:
        snprintf(path, size, "hypervisor.caches[level %u].%s", index + 1, field->name);
        break;
    default:
        snprintf(path, size, "%s", field->name);
        for (size_t n = 0; n < sizeof elsewhere / sizeof elsewhere[0]; n++)
            if (strcmp(field->name, elsewhere[n].name) == 0)
                snprintf(path, size, "%s", elsewhere[n].path);
    }
}
