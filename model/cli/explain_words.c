/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a step of a translation means, in words.
 */
#include "cli/explain.h"

#include <inttypes.h>

const char *const mmu_explain_privs[4] = {"U", "S", "", "M"};
const char *const mmu_explain_types[5] = {"X", "R", "W", "RX", "A"};

const char *mmu_explain_mode(uint8_t mode, bool guest)
{
    switch (mode) {
    case MMU_MODE_SV32:
        return guest ? "Sv32x4" : "Sv32";
    case MMU_MODE_SV39:
        return guest ? "Sv39x4" : "Sv39";
    case MMU_MODE_SV48:
        return guest ? "Sv48x4" : "Sv48";
    case MMU_MODE_SV57:
        return guest ? "Sv57x4" : "Sv57";
    default:
        return "Bare";
    }
}

const char *mmu_explain_size(unsigned lg, char text[24])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};

    snprintf(text, 24, "%u %s", 1u << lg % 10, units[lg / 10]);
    return text;
}

const char *mmu_explain_stage(const mmu_explain_t *e, uint8_t stage)
{
    return stage != 0 ? "G-stage" : e->rq.ctx.v ? "VS-stage" : "page-table";
}

const char *mmu_explain_start(const mmu_explain_t *e)
{
    const mmu_arch_trail_t *trail = &e->trail;

    if (e->slow.format != MMU_FORMAT_RISCV)
        return mmu_explain_start_of(e->slow.format, trail, &e->rq);
    if (trail->start == MMU_START_WALK)
        return NULL;
    if (trail->start == MMU_START_FAULT && trail->fault == MMU_FAULT_PAGE)
        return "the address is not canonical, its bits above the mode's are not all equal: a page fault "
               "before "
               "any walk (FMT-3; Priv 4.4.1)";
    if (trail->start == MMU_START_FAULT && trail->fault == MMU_FAULT_GUEST)
        return "there is no VS stage: the address is a guest physical one";
    if (trail->start == MMU_START_FAULT)
        return "no translation, and the address is beyond the 56 bits of a physical one: an access fault "
               "(FMT-2)";
    if (e->rq.prv == MMU_PRIV_M)
        return "no translation: from M addresses are physical (FMT-2; Priv 4.3.2)";
    if (e->rq.ctx.v)
        return "no translation: vsatp and hgatp are Bare (FMT-2; Priv 8.5)";
    return "no translation: satp is Bare (FMT-2; Priv 4.1.11)";
}

mmu_explain_fields_t mmu_explain_fields(const mmu_trail_step_t *step)
{
    const uint64_t word = step->wide ? step->word : step->word & UINT32_MAX;

    return (mmu_explain_fields_t){.ppn = word >> 10 & ((UINT64_C(1) << 44) - 1),
                                  .pbmt = (unsigned)(word >> 61 & 3),
                                  .rsw = (unsigned)(word >> 8 & 3),
                                  .reserved = (unsigned)(word >> 54 & 0x7f),
                                  .n = (word >> 63 & 1) != 0,
                                  .d = (word >> 7 & 1) != 0,
                                  .a = (word >> 6 & 1) != 0,
                                  .g = (word >> 5 & 1) != 0,
                                  .u = (word >> 4 & 1) != 0,
                                  .x = (word >> 3 & 1) != 0,
                                  .w = (word >> 2 & 1) != 0,
                                  .r = (word >> 1 & 1) != 0,
                                  .v = (word & 1) != 0};
}

mmu_step_t mmu_explain_step(const mmu_explain_t *e, const mmu_trail_step_t *step)
{
    const mmu_pos_t pos = mmu_pos_make(step->level, false, 0);

    return step->stage != 0 ? mmu_riscv_gstep(&e->rq, &e->slow, pos, step->what, step->word)
                            : mmu_riscv_step(&e->rq, &e->slow, pos, step->word);
}

const char *mmu_explain_pmp(const mmu_explain_t *e, const mmu_trail_step_t *step, char text[MMU_EXPLAIN_LINE])
{
    static const char *const modes[] = {"OFF", "TOR", "NA4", "NAPOT"};
    char entry[128] = "";

    if (step->pmp.entry != MMU_PMP_NO_ENTRY) {
        const mmu_pmp_range_t *r = &e->pmp->range[step->pmp.entry];

        snprintf(entry, sizeof entry, "entry %u (%s 0x%" PRIx64 "-0x%" PRIx64 " %c%c%c%s): ", step->pmp.entry,
                 modes[(e->pmp->cfg[step->pmp.entry] >> MMU_PMP_A_SHIFT) & 3], r->base << 2,
                 (r->last << 2) + 3, r->r ? 'r' : '-', r->w ? 'w' : '-', r->x ? 'x' : '-',
                 r->l ? " locked" : "");
    }
    snprintf(text, MMU_EXPLAIN_LINE, "%s%s", entry, mmu_pmp_text(step->pmp.verdict));
    return text;
}

const char *mmu_explain_purpose(uint8_t what)
{
    return what == MMU_G_ENTRY    ? "to read the VS-stage entry"
           : what == MMU_G_UPDATE ? "to write A or D in the VS-stage entry"
                                  : "for the access itself";
}

const char *mmu_explain_purpose_access(const mmu_explain_t *e, uint8_t what)
{
    static const char *const accesses[] = {"a fetch: needs U and X", "a load: needs U and R",
                                           "a store: needs U and W", "an HLVX load: needs U and X"};

    if (what == MMU_G_ENTRY)
        return accesses[MMU_ACC_LOAD];
    if (what == MMU_G_UPDATE)
        return accesses[MMU_ACC_STORE];
    if (e->rq.acc == MMU_ACC_LOAD && e->rq.ctx.gmxr)
        return "a load with sstatus.MXR: needs U, and R or X";
    return accesses[e->rq.acc & 3u];
}

const char *mmu_explain_too_wide(const mmu_explain_t *e, char text[MMU_EXPLAIN_LINE])
{
    const unsigned bits = e->rq.ctx.gmode == MMU_MODE_SV32   ? 34
                          : e->rq.ctx.gmode == MMU_MODE_SV39 ? 41
                          : e->rq.ctx.gmode == MMU_MODE_SV48 ? 50
                                                             : 59;

    if (e->slow.format != MMU_FORMAT_RISCV || e->result.fault != MMU_FAULT_GUEST ||
        e->result.gpa >> bits == 0)
        return NULL;
    snprintf(text, MMU_EXPLAIN_LINE,
             "the guest address is wider than the %u bits of %s: a guest-page fault (GST-2; Priv 8.5.1)",
             bits, mmu_explain_mode(e->rq.ctx.gmode, true));
    return text;
}
