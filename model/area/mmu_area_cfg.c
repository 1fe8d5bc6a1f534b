/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The bits that rtl/ keeps for a configuration: the registers of the rules (docs/microarchitecture.md), less those
 * that cannot be anything but 0. tests/area holds them against Yosys.
 */
#include "lockwalk/mmu_area.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    FIELD = 64,           /* key, mask, data of a row; entry, position, word */
    ID = 4,               /* of a request */
    SLOT = 3,             /* of a walk */
    FAULT = 3,            /* mmu_fault_e */
    REQUEST = 138,        /* rq_t of a build with riscv alone and no hypervisor: REQ-1 */
    REQUEST_AUX = 48,     /* ctx.aux and flags */
    REQUEST_TWO = 64,     /* ctx.v to groot */
    RANK = 4,             /* true LRU: REPL-5 */
    PMP_WRITTEN = 54 + 6, /* addr, and cfg less its bits 6:5, which are never set */
    PMP_DECODED = 2 * 54 + 5
};

static unsigned clog2(unsigned n)
{
    unsigned bits = 0;

    while (1u << bits < n)
        bits++;
    return bits;
}

/* As RTL counts an index: one bit at least. */
static unsigned index_bits(unsigned n)
{
    return n > 2 ? clog2(n) : 1;
}

static bool riscv_alone(const mmu_cfg_t *cfg)
{
    return cfg->formats == 1u << MMU_FORMAT_RISCV;
}

static unsigned request_bits(const mmu_cfg_t *cfg)
{
    return REQUEST + (riscv_alone(cfg) ? 0u : REQUEST_AUX) + (cfg->hypervisor != 0 ? REQUEST_TWO : 0u);
}

/* ---- boxes --------------------------------------------------------------------------------------------------- */

static mmu_area_box_t *add(mmu_area_t *area, mmu_area_kind_e kind, uint32_t entries, const char *name, ...)
    __attribute__((format(printf, 4, 5)));

static mmu_area_box_t *add(mmu_area_t *area, mmu_area_kind_e kind, uint32_t entries, const char *name, ...)
{
    mmu_area_box_t *box = &area->box[area->boxes++];
    va_list args;

    assert(area->boxes <= MMU_AREA_BOXES);
    va_start(args, name);
    vsnprintf(box->name, sizeof box->name, name, args);
    va_end(args);
    box->kind = (uint8_t)kind;
    box->entries = entries;
    return box;
}

static void instance(mmu_area_box_t *box, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void instance(mmu_area_box_t *box, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(box->rtl, sizeof box->rtl, format, args);
    va_end(args);
}

/* ---- arrays (ARR, ROW, REPL) ----------------------------------------------------------------------------------- */

/* Replacement state as RTL keeps it: ranks of 4 bits whatever the ways, a pointer of a bit with one way. */
static uint64_t policy_flops(unsigned sets_log2, unsigned ways, unsigned policy)
{
    const uint64_t sets = (uint64_t)1 << sets_log2;

    switch (policy) {
    case MMU_POLICY_LRU:
        return sets * ways * RANK;
    case MMU_POLICY_FIFO:
        return sets * index_bits(ways);
    default:
        return mmu_area_policy_bits(sets_log2, ways, policy);
    }
}

/* Key, mask, data, and beside them vm (KEY-5) where there are virtual machines. */
static unsigned row_bits(bool vm)
{
    return 3 * FIELD + (vm ? MMU_VM_W : 0u);
}

static void array_in_flops(mmu_area_box_t *box, unsigned sets_log2, unsigned ways, unsigned policy, bool vm)
{
    const uint64_t rows = (uint64_t)ways << sets_log2;

    box->replacement = policy_flops(sets_log2, ways, policy);
    box->flops = rows * (1 + row_bits(vm)) + box->replacement;
}

/* Rows in memories; valid bits, and what was read last, in flip-flops. */
static void array_in_memory(mmu_area_box_t *box, const mmu_cfg_array_t *a, bool vm)
{
    const uint64_t rows = (uint64_t)a->ways << a->sets_log2;

    box->replacement = policy_flops(a->sets_log2, a->ways, a->policy);
    box->memory = rows * row_bits(vm);
    box->flops = rows + a->ways * (1u + row_bits(vm)) + index_bits(1u << a->sets_log2) + box->replacement;
}

static uint64_t plain_bits(const mmu_cfg_array_t *a, const mmu_area_widths_t *widths)
{
    mmu_area_shape_t shape = {a->sets_log2, 0, 0, a->policy, a->ways};

    for (unsigned page = 16; page-- > 0;)
        if (((a->pages >> page) & 1u) != 0) {
            shape.page_lg = (uint8_t)mmu_page_lg(page);
            shape.sizes++;
        }
    return mmu_area_tlb_bits(&shape, widths);
}

static void caches(mmu_area_t *area, const mmu_cfg_pwc_t pwc[MMU_PWC_LEVELS], bool vm, const char *name,
                   const char *rtl)
{
    for (unsigned k = 0; k < MMU_PWC_LEVELS; k++)
        if (pwc[k].ways > 0) {
            mmu_area_box_t *box = add(area, MMU_AREA_CACHE, pwc[k].ways, "%s %u", name, k + 1);

            instance(box, "%s.gen_cache[%u].gen_on.u_array", rtl, k + 1);
            array_in_flops(box, 0, pwc[k].ways, pwc[k].policy, vm);
        }
}

/* ---- ports (L1, MQ) -------------------------------------------------------------------------------------------- */

/* L1-13: more than one probe a look-up? */
static bool probes(const mmu_cfg_array_t array[MMU_ARRAYS])
{
    for (unsigned k = 0; k < MMU_ARRAYS; k++)
        if (array[k].ways > 0 && array[k].sets_log2 > 0 && (array[k].pages & (array[k].pages - 1u)) != 0)
            return true;
    return false;
}

static void port(const mmu_cfg_t *cfg, unsigned p, const mmu_area_widths_t *widths, mmu_area_t *area)
{
    const char *name = p == MMU_PORT_I ? "instruction" : "data";
    const mmu_cfg_array_t *array = cfg->array[p];
    const bool vm = cfg->hypervisor != 0;
    mmu_area_box_t *box;

    for (unsigned k = 0; k < MMU_ARRAYS; k++)
        if (array[k].ways > 0) {
            box = add(area, MMU_AREA_TLB, (uint32_t)array[k].ways << array[k].sets_log2, "L1 %s, array %u",
                      name, k + 1);
            instance(box, "gen_port[%u].u_l1.gen_array[%u].gen_on.u_array", p, k);
            array_in_flops(box, array[k].sets_log2, array[k].ways, array[k].policy, vm);
            box->plain = plain_bits(&array[k], widths);
        }
    box = add(area, MMU_AREA_REGISTERS, 1, "%s port, stage 1", name);
    instance(box, "gen_port[%u].u_l1", p);
    box->flops = 1 + 1 + ID + request_bits(cfg) + (probes(array) ? 3u : 0u);
    box = add(area, MMU_AREA_REGISTERS, cfg->misses[p], "%s port, miss queue", name);
    instance(box, "gen_port[%u].u_miss_queue", p);
    box->flops = (uint64_t)cfg->misses[p] * (3 + 1 + ID + request_bits(cfg) + SLOT + FAULT + FIELD);
}

/* ---- L2 and arbiters ------------------------------------------------------------------------------------------- */

static void arbiter(mmu_area_t *area, const mmu_cfg_t *cfg, const char *name, const char *rtl)
{
    mmu_area_box_t *box = add(area, MMU_AREA_REGISTERS, 0, "%s", name);

    instance(box, "%s", rtl);
    box->flops = index_bits((unsigned)cfg->misses[MMU_PORT_I] + cfg->misses[MMU_PORT_D]);
}

static void l2(const mmu_cfg_t *cfg, const mmu_area_widths_t *widths, mmu_area_t *area)
{
    const mmu_cfg_array_t *array = cfg->array[MMU_LEVEL_L2];
    const bool vm = cfg->hypervisor != 0;
    unsigned most_sets = 0;
    mmu_area_box_t *box;

    for (unsigned k = 0; k < MMU_ARRAYS; k++)
        if (array[k].ways > 0) {
            box =
                add(area, MMU_AREA_TLB, (uint32_t)array[k].ways << array[k].sets_log2, "L2, array %u", k + 1);
            instance(box, "gen_l2.u_l2.gen_array[%u].gen_on.u_array", k);
            array_in_memory(box, &array[k], vm);
            box->plain = plain_bits(&array[k], widths);
            if (1u << array[k].sets_log2 > most_sets)
                most_sets = 1u << array[k].sets_log2;
        }
    if (most_sets == 0)
        return;
    box = add(area, MMU_AREA_REGISTERS, 1, "L2");
    instance(box, "gen_l2.u_l2");
    /* st, wait, probe, port, sel, rq; fill_row; scan; of the fence its key, spare_g, and of its mask a bit for the
     * ASID and one for the address, since these parts are all ones or all zeros; of its vm likewise v, vmid and a bit
     * of the mask for each (bare is never compared: KEY-7) */
    box->flops = 2 + 4 + 4 + 1 + 3 + request_bits(cfg) + row_bits(true) + clog2(most_sets + 1) + FIELD + 1 +
                 2 + (vm ? 1 + MMU_VMID_W + 2 : 0u);
    arbiter(area, cfg, "L2 arbiter", "gen_l2.u_arb");
}

/* ---- walker ---------------------------------------------------------------------------------------------------- */

static void walker(const mmu_cfg_t *cfg, mmu_area_t *area)
{
    /* st, redo, nofill, port, rq, pos, fault, entry, cas_old, cas_new */
    unsigned slot = 3 + 1 + 1 + 1 + request_bits(cfg) + FIELD + FAULT + FIELD + 2 * FIELD;
    mmu_area_box_t *box = add(area, MMU_AREA_REGISTERS, cfg->walks, "walker");

    instance(box, "u_walker");
    if (!riscv_alone(cfg)) /* more, next: FRM-4's read after A */
        slot += 1 + FIELD;
    if (cfg->hypervisor != 0) /* what, gst, gpos, spa, flg, gentry, gcas_old, gcas_new */
        slot += 2 + 1 + FIELD + MMU_PA_W + 6 + FIELD + 2 * FIELD;
    box->flops = 1 + index_bits(cfg->walks) + (uint64_t)cfg->walks * slot;
    caches(area, cfg->pwc, cfg->hypervisor != 0, "walk cache", "u_walker.u_walk_cache");
    if (cfg->gtlb_ways > 0) {
        box = add(area, MMU_AREA_CACHE, cfg->gtlb_ways, "G-stage TLB");
        instance(box, "u_walker.gen_g.u_g_tlb.gen_on.u_array");
        array_in_flops(box, 0, cfg->gtlb_ways, cfg->gtlb_policy, false);
    }
    caches(area, cfg->gpwc, false, "G-stage walk cache", "u_walker.gen_g.u_g_walk_cache");
    arbiter(area, cfg, "walk arbiter", "u_walk_arb");
}

/* ---------------------------------------------------------------------------------------------------------------- */

void mmu_area_of(const mmu_cfg_t *cfg, const mmu_area_widths_t *widths, mmu_area_t *area)
{
    mmu_area_widths_t own = mmu_area_sv39();
    mmu_area_box_t *box;

    own.asid = cfg->asid_bits;
    if (widths == NULL)
        widths = &own;
    memset(area, 0, sizeof *area);
    for (unsigned p = 0; p < MMU_PORTS; p++)
        port(cfg, p, widths, area);
    l2(cfg, widths, area);
    walker(cfg, area);
    box = add(area, MMU_AREA_REGISTERS, 0, "fences");
    instance(box, "u_fence");
    box->flops = 2;
    if (cfg->pmp_entries > 0) {
        box = add(area, MMU_AREA_PMP, cfg->pmp_entries, "physical protection");
        instance(box, "gen_pmp.u_pmp_regs");
        box->flops = (uint64_t)cfg->pmp_entries * (PMP_WRITTEN + PMP_DECODED);
    }
    for (unsigned b = 0; b < area->boxes; b++) {
        area->flops += area->box[b].flops;
        area->memory += area->box[b].memory;
        area->plain += area->box[b].plain;
    }
}
