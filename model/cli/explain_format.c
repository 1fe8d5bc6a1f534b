/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What is told of formats other than riscv: how a translation began, which word of which table is read, and what its
 * fields are called (docs/microarchitecture.md, X86 and "Classical formats").
 */
#include "cli/explain.h"

/* ---- the start ---------------------------------------------------------------------------------------- */

static const char *bare_text(unsigned format, const mmu_rq_t *rq)
{
    if (rq->prv == MMU_PRIV_M)
        return "no translation: from M addresses are physical (FRM-2)";
    if (format == MMU_FORMAT_BOUNDS)
        return "no table: the address is below the bounds, and the base is added (BND-1)";
    return "no translation: the mode is bare (FRM-2)";
}

static const char *limit_text(unsigned format, const mmu_rq_t *rq)
{
    if (format == MMU_FORMAT_X86)
        return "the address is not canonical, its bits above the mode's are not all equal: #GP before any "
               "walk (X86-1)";
    if (format == MMU_FORMAT_BOUNDS)
        return "the address is not below the bounds (BND-1)";
    if (rq->va >> 32 != 0)
        return "the address has more than 32 bits (Classical formats)";
    switch (format) {
    case MMU_FORMAT_SEGMENT:
        return "the segment's number is not below the table's rows, aux (SEG-1)";
    case MMU_FORMAT_LINEAR:
        return "the page's number is not below the table's rows, aux (LIN-1)";
    case MMU_FORMAT_DIRECTORY:
        return "the number in the directory is not below its rows, aux (DIR-1)";
    default:
        return "the segment's number is not below the table's rows, aux (SPG-1)";
    }
}

const char *mmu_explain_start_of(unsigned format, const mmu_arch_trail_t *trail, const mmu_rq_t *rq)
{
    if (trail->start == MMU_START_WALK)
        return NULL;
    if (trail->start == MMU_START_BARE)
        return bare_text(format, rq);
    if (trail->fault == MMU_FAULT_LIMIT)
        return limit_text(format, rq);
    return "the physical address would be beyond its 56 bits: an access fault (FRM-2)";
}

/* ---- words of tables ---------------------------------------------------------------------------------- */

/* As the format's rules number the levels. */
const char *mmu_explain_word_name(const mmu_explain_t *e, unsigned level)
{
    static const char *const x86[] = {"page-table entry", "page-directory entry",
                                      "page-directory-pointer entry", "PML4 entry", "PML5 entry"};
    static const char *const segment[] = {"rights of segment", "base and limit of segment"};
    static const char *const directory[] = {"inner table's row", "directory's word"};
    static const char *const inverted[] = {"page row of row", "chain of row", "owner of row", "anchor"};
    static const char *const segpage[] = {"row of the segment's page table", "segment"};

    switch (e->slow.format) {
    case MMU_FORMAT_X86:
        return x86[level % 5];
    case MMU_FORMAT_SEGMENT:
        return segment[level % 2];
    case MMU_FORMAT_DIRECTORY:
        return directory[level % 2];
    case MMU_FORMAT_INVERTED:
        return inverted[level % 4];
    case MMU_FORMAT_SEGPAGE:
        return segpage[level % 2];
    default:
        return "row";
    }
}

uint64_t mmu_explain_word_number(const mmu_explain_t *e, const mmu_trail_step_t *s)
{
    const uint64_t va = e->rq.va, plg = e->slow.plg;

    switch (e->slow.format) {
    case MMU_FORMAT_X86:
        if (e->rq.ctx.mode == 2 && s->level == 2) /* PAE's root has four words */
            return s->addr % 32 / 8;
        return s->addr % 4096 / (s->wide ? 8 : 4);
    case MMU_FORMAT_SEGMENT:
        return va >> 16;
    case MMU_FORMAT_INVERTED:
        return s->level == 3 ? (s->addr - e->rq.ctx.aux * 4096) / 8 : (s->addr - e->rq.ctx.root * 4096) / 32;
    case MMU_FORMAT_LINEAR:
        return va >> plg;
    default:
        return s->level != 0 ? va >> 22 : (va & 0x3fffff) >> plg;
    }
}

/* ---- fields ------------------------------------------------------------------------------------------- */

/* value = word's bits from `low` up, shifted. */
typedef mmu_explain_field_t field_t;

#define RIGHTS                                                                                               \
    {"D", 7, 1, 0}, {"A", 6, 1, 0}, {"U", 5, 1, 0}, {"R", 4, 1, 0}, {"W", 3, 1, 0}, {"X", 2, 1, 0},          \
        {"S", 1, 1, 0},                                                                                      \
    {                                                                                                        \
        "P", 0, 1, 0                                                                                         \
    }
#define X86_RIGHTS                                                                                           \
    {"A", 5, 1, 0}, {"U/S", 2, 1, 0}, {"R/W", 1, 1, 0},                                                      \
    {                                                                                                        \
        "P", 0, 1, 0                                                                                         \
    }
#define END                                                                                                  \
    {                                                                                                        \
        NULL, 0, 0, 0                                                                                        \
    }

static const field_t page_row[] = {{"frame", 12, 47, 9}, RIGHTS, END};
static const field_t segment_base[] = {{"base", 0, 32, 0}, {"limit", 32, 17, 0}, END};
static const field_t segment_rights[] = {{"down", 8, 1, 0}, RIGHTS, END};
static const field_t directory_word[] = {{"table", 12, 47, 9}, {"P", 0, 1, 0}, END};
static const field_t anchor[] = {{"row", 1, 32, 0}, {"there", 0, 1, 0}, END};
static const field_t owner[] = {{"page", 17, 47, 0}, {"process", 1, 16, 0}, {"used", 0, 1, 0}, END};
static const field_t chain[] = {{"next", 1, 32, 0}, {"there", 0, 1, 0}, END};
static const field_t segment_word[] = {{"table", 22, 42, 9}, {"limit", 8, 14, 0}, RIGHTS, END};

static const field_t x86_pdpte[] = {{"table", 12, 40, 12}, {"P", 0, 1, 0}, END};
static const field_t x86_pointer[] = {
    {"table", 12, 40, 12}, {"NX", 63, 1, 0}, {"PS", 7, 1, 0}, X86_RIGHTS, END};
static const field_t x86_4k[] = {{"page", 12, 40, 12},
                                 {"NX", 63, 1, 0},
                                 {"G", 8, 1, 0},
                                 {"PAT", 7, 1, 0},
                                 {"D", 6, 1, 0},
                                 X86_RIGHTS,
                                 END};
static const field_t x86_2m[] = {{"page", 21, 31, 21}, {"NX", 63, 1, 0}, {"PAT", 12, 1, 0}, {"G", 8, 1, 0},
                                 {"PS", 7, 1, 0},      {"D", 6, 1, 0},   X86_RIGHTS,        END};
static const field_t x86_1g[] = {{"page", 30, 22, 30}, {"NX", 63, 1, 0}, {"PAT", 12, 1, 0}, {"G", 8, 1, 0},
                                 {"PS", 7, 1, 0},      {"D", 6, 1, 0},   X86_RIGHTS,        END};
static const field_t x86_old_pointer[] = {{"table", 12, 20, 12}, {"PS", 7, 1, 0}, X86_RIGHTS, END};
static const field_t x86_old_4k[] = {{"page", 12, 20, 12}, {"G", 8, 1, 0}, {"PAT", 7, 1, 0},
                                     {"D", 6, 1, 0},       X86_RIGHTS,     END};
static const field_t x86_old_4m[] = {
    {"page", 22, 10, 22}, {"PA[39:32]", 13, 8, 0}, {"PAT", 12, 1, 0}, {"G", 8, 1, 0},
    {"PS", 7, 1, 0},      {"D", 6, 1, 0},          X86_RIGHTS,        END};

static const field_t *x86_fields(const mmu_explain_t *e, const mmu_trail_step_t *s)
{
    const bool large = (s->word >> 7 & 1) != 0;

    if (e->rq.ctx.mode == 1)
        return s->level == 0 ? x86_old_4k : large && e->slow.pse ? x86_old_4m : x86_old_pointer;
    if (e->rq.ctx.mode == 2 && s->level == 2)
        return x86_pdpte;
    if (s->level == 0)
        return x86_4k;
    return !large || s->level > 2 ? x86_pointer : s->level == 1 ? x86_2m : x86_1g;
}

const mmu_explain_field_t *mmu_explain_word_fields(const mmu_explain_t *e, const mmu_trail_step_t *s)
{
    switch (e->slow.format) {
    case MMU_FORMAT_X86:
        return x86_fields(e, s);
    case MMU_FORMAT_SEGMENT:
        return s->level != 0 ? segment_base : segment_rights;
    case MMU_FORMAT_DIRECTORY:
        return s->level != 0 ? directory_word : page_row;
    case MMU_FORMAT_INVERTED:
        return s->level == 3 ? anchor : s->level == 2 ? owner : s->level == 1 ? chain : page_row;
    case MMU_FORMAT_SEGPAGE:
        return s->level != 0 ? segment_word : page_row;
    default:
        return page_row;
    }
}

uint64_t mmu_explain_field_value(const mmu_explain_field_t *field, uint64_t word)
{
    return (word >> field->low & ((UINT64_C(1) << field->bits) - 1)) << field->shift;
}
