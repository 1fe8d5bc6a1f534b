/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * RISC-V physical memory protection.
 */
#include "lockwalk/mmu_pmp.h"

#include <assert.h>
#include <string.h>

mmu_pmp_range_t mmu_pmp_decode(uint8_t cfg, uint64_t addr, uint64_t prev_addr)
{
    mmu_pmp_range_t range = {.l = (cfg & MMU_PMP_L) != 0,
                             .x = (cfg & MMU_PMP_X) != 0,
                             .w = (cfg & MMU_PMP_W) != 0,
                             .r = (cfg & MMU_PMP_R) != 0};

    addr &= MMU_PMP_ADDR_MASK;
    prev_addr &= MMU_PMP_ADDR_MASK;
    switch ((cfg >> MMU_PMP_A_SHIFT) & 3) {
    case MMU_PMP_TOR:
        /* Else it matches nothing (Priv 3.7.1); base and last stay 0, like those of an entry that is off. */
        if (prev_addr < addr) {
            range.on = true;
            range.base = prev_addr;
            range.last = addr - 1;
        }
        break;
    case MMU_PMP_NA4:
        range.on = true;
        range.base = addr;
        range.last = addr;
        break;
    case MMU_PMP_NAPOT: {
        const uint64_t low =
            (addr ^ (addr + 1)) & MMU_PMP_ADDR_MASK; /* the trailing ones and the zero above */

        range.on = true;
        range.base = addr & ~low;
        range.last = addr | low;
        break;
    }
    default:
        break;
    }
    return range;
}

/* The lowest-numbered entry that matches the units [first, end]; `entries` where none does. */
static unsigned match(const mmu_pmp_range_t *ranges, unsigned entries, uint64_t first, uint64_t end)
{
    unsigned i = 0;

    while (i < entries && (!ranges[i].on || first > ranges[i].last || end < ranges[i].base))
        i++;
    return i;
}

/* Rights of one privilege: bit acc. HLVX reads what may be executed, and read (PMP-3). */
static unsigned may(bool r, bool w, bool x)
{
    return (unsigned)x << MMU_ACC_FETCH | (unsigned)r << MMU_ACC_LOAD | (unsigned)w << MMU_ACC_STORE |
           (unsigned)(r && x) << MMU_ACC_LOAD_X;
}

/* PMP-4, what an entry grants with MML: S's and U's rights in bits 3:0, M's in bits 7:4. */
static unsigned rights_mml(const mmu_pmp_range_t *range)
{
    const unsigned rwx = may(range->r, range->w, range->x);

    if (!range->w || range->r) /* no shared region, but one: */
        return range->l && range->r && range->w && range->x ? may(true, false, false) * 0x11u
               : range->l                                   ? rwx << 4
                                                            : rwx;
    /* W without R: a region that M shares with S and U */
    if (range->l)
        return may(false, false, true) | may(range->x, false, true) << 4;
    return may(true, range->x, false) | may(true, true, false) << 4;
}

/* What the range grants, as mmu_pmp_window_t.rights. */
static unsigned rights(const mmu_pmp_range_t *range, uint8_t sec)
{
    const unsigned rwx = may(range->r, range->w, range->x);

    if ((sec & MMU_SEC_MML) != 0)
        return rights_mml(range);
    /* Without L the entry binds M only where it covers an access in part (Priv 3.7.1, "Locking"). */
    return rwx | (range->l ? rwx : 0xfu) << 4;
}

/* Where no entry matches (PMP-3, PMP-4). */
static unsigned rights_unmatched(unsigned entries, uint8_t sec)
{
    if (entries == 0)
        return 0xffu;
    if ((sec & MMU_SEC_MMWP) != 0)
        return 0;
    return (sec & MMU_SEC_MML) != 0 ? may(true, true, false) << 4 : 0xf0u;
}

static bool granted(unsigned what, uint8_t acc, uint8_t prv)
{
    return (what >> (acc + (prv == MMU_PRIV_M ? 4u : 0u)) & 1u) != 0;
}

mmu_pmp_decision_t mmu_pmp_decide(const mmu_pmp_range_t *ranges, unsigned entries, uint64_t pa, uint8_t acc,
                                  uint8_t size, uint8_t prv, uint8_t sec)
{
    const uint64_t first = pa >> 2, end = (pa + (UINT64_C(1) << size) - 1) >> 2;
    const unsigned i = match(ranges, entries, first, end);
    uint8_t verdict = MMU_PMP_ALLOWED;

    if (i == entries) {
        verdict = granted(rights_unmatched(entries, sec), acc, prv) ? MMU_PMP_FREE : MMU_PMP_NO_MATCH;
        return (mmu_pmp_decision_t){.verdict = verdict, .entry = MMU_PMP_NO_ENTRY};
    }
    if (first < ranges[i].base || end > ranges[i].last)
        verdict = MMU_PMP_PARTIAL;
    else if (!granted(rights(&ranges[i], sec), acc, prv))
        verdict = MMU_PMP_NO_RIGHT;
    return (mmu_pmp_decision_t){.verdict = verdict, .entry = (uint8_t)i};
}

bool mmu_pmp_allow(const mmu_pmp_range_t *ranges, unsigned entries, uint64_t pa, uint8_t acc, uint8_t size,
                   uint8_t prv, uint8_t sec)
{
    const uint64_t first = pa >> 2, end = (pa + (UINT64_C(1) << size) - 1) >> 2;
    const unsigned i = match(ranges, entries, first, end);

    if (i == entries)
        return granted(rights_unmatched(entries, sec), acc, prv);
    return first >= ranges[i].base && end <= ranges[i].last && granted(rights(&ranges[i], sec), acc, prv);
}

void mmu_pmp_look(mmu_pmp_window_t *window, const mmu_pmp_range_t *ranges, unsigned entries, uint64_t pa,
                  uint8_t sec)
{
    const uint64_t unit = pa >> 2;
    uint64_t base = 0, last = MMU_PMP_ADDR_MASK;

    window->rights = (uint8_t)rights_unmatched(entries, sec);
    for (unsigned i = 0; i < entries; i++) {
        const mmu_pmp_range_t *r = &ranges[i];

        if (!r->on)
            continue;
        /* Where an entry of lower number begins, that one decides: the window ends before it. */
        if (unit < r->base) {
            last = r->base - 1 < last ? r->base - 1 : last;
        } else if (unit > r->last) {
            base = r->last + 1 > base ? r->last + 1 : base;
        } else {
            base = r->base > base ? r->base : base;
            last = r->last < last ? r->last : last;
            window->rights = (uint8_t)rights(r, sec);
            break;
        }
    }
    window->base = base;
    window->last = last;
    window->known = true;
}

/* ---- the registers ---------------------------------------------------------------------------------- */

void mmu_pmp_reset(mmu_pmp_file_t *file, unsigned entries)
{
    assert(entries <= MMU_MAX_PMP);
    memset(file, 0, sizeof *file);
    file->entries = entries;
}

static void decode_entry(mmu_pmp_file_t *file, unsigned i)
{
    file->range[i] = mmu_pmp_decode(file->cfg[i], file->addr[i], i == 0 ? 0 : file->addr[i - 1]);
}

static bool locked(uint8_t cfg, uint8_t sec)
{
    return (cfg & MMU_PMP_L) != 0 && (sec & MMU_SEC_RLB) == 0;
}

/* PMP-5: with MML, rules that let M execute, or a locked shared region. */
static bool may_not_add(uint8_t cfg, uint8_t sec)
{
    const mmu_pmp_range_t range = mmu_pmp_decode(cfg, 0, 0);

    return (sec & (MMU_SEC_MML | MMU_SEC_RLB)) == MMU_SEC_MML && range.l &&
           (rights_mml(&range) >> (4 + MMU_ACC_FETCH) & 1u) != 0;
}

mmu_pmp_acts_t mmu_pmp_acts(uint8_t prev, uint8_t next, uint8_t cfg, uint8_t sec)
{
    const bool next_tor = ((next >> MMU_PMP_A_SHIFT) & 3) == MMU_PMP_TOR;

    if (locked(prev, sec))
        return (mmu_pmp_acts_t){false, false};
    return (mmu_pmp_acts_t){.cfg = !may_not_add(cfg, sec), .addr = !(next_tor && locked(next, sec))};
}

void mmu_pmp_write(mmu_pmp_file_t *file, unsigned index, uint8_t cfg, uint64_t addr, uint8_t sec)
{
    mmu_pmp_acts_t acts;

    if (index >= file->entries)
        return;
    acts = mmu_pmp_acts(file->cfg[index], index + 1 < file->entries ? file->cfg[index + 1] : 0, cfg, sec);
    if (acts.addr)
        file->addr[index] = addr & MMU_PMP_ADDR_MASK;
    if (acts.cfg)
        file->cfg[index] = cfg;
    decode_entry(file, index);
    /* It is the base of the entry above, where that one is TOR; another one decodes to the same. */
    if (index + 1 < file->entries)
        decode_entry(file, index + 1);
}

/* ---- words ------------------------------------------------------------------------------------------ */

static const char *const texts[MMU_PMP_VERDICTS] = {
    [MMU_PMP_ALLOWED] = "the entry grants the access, or does not bind M (PMP-3; Priv 3.7.1)",
    [MMU_PMP_PARTIAL] =
        "the entry covers a part of the access only, which fails in every mode (PMP-3; Priv 3.7.1)",
    [MMU_PMP_NO_RIGHT] =
        "the entry covers the access and does not grant it (PMP-3, PMP-4; Priv 3.7.1, Smepmp)",
    [MMU_PMP_NO_MATCH] = "no entry covers the access, and it needs one (PMP-3, PMP-4; Priv 3.7.1, Smepmp)",
    [MMU_PMP_FREE] = "no entry covers the access, and M needs none (PMP-3; Priv 3.7.1)",
};

const char *mmu_pmp_text(unsigned verdict)
{
    return verdict < MMU_PMP_VERDICTS ? texts[verdict] : "no such verdict";
}
