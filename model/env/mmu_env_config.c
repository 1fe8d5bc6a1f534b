/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the environment knows of the MMU's configuration, and which format it plays.
 */
#include "lockwalk/mmu_env.h"

/* Bits of a `pages` field (TYP-4). */
#define PAGES_CLASSICAL 0x00ffu
#define PAGES_4K 0x0008u
#define PAGES_4M 0x0200u
#define PAGES_1G 0x0400u

void mmu_env_configure(mmu_env_options_t *opt, const mmu_cfg_t *cfg)
{
    opt->random.asid_bits_ignored = (uint8_t)(MMU_ASID_W - cfg->asid_bits);
    opt->random.hypervisor = cfg->hypervisor != 0;
    opt->random.vmid_bits = cfg->vmid_bits;
    opt->pmp_entries = cfg->pmp_entries;
    opt->formats = cfg->formats;
    opt->pages = 0;
    for (unsigned level = 0; level < MMU_LEVELS; level++)
        for (unsigned k = 0; k < MMU_ARRAYS; k++)
            if (cfg->array[level][k].ways > 0)
                opt->pages = (uint16_t)(opt->pages | cfg->array[level][k].pages);
}

uint8_t mmu_env_format(const mmu_env_options_t *opt)
{
    if (opt->format != 0)
        return (uint8_t)(opt->format - 1);
    return opt->formats == 0 ? MMU_FORMAT_RISCV : (uint8_t)__builtin_ctz(opt->formats);
}

uint8_t mmu_env_x86_mode(const mmu_env_options_t *opt)
{
    if (opt->x86_mode != 0)
        return opt->x86_mode;
    return (opt->pages & (PAGES_4M | PAGES_1G)) == PAGES_4M ? MMU_X86_2LEVEL : MMU_X86_PML4;
}

uint8_t mmu_env_plg(const mmu_env_options_t *opt)
{
    unsigned sizes = opt->pages & PAGES_CLASSICAL;

    if (opt->plg != 0)
        return opt->plg;
    if (sizes == 0 || (sizes & PAGES_4K) != 0)
        return 12;
    return (uint8_t)mmu_page_lg((unsigned)__builtin_ctz(sizes));
}
