/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Words for people: names of what formats number, and what stands in the words of their tables.
 */
#include "compare/mmu_facts.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- names ----------------------------------------------------------------------------------------------- */

const char *mmu_name_acc(unsigned acc)
{
    static const char *const names[] = {"fetch", "load", "store", "HLVX load", "append"};
    return acc < 5 ? names[acc] : "access?";
}

const char *mmu_name_prv(unsigned prv)
{
    static const char *const names[] = {"user", "supervisor", "privilege 2", "machine"};
    return names[prv & 3u];
}

const char *mmu_name_format(unsigned format)
{
    return mmu_format(format) != NULL ? mmu_format(format)->name : "format?";
}

static const char *name_riscv_mode(unsigned mode)
{
    switch (mode) {
    case MMU_MODE_BARE:
        return "bare";
    case MMU_MODE_SV32:
        return "Sv32";
    case MMU_MODE_SV39:
        return "Sv39";
    case MMU_MODE_SV48:
        return "Sv48";
    case MMU_MODE_SV57:
        return "Sv57";
    default:
        return "mode?";
    }
}

const char *mmu_name_mode(unsigned format, unsigned mode)
{
    static const char *const x86[] = {"no paging", "2-level", "PAE", "4-level", "5-level"};
    static const char *const classical[] = {"off", "on"};

    if (format == MMU_FORMAT_RISCV)
        return name_riscv_mode(mode);
    if (format == MMU_FORMAT_X86)
        return mode < 5 ? x86[mode] : "mode?";
    return mode < 2 ? classical[mode] : "mode?";
}

const char *mmu_name_gmode(unsigned gmode)
{
    switch (gmode) {
    case MMU_MODE_BARE:
        return "bare";
    case MMU_MODE_SV32:
        return "Sv32x4";
    case MMU_MODE_SV39:
        return "Sv39x4";
    case MMU_MODE_SV48:
        return "Sv48x4";
    case MMU_MODE_SV57:
        return "Sv57x4";
    default:
        return "mode?";
    }
}

const char *mmu_name_fault(unsigned fault)
{
    static const char *const names[8] = {"none",
                                         "page fault",
                                         "access fault",
                                         "guest-page fault",
                                         "a right is missing",
                                         "a reserved bit or mode",
                                         "beyond a limit",
                                         "an inner table is absent"};
    return names[fault & 7u];
}

/* X86-13 */
static const char *name_fence_x(const mmu_fence_t *fence)
{
    if (fence->va_en && fence->asid_en)
        return fence->keep_g ? "INVPCID 0" : "INVLPG";
    if (fence->va_en)
        return "INVLPG of every PCID";
    if (fence->asid_en)
        return fence->keep_g ? "INVPCID 1 or MOV to CR3" : "INVPCID 1 with globals";
    return fence->keep_g ? "INVPCID 3" : "INVPCID 2";
}

const char *mmu_name_fence(const mmu_fence_t *fence)
{
    static const char *const names[] = {"SFENCE.VMA", "HFENCE.VVMA", "HFENCE.GVMA", "SFENCE.W.INVAL",
                                        "SFENCE.INVAL.IR"};
    static const char *const posted[] = {"SINVAL.VMA", "HINVAL.VVMA", "HINVAL.GVMA"};

    if (fence->kind == MMU_FENCE_X)
        return name_fence_x(fence);
    if (fence->posted && fence->kind <= MMU_FENCE_G)
        return posted[fence->kind];
    return fence->kind <= MMU_FENCE_INVAL_IR ? names[fence->kind] : "fence?";
}

/* ---- contexts -------------------------------------------------------------------------------------------- */

static void describe_riscv(const mmu_rq_t *rq, const mmu_slow_t *slow, char *text, size_t size)
{
    if (rq->ctx.v)
        snprintf(text, size,
                 "V = 1: VS stage %s, ASID %u, root page table at guest 0x%" PRIx64
                 ", SUM %d, MXR %d, ADUE %d, PBMTE %d, Svnapot %d\n"
                 "         G stage %s, VMID %u, root page table at 0x%" PRIx64 ", MXR %d, ADUE %d, PBMTE %d",
                 name_riscv_mode(rq->ctx.mode), rq->ctx.asid, rq->ctx.root << 12, rq->ctx.sum, rq->ctx.mxr,
                 slow->hadue, slow->hpbmte, slow->svnapot, mmu_name_gmode(rq->ctx.gmode), rq->ctx.vmid,
                 rq->ctx.groot << 12, rq->ctx.gmxr, slow->adue, slow->pbmte);
    else
        snprintf(text, size,
                 "%s, ASID %u, root page table at 0x%" PRIx64
                 ", SUM %d, MXR %d, ADUE %d, PBMTE %d, Svnapot %d",
                 name_riscv_mode(rq->ctx.mode), rq->ctx.asid, rq->ctx.root << 12, rq->ctx.sum, rq->ctx.mxr,
                 slow->adue, slow->pbmte, slow->svnapot);
}

static void describe_x86(const mmu_rq_t *rq, const mmu_slow_t *slow, char *text, size_t size)
{
    snprintf(text, size,
             "x86 %s, PCID %u, CR3 0x%" PRIx64 ", WP %d, SMEP %d, SMAP %d, AC %d, PSE %d, PGE %d, NXE %d, "
             "MAXPHYADDR %u, A set in pointers %s",
             mmu_name_mode(MMU_FORMAT_X86, rq->ctx.mode), rq->ctx.asid,
             rq->ctx.root << 12 | (rq->ctx.aux & 127u) << 5, rq->ctx.flags & 1u, rq->ctx.flags >> 1 & 1u,
             rq->ctx.flags >> 2 & 1u, rq->ctx.flags >> 3 & 1u, slow->pse, slow->pge, slow->nxe, slow->maxpa,
             slow->afault ? "always" : "where the access succeeds");
}

static void describe_classical(const mmu_rq_t *rq, const mmu_slow_t *slow, char *text, size_t size)
{
    const char *name = mmu_name_format(slow->format), *mode = mmu_name_mode(slow->format, rq->ctx.mode);

    switch (slow->format) {
    case MMU_FORMAT_BOUNDS:
        snprintf(text, size, "%s: base 0x%" PRIx64 ", bounds 0x%" PRIx64, name, rq->ctx.root, rq->ctx.aux);
        break;
    case MMU_FORMAT_INVERTED:
        snprintf(text, size,
                 "%s, %s: process %u, table of 2^%u rows at 0x%" PRIx64 ", %s, pages of 2^%u bytes, ADUE %d",
                 name, mode, rq->ctx.asid, slow->rows_lg, rq->ctx.root << 12,
                 slow->linear ? "searched row by row" : "hashed", slow->plg, slow->adue);
        break;
    case MMU_FORMAT_SEGMENT:
        snprintf(text, size, "%s, %s: ASID %u, table of %" PRIu64 " rows at 0x%" PRIx64 ", ADUE %d", name,
                 mode, rq->ctx.asid, rq->ctx.aux, rq->ctx.root << 12, slow->adue);
        break;
    default:
        snprintf(text, size,
                 "%s, %s: ASID %u, table of %" PRIu64 " rows at 0x%" PRIx64 ", pages of 2^%u bytes, ADUE %d",
                 name, mode, rq->ctx.asid, rq->ctx.aux, rq->ctx.root << 12, slow->plg, slow->adue);
        break;
    }
}

void mmu_describe_context(const mmu_rq_t *rq, const mmu_slow_t *slow, char *text, size_t size)
{
    if (slow->format == MMU_FORMAT_RISCV)
        describe_riscv(rq, slow, text, size);
    else if (slow->format == MMU_FORMAT_X86)
        describe_x86(rq, slow, text, size);
    else
        describe_classical(rq, slow, text, size);
}

/* ---- words ----------------------------------------------------------------------------------------------- */

/* Bits 7..0 by these letters, bit 0's first; "-" where a bit is clear. text has 16 bytes. */
static void flags(uint64_t word, const char letters[8], char *text)
{
    unsigned n = 0;

    for (int b = 7; b >= 0; b--) {
        text[n++] = (word >> b & 1u) != 0 ? letters[b] : '-';
        if (b != 0)
            text[n++] = ' ';
    }
    text[n] = '\0';
}

static void decode_riscv(uint64_t word, bool wide, char *text, size_t size)
{
    char bits[16];

    flags(word, "VRWXUGAD", bits);
    if (wide)
        snprintf(text, size, "PPN 0x%" PRIx64 ", %s%s%s", word >> 10 & ((UINT64_C(1) << 44) - 1), bits,
                 word >> 63 != 0 ? ", N" : "",
                 (word >> 61 & 3u) == 0   ? ""
                 : (word >> 61 & 3u) == 1 ? ", PBMT 1"
                 : (word >> 61 & 3u) == 2 ? ", PBMT 2"
                                          : ", PBMT 3");
    else
        snprintf(text, size, "PPN 0x%" PRIx64 ", %s", (word & UINT64_C(0xffffffff)) >> 10, bits);
}

/* S: PS above level 0, PAT in it. */
static void decode_x86(unsigned level, uint64_t word, bool wide, char *text, size_t size)
{
    const uint64_t address = wide ? word & UINT64_C(0x000ffffffffff000) : word & UINT64_C(0xfffff000);
    char bits[16];

    flags(word, level == 0 ? "PWUTCADp" : "PWUTCADS", bits);
    snprintf(text, size, "address 0x%" PRIx64 ", %s%s%s", address, bits, (word >> 8 & 1u) != 0 ? ", G" : "",
             wide && word >> 63 != 0 ? ", NX" : "");
}

#define BITS(word, high, low) ((word) >> (low) & (~UINT64_C(0) >> (63 - (high) + (low))))
#define RIGHTS "PSXWRUAD"

static void decode_page_row(uint64_t word, char *text, size_t size)
{
    char bits[16];

    flags(word, RIGHTS, bits);
    snprintf(text, size, "frame 0x%" PRIx64 ", %s", BITS(word, 58, 12) << 9, bits);
}

static void decode_inverted(unsigned level, uint64_t word, char *text, size_t size)
{
    switch (level) {
    case 3:
    case 1:
        if ((word & 1u) != 0)
            snprintf(text, size, "%s row %" PRIu64, level == 3 ? "first" : "next", BITS(word, 32, 1));
        else
            snprintf(text, size, "no %s row", level == 3 ? "first" : "next");
        break;
    case 2:
        if ((word & 1u) != 0)
            snprintf(text, size, "process %" PRIu64 ", page 0x%" PRIx64, BITS(word, 16, 1),
                     BITS(word, 63, 17));
        else
            snprintf(text, size, "not in use");
        break;
    default:
        decode_page_row(word, text, size);
        break;
    }
}

static void decode_segment(unsigned level, uint64_t word, char *text, size_t size)
{
    char bits[16];

    flags(word, RIGHTS, bits);
    if (level == 1)
        snprintf(text, size, "base 0x%" PRIx64 ", limit %" PRIu64, BITS(word, 31, 0), BITS(word, 48, 32));
    else
        snprintf(text, size, "%s%s", bits, (word >> 8 & 1u) != 0 ? ", down" : "");
}

void mmu_decode_word(unsigned format, unsigned level, uint64_t word, bool wide, char *text, size_t size)
{
    char bits[16];

    switch (format) {
    case MMU_FORMAT_RISCV:
        decode_riscv(word, wide, text, size);
        break;
    case MMU_FORMAT_X86:
        decode_x86(level, word, wide, text, size);
        break;
    case MMU_FORMAT_SEGMENT:
        decode_segment(level, word, text, size);
        break;
    case MMU_FORMAT_INVERTED:
        decode_inverted(level, word, text, size);
        break;
    case MMU_FORMAT_SEGPAGE:
        flags(word, RIGHTS, bits);
        if (level != 0)
            snprintf(text, size, "page table 0x%" PRIx64 ", %" PRIu64 " pages, %s", BITS(word, 63, 22) << 9,
                     BITS(word, 21, 8), bits);
        else
            decode_page_row(word, text, size);
        break;
    case MMU_FORMAT_DIRECTORY:
        if (level != 0)
            snprintf(text, size, "inner table 0x%" PRIx64 ", %s", BITS(word, 58, 12) << 9,
                     (word & 1u) != 0 ? "present" : "absent");
        else
            decode_page_row(word, text, size);
        break;
    default:
        decode_page_row(word, text, size);
        break;
    }
}

const char *mmu_number(uint64_t value, char *text)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRIu64, value);
    int k = 0;

    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            text[k++] = ',';
        text[k++] = digits[i];
    }
    text[k] = '\0';
    return text;
}
