/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A world's registers and an access's request, as an MMU takes them.
 */
#include "lockwalk/mmu_vectors.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const step_keys[] = {"cold", "warm", "other_port", "random_latency"};
static const char *const step_names[] = {"cold", "warm", "from the other port", "with random memory latency"};

const char *mmu_vectors_step_key(unsigned step)
{
    return step_keys[step];
}

const char *mmu_vectors_step_name(unsigned step)
{
    return step_names[step];
}

static unsigned pmp_entries_asked(const mmu_tv_world_t *world)
{
    unsigned entries = 16; /* what is implemented: 16 or 64 (Priv 3.7.1); those not named are off */

    if (world->key[MMU_TV_PMP] == 0)
        return 0;
    for (unsigned i = 0; i < world->pmps; i++)
        if (world->pmp[i].index >= 16)
            entries = 64;
    return entries;
}

static bool is_x86(const mmu_tv_world_t *world)
{
    return world->key[MMU_TV_ISA] == MMU_TV_X86 || world->key[MMU_TV_ISA] == MMU_TV_X86_64;
}

static bool is_classic(const mmu_tv_world_t *world)
{
    return world->key[MMU_TV_ISA] == MMU_TV_CLASSIC;
}

unsigned mmu_vectors_format(const mmu_tv_world_t *world)
{
    if (is_classic(world))
        return (unsigned)(world->key[MMU_TV_MODE] - MMU_TV_M_BOUNDS) + MMU_FORMAT_BOUNDS;
    return is_x86(world) ? MMU_FORMAT_X86 : MMU_FORMAT_RISCV;
}

static bool ram_is_physical(const mmu_tv_world_t *world)
{
    return world->ram_base <= MMU_PA_MASK && world->ram_size <= MMU_PA_MASK + 1 - world->ram_base;
}

bool mmu_vectors_handles(const mmu_tv_world_t *world, const mmu_cfg_t *cfg, char what[200], char select[64])
{
    char buf[24];

    if (cfg == NULL)
        return true;
    if ((cfg->formats >> mmu_vectors_format(world) & 1u) == 0) {
        const unsigned key = is_classic(world) ? MMU_TV_MODE : MMU_TV_ISA;

        snprintf(what, 200, "%s=%s, for which its configuration needs `%s` in `formats`",
                 mmu_tv_key_name(key), mmu_tv_value(key, world->key[key], buf),
                 mmu_format(mmu_vectors_format(world))->name);
        if (is_classic(world))
            snprintf(select, 64, "mode!=%s", mmu_tv_value(key, world->key[key], buf));
        else
            snprintf(select, 64, is_x86(world) ? "isa=rv32|rv64|classic" : "isa=x86|x86_64|classic");
        return false;
    }
    if (world->key[MMU_TV_ASID] >> cfg->asid_bits != 0) {
        snprintf(what, 200, "asid=0x%" PRIx64 ", for which its configuration needs more than `asid_bits: %u`",
                 world->key[MMU_TV_ASID], cfg->asid_bits);
        snprintf(select, 64, "asid!=0x%" PRIx64, world->key[MMU_TV_ASID]);
        return false;
    }
    if (world->key[MMU_TV_VIRT] != 0 && cfg->hypervisor == 0) {
        snprintf(what, 200, "virt=1, for which its configuration needs a section `hypervisor`");
        snprintf(select, 64, "virt=0");
        return false;
    }
    if (pmp_entries_asked(world) > cfg->pmp_entries) {
        snprintf(what, 200, "pmp=1 with %u entries, for which its configuration needs `pmp: %u` (it has %u)",
                 pmp_entries_asked(world), pmp_entries_asked(world), cfg->pmp_entries);
        if (cfg->pmp_entries == 0)
            snprintf(select, 64, "pmp=0");
        else
            snprintf(select, 64, "id!=0x%" PRIx64, world->id);
        return false;
    }
    if (!ram_is_physical(world)) {
        snprintf(what, 200, "ram=0x%" PRIx64 ":0x%" PRIx64 ", where an end at 2^56 at most is needed",
                 world->ram_base, world->ram_size);
        snprintf(select, 64, "id!=0x%" PRIx64, world->id);
        return false;
    }
    return true;
}

mmu_slow_t mmu_vectors_slow(const mmu_tv_world_t *world)
{
    if (is_classic(world))
        return (mmu_slow_t){.format = (uint8_t)mmu_vectors_format(world),
                            .adue = world->key[MMU_TV_ADUE] != 0,
                            .plg = (uint8_t)world->key[MMU_TV_PLG],
                            .linear = world->key[MMU_TV_LINEAR] != 0,
                            .rows_lg = (uint8_t)world->key[MMU_TV_ROWS_LG]};
    if (is_x86(world))
        return (mmu_slow_t){.format = MMU_FORMAT_X86,
                            .pse = world->key[MMU_TV_PSE] != 0,
                            .pge = world->key[MMU_TV_PGE] != 0,
                            .nxe = world->key[MMU_TV_NXE] != 0,
                            .afault = world->key[MMU_TV_AFAULT] != 0,
                            .maxpa = (uint8_t)world->key[MMU_TV_MAXPA]};
    return (mmu_slow_t){.adue = world->key[MMU_TV_ADUE] != 0,
                        .pbmte = world->key[MMU_TV_PBMTE] != 0,
                        .svnapot = world->key[MMU_TV_NAPOT] != 0,
                        .hadue = world->key[MMU_TV_HADUE] != 0,
                        .hpbmte = world->key[MMU_TV_HPBMTE] != 0};
}

const mmu_pmp_file_t *mmu_vectors_pmp(const mmu_tv_world_t *world, mmu_pmp_file_t *file)
{
    if (world->key[MMU_TV_PMP] == 0)
        return NULL;
    mmu_pmp_reset(file, pmp_entries_asked(world));
    /* With RLB the records may come in any order: a lock stops none (PMP-5). */
    for (unsigned i = 0; i < world->pmps; i++)
        mmu_pmp_write(file, world->pmp[i].index, world->pmp[i].cfg, world->pmp[i].addr, MMU_SEC_RLB);
    return file;
}

/* X86: the registers of the context. */
static mmu_ctx_t x86_context(const mmu_tv_world_t *world)
{
    static const uint8_t mode[] = {
        [MMU_TV_X86_2LEVEL] = 1, [MMU_TV_X86_PAE] = 2, [MMU_TV_PML4] = 3, [MMU_TV_PML5] = 4};
    const uint64_t *key = world->key;

    return (mmu_ctx_t){.root = key[MMU_TV_CR3] >> 12 & ((UINT64_C(1) << 44) - 1),
                       .aux = key[MMU_TV_MODE] == MMU_TV_X86_PAE ? key[MMU_TV_CR3] >> 5 & 0x7f : 0,
                       .mode = mode[key[MMU_TV_MODE]],
                       .flags = (uint8_t)(key[MMU_TV_WP] | key[MMU_TV_SMEP] << 1 | key[MMU_TV_SMAP] << 2 |
                                          key[MMU_TV_AC] << 3)};
}

static mmu_ctx_t classic_context(const mmu_tv_world_t *world)
{
    return (mmu_ctx_t){.root = world->key[MMU_TV_ROOT],
                       .aux = world->key[MMU_TV_AUX],
                       .asid = (uint16_t)world->key[MMU_TV_ASID],
                       .mode = 1};
}

static mmu_ctx_t context(const mmu_tv_world_t *world, const mmu_tv_access_t *access)
{
    /* Of both stages: the keys have the same numbers. */
    static const uint8_t mode[] = {
        [MMU_TV_BARE] = MMU_MODE_BARE, [MMU_TV_SV32] = MMU_MODE_SV32, [MMU_TV_SV39] = MMU_MODE_SV39,
        [MMU_TV_SV48] = MMU_MODE_SV48, [MMU_TV_SV57] = MMU_MODE_SV57,
    };
    const uint64_t *key = world->key;
    mmu_ctx_t ctx = {.root = key[MMU_TV_ROOT],
                     .mode = mode[key[MMU_TV_MODE]],
                     .sum = key[MMU_TV_SUM] != 0,
                     .mxr = key[MMU_TV_MXR] != 0};

    if (key[MMU_TV_VIRT] == 0 || access->priv == MMU_TV_PRIV_M)
        return ctx;
    ctx.v = true;
    ctx.sum = key[MMU_TV_VSUM] != 0;
    ctx.mxr = key[MMU_TV_MXR] != 0 || key[MMU_TV_VMXR] != 0;
    ctx.gmxr = key[MMU_TV_MXR] != 0;
    ctx.gmode = mode[key[MMU_TV_GMODE]];
    ctx.groot = key[MMU_TV_GROOT];
    return ctx;
}

mmu_rq_t mmu_vectors_request(const mmu_tv_world_t *world, const mmu_tv_access_t *access, unsigned step)
{
    static const uint8_t acc[] = {[MMU_TV_FETCH] = MMU_ACC_FETCH,
                                  [MMU_TV_LOAD] = MMU_ACC_LOAD,
                                  [MMU_TV_STORE] = MMU_ACC_STORE,
                                  [MMU_TV_LOAD_X] = MMU_ACC_LOAD_X,
                                  [MMU_TV_APPEND] = MMU_ACC_APPEND};
    mmu_rq_t rq = {.va = access->va,
                   .ctx = is_classic(world) ? classic_context(world)
                          : is_x86(world)   ? x86_context(world)
                                            : context(world, access),
                   .acc = acc[access->type],
                   .prv = access->priv};

    for (uint64_t len = access->len; len > 1; len /= 2)
        rq.size++;
    if (step == MMU_VECTORS_OTHER)
        rq.acc = rq.acc == MMU_ACC_FETCH ? MMU_ACC_LOAD : MMU_ACC_FETCH;
    return rq;
}

unsigned mmu_vectors_port(const mmu_rq_t *rq)
{
    return rq->acc == MMU_ACC_FETCH ? MMU_PORT_I : MMU_PORT_D;
}
