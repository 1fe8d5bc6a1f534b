/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What formats other than riscv add to the coverage: outcomes by the format's faults, page sizes, modes, fences.
 */
#include "env/random_fmt.h"

static const char *const fault_names[8] = {"ok", "page", "access", "guest", "prot", "rsvd", "limit", "table"};
static const char *const page_names[MMU_FCOVER_PAGES] = {"bare", "512", "1K",  "2K", "4K", "8K",
                                                         "16K",  "32K", "64K", "2M", "4M", "1G"};
static const uint8_t page_lgs[MMU_FCOVER_PAGES] = {0, 9, 10, 11, 12, 13, 14, 15, 16, 21, 22, 30};
static const char *const mode_names[MMU_FCOVER_MODES] = {
    "off",    "on_or_2level", "pae",    "pml4", "pml5", "wp_0",   "wp_1",  "smep_0",
    "smep_1", "smap_0",       "smap_1", "ac_0", "ac_1", "append", "load_x"};
static const char *const fence_names[MMU_FCOVER_FENCES] = {"invlpg", "invpcid_0", "invpcid_1", "invpcid_2",
                                                           "invpcid_3"};

/* Faults that the format has, and every one. */
static uint32_t faults_of(unsigned number)
{
    const uint32_t bare = 1u << MMU_FAULT_NONE | 1u << MMU_FAULT_ACCESS | 1u << MMU_FAULT_LIMIT;
    const uint32_t walked = bare | 1u << MMU_FAULT_PAGE | 1u << MMU_FAULT_PROT | 1u << MMU_FAULT_RSVD;

    switch (number) {
    case MMU_FORMAT_BOUNDS:
        return bare;
    case MMU_FORMAT_DIRECTORY:
    case MMU_FORMAT_INVERTED:
    case MMU_FORMAT_SEGPAGE:
        return walked | 1u << MMU_FAULT_TABLE;
    default:
        return walked;
    }
}

static void count_answer(mmu_fcover_t *c, const mmu_random_t *r, unsigned port, const mmu_in_t *in,
                         const mmu_rsp_t *rsp)
{
    const mmu_env_pending_t *p = &r->base.stage->pending[port][rsp->id];
    const mmu_rq_t rq = {
        .va = p->req.va, .ctx = p->ctx, .acc = p->req.acc, .size = p->req.size, .prv = p->req.prv};
    const uint32_t kinds = faults_of(r->fmt->number);
    unsigned kind = 0, page = 0;

    if (rsp->fault) {
        for (kind = 1; kind < 7; kind++)
            if ((kinds >> kind & 1u) != 0 &&
                r->fmt->format->cause((uint8_t)kind, &rq, &in->slow) == rsp->cause)
                break;
    } else {
        while (page + 1 < MMU_FCOVER_PAGES && page_lgs[page] != rsp->lg)
            page++;
        c->page[page]++;
    }
    c->fault[port][kind]++;
    c->mode[p->ctx.mode < 5 ? p->ctx.mode : 0]++;
    for (unsigned bit = 0; bit < 4; bit++)
        c->mode[5 + 2 * bit + (p->ctx.flags >> bit & 1u)]++;
    c->mode[13] += p->req.acc == MMU_ACC_APPEND ? 1 : 0;
    c->mode[14] += p->req.acc == MMU_ACC_LOAD_X ? 1 : 0;
}

void mmu_fcover_clock(mmu_fcover_t *c, const mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    const mmu_fence_t *fence = &in->fence;

    for (unsigned port = 0; port < MMU_PORTS; port++)
        if (out->rsp[port].valid && out->rsp[port].id < MMU_IDS)
            count_answer(c, r, port, in, &out->rsp[port]);
    if (!fence->valid || !out->fence_ready || fence->kind != MMU_FENCE_X)
        return;
    if (fence->va_en)
        c->fence[fence->keep_g ? 1 : 0]++;
    else if (fence->asid_en)
        c->fence[2]++;
    else
        c->fence[fence->keep_g ? 4 : 3]++;
}

unsigned mmu_fcover_groups(const mmu_fcover_t *c, const mmu_random_t *r, mmu_cover_group_t *g)
{
    const bool x86 = r->fmt->number == MMU_FORMAT_X86;
    /* Which page sizes a run has is drawn a few times only. */
    const uint32_t pages = x86 ? ~(1u << 4 | 7u << 9) : ~0u;
    /* mode 0 and 1, and accesses; with x86 the rest. */
    const uint32_t modes = x86 ? 0 : 0x1ffcu;
    unsigned n = 0;

    g[n++] = (mmu_cover_group_t){"format_answers_i", fault_names, c->fault[0], 8, ~faults_of(r->fmt->number)};
    g[n++] = (mmu_cover_group_t){"format_answers_d", fault_names, c->fault[1], 8, ~faults_of(r->fmt->number)};
    g[n++] = (mmu_cover_group_t){"format_pages", page_names, c->page, MMU_FCOVER_PAGES, pages};
    g[n++] = (mmu_cover_group_t){"format_modes", mode_names, c->mode, MMU_FCOVER_MODES, modes};
    if (x86)
        g[n++] = (mmu_cover_group_t){"format_fences", fence_names, c->fence, MMU_FCOVER_FENCES, 0};
    return n;
}
