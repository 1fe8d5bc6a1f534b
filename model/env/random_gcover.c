/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What was met of two stages: which step of a walk each kind of fence met, modes over modes, faults of each stage, how
 * a hart made its accesses, how V and machines changed. Which stage's word a walk reads the generator knows from its
 * tables; a replay counts no such steps.
 */
#include "env/random.h"

#include <assert.h>

/* clang-format off */
#define GMET_LIST                                                                                           \
    X(vs_read_waiting) X(g_read_waiting) X(vs_swap_waiting) X(g_swap_waiting) X(updating) X(vs_response)    \
    X(g_response) X(vs_taken) X(g_taken) X(g_hit) X(g_miss) X(g_refuse) X(g_walk_cache_hit)                 \
    X(v_outstanding) X(no_v_outstanding) X(idle)
/* clang-format on */

typedef enum {
#define X(name) GMET_##name,
    GMET_LIST
#undef X
        GMETS
} gmet_e;

_Static_assert(GMETS == (gmet_e)MMU_GCOVER_METS, "bins");

static const char *const gmet_names[GMETS] = {
#define X(name) #name,
    GMET_LIST
#undef X
};

static const char *const kind_names[MMU_GCOVER_KINDS] = {"fence_s",      "fence_vv",      "fence_g",
                                                         "fence_posted", "fence_w_inval", "fence_inval_ir"};
static const char *const form_names[MMU_GCOVER_FORMS] = {
    "vv_all",     "vv_va",    "vv_asid",   "vv_va_asid", "g_all",   "g_gpa",   "g_vmid",
    "g_gpa_vmid", "posted_s", "posted_vv", "posted_g",   "w_inval", "inval_ir"};
static const char *const stage_names[MMU_GCOVER_STAGES] = {
    "bare_over_bare", "bare_over_sv32x4", "bare_over_sv39x4", "bare_over_sv48x4", "bare_over_sv57x4",
    "sv32_over_bare", "sv32_over_sv32x4", "sv32_over_sv39x4", "sv32_over_sv48x4", "sv32_over_sv57x4",
    "sv39_over_bare", "sv39_over_sv32x4", "sv39_over_sv39x4", "sv39_over_sv48x4", "sv39_over_sv57x4",
    "sv48_over_bare", "sv48_over_sv32x4", "sv48_over_sv39x4", "sv48_over_sv48x4", "sv48_over_sv57x4",
    "sv57_over_bare", "sv57_over_sv32x4", "sv57_over_sv39x4", "sv57_over_sv48x4", "sv57_over_sv57x4"};
/* Whose fault: the VS stage's; the G stage's of the access, of a read and of an update of a VS entry; any access
 * fault. Each of fetch, load, store, HLVX. */
static const char *const fault_names[MMU_GCOVER_FAULTS] = {
    "vs_fetch",      "vs_load",      "vs_store",       "vs_hlvx",       "g_fetch",
    "g_load",        "g_store",      "g_hlvx",         "g_read_fetch",  "g_read_load",
    "g_read_store",  "g_read_hlvx",  "g_update_fetch", "g_update_load", "g_update_store",
    "g_update_hlvx", "access_fetch", "access_load",    "access_store",  "access_hlvx"};
static const char *const hart_names[MMU_GCOVER_HARTS] = {"fetch", "load", "store",     "hlv",
                                                         "hlvx",  "hsv",  "mprv_load", "mprv_store"};
static const char *const change_names[MMU_GCOVER_SWITCHES] = {"v_on", "v_off", "machine", "space",
                                                              "in_flight"};
static const char *const setting_names[MMU_GCOVER_SETTINGS] = {
    "hadue_0", "hadue_1", "hpbmte_0", "hpbmte_1", "mml_0", "mml_1", "mmwp_0", "mmwp_1", "rlb_0", "rlb_1"};

/* ---- a clock --------------------------------------------------------------------------------- */

static uint32_t bit(bool is, gmet_e met)
{
    return is ? UINT32_C(1) << met : 0;
}

static bool outstanding(const mmu_stage_t *stage, unsigned port, bool v)
{
    for (uint32_t left = stage->outstanding[port]; left != 0; left &= left - 1)
        if (stage->pending[port][__builtin_ctz(left)].ctx.v == v)
            return true;
    return false;
}

static uint32_t what_is_met(const mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    const mmu_stage_t *stage = r->base.stage;
    unsigned id = in->mrsp.id & ((1u << MMU_SLOT_W) - 1);
    uint32_t met = bit(out->idle, GMET_idle) | bit(r->updating != 0, GMET_updating);
    bool v = outstanding(stage, 0, true) || outstanding(stage, 1, true);
    bool no_v = outstanding(stage, 0, false) || outstanding(stage, 1, false);

    for (uint32_t left = r->base.stage->memport.busy; left != 0; left &= left - 1) {
        const mmu_walk_read_t *read = &r->waiting[__builtin_ctz(left)];
        if (read->stage == MMU_OF_VS)
            met |= bit(true, read->swap ? GMET_vs_swap_waiting : GMET_vs_read_waiting);
        else if (read->stage == MMU_OF_G)
            met |= bit(true, read->swap ? GMET_g_swap_waiting : GMET_g_read_waiting);
    }
    if (in->mrsp.valid) {
        met |= bit(r->waiting[id].stage == MMU_OF_VS, GMET_vs_response);
        met |= bit(r->waiting[id].stage == MMU_OF_G, GMET_g_response);
    }
    if (out->mreq.valid && in->mreq_ready && r->replay == NULL) {
        uint8_t of = mmu_stage_of(r, out->mreq.addr);
        met |= bit(of == MMU_OF_VS, GMET_vs_taken) | bit(of == MMU_OF_G, GMET_g_taken);
    }
    met |= bit((out->events >> MMU_EV_G_HIT & 1) != 0, GMET_g_hit);
    met |= bit((out->events >> MMU_EV_G_MISS & 1) != 0, GMET_g_miss);
    met |= bit((out->events >> MMU_EV_G_REFUSE & 1) != 0, GMET_g_refuse);
    met |= bit((out->events >> MMU_EV_GPWC_HIT_1 & 15) != 0, GMET_g_walk_cache_hit);
    return met | bit(v, GMET_v_outstanding) | bit(no_v, GMET_no_v_outstanding);
}

static void count_fence(mmu_gcover_t *c, const mmu_fence_t *fence, uint32_t met)
{
    bool invalidates = fence->kind <= MMU_FENCE_G;
    unsigned form = invalidates ? 8u + fence->kind : 11u + fence->kind - MMU_FENCE_W_INVAL;

    for (uint32_t left = met; left != 0; left &= left - 1) {
        c->fence[invalidates ? fence->kind : fence->kind + 1u][__builtin_ctz(left)]++;
        if (invalidates && fence->posted)
            c->fence[3][__builtin_ctz(left)]++;
    }
    if (!invalidates || fence->posted)
        c->form[form]++;
    if (fence->kind == MMU_FENCE_VV)
        c->form[(fence->va_en ? 1 : 0) + (fence->asid_en ? 2 : 0)]++;
    if (fence->kind == MMU_FENCE_G)
        c->form[4 + (fence->va_en ? 1 : 0) + (fence->vmid_en ? 2 : 0)]++;
}

static unsigned mode_number(uint8_t mode)
{
    return mode == MMU_MODE_BARE ? 0 : mode == MMU_MODE_SV32 ? 1 : 2u + mode - MMU_MODE_SV39;
}

static void count_answer(mmu_gcover_t *c, const mmu_env_pending_t *p, const mmu_rsp_t *rsp)
{
    unsigned acc = p->req.acc & 3u, row = 0;

    if (!p->ctx.v || p->req.prv == MMU_PRIV_M)
        return;
    if (!rsp->fault) {
        c->stage[5 * mode_number(p->ctx.mode) + mode_number(p->ctx.gmode)]++;
        return;
    }
    if (rsp->cause == mmu_riscv_cause(MMU_FAULT_GUEST, p->req.acc))
        row = 1u + (rsp->imp > 2 ? 2 : rsp->imp);
    else if (rsp->cause == mmu_riscv_cause(MMU_FAULT_ACCESS, p->req.acc))
        row = 4;
    c->fault[4 * row + acc]++;
}

static void count_accepted(mmu_gcover_t *c, const mmu_stage_t *stage, unsigned port, const mmu_in_t *in)
{
    const mmu_ctx_t *now = &in->ctx[port];
    mmu_ctx_t *before = &c->ctx[port];
    const bool bits[] = {in->slow.hadue, in->slow.hpbmte, in->slow.mml, in->slow.mmwp, in->slow.rlb};

    c->change[0] += now->v && !before->v ? 1 : 0;
    c->change[1] += !now->v && before->v ? 1 : 0;
    c->change[2] += now->v && before->v && now->vmid != before->vmid ? 1 : 0;
    c->change[3] += now->v && before->v && now->vmid == before->vmid && now->asid != before->asid ? 1 : 0;
    c->change[4] += now->v != before->v && outstanding(stage, port, !now->v) ? 1 : 0;
    *before = *now;
    for (unsigned i = 0; i < sizeof bits; i++)
        c->setting[2 * i + (bits[i] ? 1 : 0)]++;
}

void mmu_gcover_clock(mmu_gcover_t *c, const mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    const mmu_stage_t *stage = r->base.stage;

    if (in->fence.valid && out->fence_ready)
        count_fence(c, &in->fence, what_is_met(r, in, out));
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        const mmu_rsp_t *rsp = &out->rsp[port];
        if (rsp->valid && rsp->id < MMU_IDS)
            count_answer(c, &stage->pending[port][rsp->id], rsp);
        if (in->req[port].valid && out->req_ready[port])
            count_accepted(c, stage, port, in);
    }
}

/* ---- telling --------------------------------------------------------------------------------- */

/* Modes that are switched off are no news. */
static uint32_t impossible_stages(const mmu_random_t *r)
{
    uint32_t mask = 0;

    for (unsigned v = 1; v <= MMU_WORLD_MODES; v++)
        for (unsigned g = 0; g <= MMU_WORLD_MODES; g++) {
            bool on = g == 0 ? mmu_row_on(r, v - 1)
                             : mmu_row_on(r, MMU_ROW_VS + v - 1) && mmu_row_on(r, MMU_ROW_G + g - 1);
            mask |= on ? 0 : 1u << (5 * v + g);
        }
    return mask;
}

unsigned mmu_gcover_groups(const mmu_gcover_t *c, const mmu_random_t *r, mmu_cover_group_t *g)
{
    bool protected = r->base.stage->opt->pmp_entries > 0;
    unsigned n = 0;
    /* A fence's clock has no look-up in the G stage (WALK-14). */
    uint32_t no_fence =
        1u << GMET_g_hit | 1u << GMET_g_miss | 1u << GMET_g_refuse | 1u << GMET_g_walk_cache_hit;

    for (unsigned i = 0; i < MMU_GCOVER_KINDS; i++)
        g[n++] = (mmu_cover_group_t){kind_names[i], gmet_names, c->fence[i], GMETS,
                                     r->replay != NULL ? UINT32_MAX
                                     : i < 4           ? no_fence
                                                       : 0};
    g[n++] = (mmu_cover_group_t){"fence_forms", form_names, c->form, MMU_GCOVER_FORMS, 0};
    g[n++] = (mmu_cover_group_t){"stages", stage_names, c->stage, MMU_GCOVER_STAGES,
                                 r->replay != NULL ? UINT32_MAX : impossible_stages(r)};
    g[n++] = (mmu_cover_group_t){"guest_faults", fault_names, c->fault, MMU_GCOVER_FAULTS, 0};
    if (r->replay == NULL)
        g[n++] = (mmu_cover_group_t){"hart_accesses", hart_names, c->hart, MMU_GCOVER_HARTS, 0};
    g[n++] = (mmu_cover_group_t){"v_changes", change_names, c->change, MMU_GCOVER_SWITCHES, 0};
    g[n++] = (mmu_cover_group_t){"guest_settings", setting_names, c->setting, MMU_GCOVER_SETTINGS,
                                 protected ? 0 : 0x2a0u};
    assert(n <= MMU_GCOVER_GROUPS);
    return n;
}
