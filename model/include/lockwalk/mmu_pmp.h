/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * RISC-V physical memory protection as pure functions, and a file of its registers. Both C layers use it; the
 * RTL modules rtl/mmu_pmp_regs.sv and rtl/mmu_pmp_check.sv are written from the same rules
 * (docs/microarchitecture.md, PMP; Priv 3.7).
 *
 *     pmpcfg, pmpaddr, pmpaddr of the entry before ── decode, when written ──→ range {base, last, on, l, …}
 *     ranges, access ── allow ──→ yes | no
 *
 * One who checks many accesses keeps a window: the stretch of addresses around the last one in which the same
 * entry decides. Where the next access lies in it, no entry is looked at.
 */
#ifndef LOCKWALK_MMU_PMP_H
#define LOCKWALK_MMU_PMP_H

#include "lockwalk/mmu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* pmpcfg (PMP-1) */
#define MMU_PMP_R 0x01u
#define MMU_PMP_W 0x02u
#define MMU_PMP_X 0x04u
#define MMU_PMP_A_SHIFT 3
#define MMU_PMP_L 0x80u
typedef enum { MMU_PMP_OFF = 0, MMU_PMP_TOR = 1, MMU_PMP_NA4 = 2, MMU_PMP_NAPOT = 3 } mmu_pmp_mode_e;

/* Bits of pmpaddr, PA[55:2]: addresses in units of 4 bytes. */
#define MMU_PMP_ADDR_MASK ((UINT64_C(1) << 54) - 1)

/* PMP-2: the range of an entry. prev_addr: pmpaddr of the entry before, 0 for entry 0. */
mmu_pmp_range_t mmu_pmp_decode(uint8_t cfg, uint64_t addr, uint64_t prev_addr);

/* mseccfg (Smepmp), as the functions here take it: `sec`. */
#define MMU_SEC_MML 1u
#define MMU_SEC_MMWP 2u
#define MMU_SEC_RLB 4u

static inline uint8_t mmu_slow_sec(const mmu_slow_t *slow)
{
    return (uint8_t)((slow->mml ? MMU_SEC_MML : 0) | (slow->mmwp ? MMU_SEC_MMWP : 0) |
                     (slow->rlb ? MMU_SEC_RLB : 0));
}

/* PMP-3, PMP-4: an access of 2^size bytes at pa, aligned to its size; acc: mmu_acc_e, prv: mmu_priv_e. */
bool mmu_pmp_allow(const mmu_pmp_range_t *ranges, unsigned entries, uint64_t pa, uint8_t acc, uint8_t size,
                   uint8_t prv, uint8_t sec);

/* ---- the same, for people: which entry decided ------------------------------------------------------ */

typedef enum {
    MMU_PMP_ALLOWED = 0, /* the entry grants it, or M meets an entry without L */
    MMU_PMP_PARTIAL,     /* the entry covers a part of the access only */
    MMU_PMP_NO_RIGHT,    /* the entry covers the access and refuses it */
    MMU_PMP_NO_MATCH,    /* no entry covers it: S and U may not, nor M with MMWP, nor a fetch of M with MML */
    MMU_PMP_FREE,        /* no entry covers it: M may; or there are no entries */
    MMU_PMP_VERDICTS
} mmu_pmp_verdict_e;

#define MMU_PMP_NO_ENTRY 0xff

typedef struct {
    uint8_t verdict; /* mmu_pmp_verdict_e */
    uint8_t entry;   /* the one that decided; MMU_PMP_NO_ENTRY where none matches */
} mmu_pmp_decision_t;

mmu_pmp_decision_t mmu_pmp_decide(const mmu_pmp_range_t *ranges, unsigned entries, uint64_t pa, uint8_t acc,
                                  uint8_t size, uint8_t prv, uint8_t sec);

/* One sentence for people, and its place in the specification. */
const char *mmu_pmp_text(unsigned verdict);

/* ---- the registers (PMP-1) -------------------------------------------------------------------------- */

typedef struct {
    uint64_t addr[MMU_MAX_PMP];
    mmu_pmp_range_t range[MMU_MAX_PMP];
    uint8_t cfg[MMU_MAX_PMP];
    unsigned entries; /* 0, 16 or 64 */
} mmu_pmp_file_t;

/* All entries off, as after reset. */
void mmu_pmp_reset(mmu_pmp_file_t *file, unsigned entries);

/* Which parts of a write of entry `index` act (PMP-5), by the registers as they are; neither for an index from
 * `entries` up. prev: pmpcfg of the entry, next: of the one above, 0 for the last. */
typedef struct {
    bool cfg, addr;
} mmu_pmp_acts_t;

mmu_pmp_acts_t mmu_pmp_acts(uint8_t prev, uint8_t next, uint8_t cfg, uint8_t sec);

/* PMP-1, PMP-5. An index from `entries` up writes nothing. */
void mmu_pmp_write(mmu_pmp_file_t *file, unsigned index, uint8_t cfg, uint64_t addr, uint8_t sec);

/* ---- a window, for speed ---------------------------------------------------------------------------- */

/* Within [base, last] (units of 4 bytes) the same entry decides, or none matches. One that is all 0 is empty.
 * It must be emptied when a range or `sec` changes. */
typedef struct {
    uint64_t base, last;
    uint8_t rights; /* bit acc: S and U may; bit 4 + acc: M may */
    bool known;
} mmu_pmp_window_t;

/* Makes the window of the unit pa >> 2. */
void mmu_pmp_look(mmu_pmp_window_t *window, const mmu_pmp_range_t *ranges, unsigned entries, uint64_t pa,
                  uint8_t sec);

/* PMP-3, as mmu_pmp_allow. */
static inline bool mmu_pmp_allow_near(mmu_pmp_window_t *window, const mmu_pmp_range_t *ranges,
                                      unsigned entries, uint64_t pa, uint8_t acc, uint8_t size, uint8_t prv,
                                      uint8_t sec)
{
    const uint64_t first = pa >> 2, end = (pa + (UINT64_C(1) << size) - 1) >> 2;

    if (__builtin_expect(!window->known || first < window->base || first > window->last, 0))
        mmu_pmp_look(window, ranges, entries, pa, sec);
    if (__builtin_expect(end > window->last, 0))
        return mmu_pmp_allow(ranges, entries, pa, acc, size, prv, sec);
    return ((unsigned)window->rights >> (acc + (prv == MMU_PRIV_M ? 4u : 0u)) & 1u) != 0;
}

#ifdef __cplusplus
}
#endif
#endif
