/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What was met and what never: answers of every kind, and what each form of fence and each kill met in its
 * clock. All of it is seen from outside (ports and events), so it serves the generator and a replay alike.
 */
#include "env/random.h"

#include <jansson.h>

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a clock can hold ------------------------------------------------------------------- */

/* clang-format off */
#define MET_LIST                                                                                            \
    X(idle) X(accept_i) X(accept_d) X(lookup_i) X(lookup_d) X(hit) X(refuse) X(miss) X(stall) X(l2_hit)     \
    X(l2_miss) X(walk_start) X(walk_merge) X(walk_cache_hit) X(read_offered) X(read_taken)                  \
    X(read_waiting) X(read_response) X(after_response) X(swap_offered) X(swap_taken) X(swap_waiting)        \
    X(swap_response) X(swap_lost) X(walk_done) X(walk_fault) X(answer_i) X(answer_d) X(error)               \
    X(context_change)
/* clang-format on */

typedef enum {
#define X(name) MET_##name,
    MET_LIST
#undef X
        METS
} met_e;

static const char *const met_names[METS] = {
#define X(name) #name,
    MET_LIST
#undef X
};

static const char *const page_names[] = {"bare", "4K",   "64K",  "2M",         "4M",
                                         "1G",   "512G", "256T", "page_fault", "access_fault"};
static const uint8_t page_lgs[] = {0, 12, 16, 21, 22, 30, 39, 48};
enum { PAGES = 8, PAGE_FAULT = 8, ACCESS_FAULT = 9, OUTCOMES = 10 };
static const char *const access_names[9] = {"fetch", "fetch_page_fault", "fetch_access_fault",
                                            "load",  "load_page_fault",  "load_access_fault",
                                            "store", "store_page_fault", "store_access_fault"};
static const char *const priv_names[6] = {"u", "u_fault", "s", "s_fault", "m", "m_fault"};
static const char *const type_names[3] = {"pma", "nc", "io"};
static const char *const setting_names[10] = {"adue_0",    "adue_1", "pbmte_0", "pbmte_1", "svnapot_0",
                                              "svnapot_1", "sum_0",  "sum_1",   "mxr_0",   "mxr_1"};
static const char *const op_names[MMU_OPS] = {"word",   "ctx",   "slow", "req",   "kill", "fence",
                                              "answer", "stall", "end",  "reset", "pmp"};
static const char *const pmp_names[] = {"off", "tor", "na4", "napot", "locked", "no_rights", "first", "last"};
enum { PMP_FORMS = sizeof pmp_names / sizeof pmp_names[0] };

struct mmu_cover {
    uint64_t entry[MMU_ENTRY_KINDS];
    uint64_t op[MMU_OPS];
    uint64_t fence[4][METS];
    uint64_t kill[MMU_PORTS][METS];
    uint64_t outcome[MMU_PORTS][OUTCOMES];
    uint64_t access[9], priv[6], type[3];
    uint64_t setting[10];
    uint64_t pmp[PMP_FORMS];
    uint64_t rebind[METS]; /* what the fence after a new root met */
    /* of the last clock */
    mmu_gcover_t guest;
    mmu_fcover_t format;
    bool accepted[MMU_PORTS];
    bool responded;             /* memory gave a response: a walk may be done now */
    uint32_t waiting, swapping; /* walk ids, by what they wait for */
    mmu_ctx_t ctx;
};

mmu_cover_t *mmu_cover_create(void)
{
    return calloc(1, sizeof(mmu_cover_t));
}

void mmu_cover_destroy(mmu_cover_t *cover)
{
    free(cover);
}

static void count_pmp(mmu_cover_t *c, const mmu_pmp_write_t *write)
{
    c->pmp[write->cfg >> MMU_PMP_A_SHIFT & 3]++;
    c->pmp[4] += (write->cfg & MMU_PMP_L) != 0 ? 1 : 0;
    c->pmp[5] += (write->cfg & (MMU_PMP_R | MMU_PMP_W | MMU_PMP_X)) == 0 ? 1 : 0;
    c->pmp[6] += write->index == 0 ? 1 : 0;
    c->pmp[7] += write->index == 15 || write->index == MMU_MAX_PMP - 1 ? 1 : 0;
}

void mmu_cover_op(mmu_cover_t *cover, const mmu_op_t *op)
{
    cover->op[op->kind]++;
    if (op->kind == MMU_OP_PMP)
        count_pmp(cover, &op->u.pmp);
    if (op->kind == MMU_OP_RESET) {
        cover->accepted[0] = cover->accepted[1] = cover->responded = false;
        cover->waiting = cover->swapping = 0;
    }
}

void mmu_cover_hart(mmu_cover_t *cover, uint8_t op, bool mprv)
{
    bool by_mprv = mprv && (op == MMU_HART_LOAD || op == MMU_HART_STORE);

    cover->guest.hart[by_mprv ? 5u + op : op]++;
}

void mmu_cover_entry(mmu_cover_t *cover, unsigned kind)
{
    assert(kind < MMU_ENTRY_KINDS);
    cover->entry[kind]++;
}

/* ---- a clock --------------------------------------------------------------------------------- */

static uint32_t event(const mmu_out_t *out, unsigned n, met_e met)
{
    return (uint32_t)(out->events >> n & 1u) << met;
}

static uint32_t bit(bool is, met_e met)
{
    return is ? UINT32_C(1) << met : 0;
}

static bool same_ctx(const mmu_ctx_t *a, const mmu_ctx_t *b)
{
    return a->root == b->root && a->asid == b->asid && a->mode == b->mode && a->sum == b->sum &&
           a->mxr == b->mxr && a->v == b->v && a->gmode == b->gmode && a->vmid == b->vmid &&
           a->groot == b->groot;
}

static uint32_t what_is_met(const mmu_cover_t *c, const mmu_in_t *in, const mmu_out_t *out)
{
    bool swap = out->mreq.op == MMU_MEM_CAS, taken = in->mreq_ready;
    bool swap_back = (c->swapping >> in->mrsp.id & 1u) != 0;
    uint32_t met = bit(out->idle, MET_idle);

    met |= bit(in->req[0].valid && out->req_ready[0], MET_accept_i);
    met |= bit(in->req[1].valid && out->req_ready[1], MET_accept_d);
    met |= bit(c->accepted[0], MET_lookup_i) | bit(c->accepted[1], MET_lookup_d);
    met |= event(out, MMU_EV_L1_HIT_I, MET_hit) | event(out, MMU_EV_L1_HIT_D, MET_hit);
    met |= event(out, MMU_EV_L1_REFUSE_I, MET_refuse) | event(out, MMU_EV_L1_REFUSE_D, MET_refuse);
    met |= event(out, MMU_EV_L1_MISS_I, MET_miss) | event(out, MMU_EV_L1_MISS_D, MET_miss);
    met |= event(out, MMU_EV_STALL_I, MET_stall) | event(out, MMU_EV_STALL_D, MET_stall);
    met |= event(out, MMU_EV_L2_HIT, MET_l2_hit) | event(out, MMU_EV_L2_MISS, MET_l2_miss);
    met |= event(out, MMU_EV_WALK_START, MET_walk_start) | event(out, MMU_EV_WALK_MERGE, MET_walk_merge);
    for (unsigned k = 0; k < MMU_PWC_LEVELS; k++)
        met |= event(out, MMU_EV_PWC_HIT_1 + k, MET_walk_cache_hit);
    met |= event(out, MMU_EV_WALK_LEAF, MET_walk_done) | event(out, MMU_EV_WALK_FAULT, MET_walk_fault);
    met |= event(out, MMU_EV_CAS_FAIL, MET_swap_lost);
    met |= bit(out->mreq.valid && !taken, swap ? MET_swap_offered : MET_read_offered);
    met |= bit(out->mreq.valid && taken, swap ? MET_swap_taken : MET_read_taken);
    met |= bit((c->waiting & ~c->swapping) != 0, MET_read_waiting) | bit(c->swapping != 0, MET_swap_waiting);
    met |= bit(in->mrsp.valid, swap_back ? MET_swap_response : MET_read_response);
    met |= bit(c->responded, MET_after_response);
    met |= bit(in->mrsp.valid && in->mrsp.err, MET_error);
    met |= bit(out->rsp[0].valid, MET_answer_i) | bit(out->rsp[1].valid, MET_answer_d);
    return met | bit(!same_ctx(&in->ctx[1], &c->ctx), MET_context_change);
}

static void count(uint64_t counts[METS], uint32_t met)
{
    for (; met != 0; met &= met - 1)
        counts[__builtin_ctz(met)]++;
}

static void count_answer(mmu_cover_t *c, unsigned port, const mmu_env_pending_t *p, const mmu_rsp_t *rsp)
{
    unsigned kind = 0, acc = p->req.acc == MMU_ACC_APPEND ? MMU_ACC_STORE
                             : p->req.acc > MMU_ACC_STORE ? MMU_ACC_LOAD
                                                          : p->req.acc;
    unsigned prv = p->req.prv == MMU_PRIV_M ? 2 : p->req.prv & 1u;

    if (rsp->fault) {
        bool page = rsp->cause != mmu_riscv_cause(MMU_FAULT_ACCESS, p->req.acc);
        kind = page ? PAGE_FAULT : ACCESS_FAULT;
        c->access[3 * acc + (page ? 1 : 2)]++;
        c->priv[2 * prv + 1]++;
    } else {
        while (kind + 1 < PAGES && page_lgs[kind] != rsp->lg)
            kind++;
        c->access[3 * acc]++;
        c->priv[2 * prv]++;
        if (rsp->mt < 3)
            c->type[rsp->mt]++;
        c->setting[6 + (p->ctx.sum ? 1 : 0)]++;
        c->setting[8 + (p->ctx.mxr ? 1 : 0)]++;
    }
    c->outcome[port][kind]++;
}

/* Requests accepted under each setting of the slow registers. */
static void count_slow(mmu_cover_t *c, const mmu_slow_t *slow)
{
    c->setting[0 + (slow->adue ? 1 : 0)]++;
    c->setting[2 + (slow->pbmte ? 1 : 0)]++;
    c->setting[4 + (slow->svnapot ? 1 : 0)]++;
}

static bool by_space(const mmu_fence_t *fence)
{
    return fence->kind == MMU_FENCE_G ? fence->vmid_en : fence->asid_en;
}

void mmu_cover_clock(mmu_cover_t *c, const mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    const mmu_stage_t *stage = r->base.stage;
    bool fence = in->fence.valid && out->fence_ready;

    if (stage->opt->random.hypervisor)
        mmu_gcover_clock(&c->guest, r, in, out);
    if (r->fmt != NULL)
        mmu_fcover_clock(&c->format, r, in, out);

    if (fence || in->kill[0] || in->kill[1]) {
        uint32_t met = what_is_met(c, in, out);
        if (fence && r->rebind.offered)
            count(c->rebind, met);
        if (fence)
            count(c->fence[(in->fence.va_en ? 1 : 0) + (by_space(&in->fence) ? 2 : 0)], met);
        for (unsigned port = 0; port < MMU_PORTS; port++)
            if (in->kill[port])
                count(c->kill[port], met);
    }
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        const mmu_rsp_t *rsp = &out->rsp[port];
        if (rsp->valid && rsp->id < MMU_IDS)
            count_answer(c, port, &stage->pending[port][rsp->id], rsp);
        c->accepted[port] = in->req[port].valid && out->req_ready[port];
        if (c->accepted[port])
            count_slow(c, &in->slow);
    }
    if (out->mreq.valid && in->mreq_ready && out->mreq.id < 32) {
        uint32_t id = UINT32_C(1) << out->mreq.id;
        c->waiting |= id;
        c->swapping = out->mreq.op == MMU_MEM_CAS ? c->swapping | id : c->swapping & ~id;
    }
    if (in->mrsp.valid) {
        c->waiting &= ~(UINT32_C(1) << in->mrsp.id);
        c->swapping &= ~(UINT32_C(1) << in->mrsp.id);
    }
    c->responded = in->mrsp.valid;
    c->ctx = in->ctx[1];
}

/* ---- telling --------------------------------------------------------------------------------- */

enum { MOST_GROUPS = 20 + MMU_GCOVER_GROUPS + MMU_FCOVER_GROUPS };

/* Pages of modes that are switched off are no news. */
static uint32_t impossible_pages(const mmu_random_t *r)
{
    bool wide = r->weights.value[MMU_W_mode_sv39] + r->weights.value[MMU_W_mode_sv48] +
                    r->weights.value[MMU_W_mode_sv57] >
                0;
    uint32_t mask = 0;

    if (r->guests) /* some machine has them */
        return 0;
    mask |= r->weights.value[MMU_W_mode_sv32] == 0 ? 1u << 4 : 0;
    mask |= wide ? 0 : 1u << 2 | 1u << 3 | 1u << 5;
    mask |= r->weights.value[MMU_W_mode_sv48] + r->weights.value[MMU_W_mode_sv57] == 0 ? 1u << 6 : 0;
    mask |= r->weights.value[MMU_W_mode_sv57] == 0 ? 1u << 7 : 0;
    return mask;
}

static const char *const *entry_names(void)
{
    static const char *const names[MMU_ENTRY_KINDS] = {
        "leaf",     "super",       "pointer",    "pointer0",     "zero",        "invalid",
        "reserved", "w_without_r", "misaligned", "pointer_bits", "pointer_out", "loop",
        "napot",    "napot_bad",   "pbmt",       "pbmt_reserved"};
    return names;
}

static unsigned make_groups(const mmu_random_t *r, mmu_cover_group_t *g)
{
    static const char *const fences[4] = {"fence_all", "fence_va", "fence_asid", "fence_va_asid"};
    const mmu_cover_t *c = r->cover;
    uint32_t pages = impossible_pages(r);
    /* Rules WALK-1, WALK-9 and L1-8 keep these apart. */
    uint32_t no_fence =
        1u << MET_walk_start | 1u << MET_walk_merge | 1u << MET_walk_cache_hit | 1u << MET_walk_done;
    bool protected = r->base.stage->opt->pmp_entries > 0;
    unsigned n = 0;

    g[n++] = (mmu_cover_group_t){"operation_kinds", op_names, c->op, MMU_OPS,
                                 1u << MMU_OP_END | (protected ? 0 : 1u << MMU_OP_PMP)};
    if (protected)
        g[n++] = (mmu_cover_group_t){"pmp_writes", pmp_names, c->pmp, PMP_FORMS, 0};
    if (r->replay == NULL)
        g[n++] = (mmu_cover_group_t){"entries", entry_names(), c->entry, MMU_ENTRY_KINDS,
                                     r->fmt != NULL ? ~0u : 0};
    if (r->fmt != NULL) {
        n += mmu_fcover_groups(&c->format, r, g + n);
    } else {
        g[n++] = (mmu_cover_group_t){"answers_i", page_names, c->outcome[0], OUTCOMES, pages};
        g[n++] = (mmu_cover_group_t){"answers_d", page_names, c->outcome[1], OUTCOMES, pages};
        g[n++] = (mmu_cover_group_t){"accesses", access_names, c->access, 9, 0};
        g[n++] = (mmu_cover_group_t){"memory_types", type_names, c->type, 3, 0};
        g[n++] = (mmu_cover_group_t){"settings", setting_names, c->setting, 10, 0};
    }
    g[n++] = (mmu_cover_group_t){"privileges", priv_names, c->priv, 6, 0};
    for (unsigned i = 0; i < 4; i++)
        g[n++] = (mmu_cover_group_t){fences[i], met_names, c->fence[i], METS, no_fence};
    if (r->replay == NULL)
        g[n++] = (mmu_cover_group_t){"fence_new_root", met_names, c->rebind, METS, no_fence};
    if (r->base.stage->opt->random.hypervisor)
        n += mmu_gcover_groups(&c->guest, r, g + n);
    g[n++] = (mmu_cover_group_t){"kill_i", met_names, c->kill[0], METS, 1u << MET_answer_i};
    g[n++] = (mmu_cover_group_t){"kill_d", met_names, c->kill[1], METS, 1u << MET_answer_d};
    assert(n <= MOST_GROUPS);
    return n;
}

static bool is_news(const mmu_cover_group_t *g, unsigned bin)
{
    return g->counts[bin] == 0 && (g->unless_never >> bin & 1u) == 0;
}

char *mmu_cover_text(const mmu_random_t *r)
{
    mmu_cover_group_t groups[MOST_GROUPS];
    unsigned n = make_groups(r, groups), never = 0;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    if (to == NULL)
        return NULL;
    fprintf(to, "Stimulus: %" PRIu64 " operations, hash %016" PRIx64 "\n", r->ops, r->hash);
    if (r->late > 0)
        fprintf(to, "  %" PRIu64 " of them came later than recorded\n", r->late);
    for (unsigned i = 0; i < n; i++) {
        fprintf(to, "  %s:", groups[i].name);
        for (unsigned k = 0; k < groups[i].count; k++)
            if (groups[i].counts[k] > 0)
                fprintf(to, " %s %" PRIu64, groups[i].bins[k], groups[i].counts[k]);
        fprintf(to, "\n");
    }
    fprintf(to, "  never:");
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < groups[i].count; k++)
            if (is_news(&groups[i], k))
                never += (fprintf(to, " %s.%s", groups[i].name, groups[i].bins[k]), 1u);
    fprintf(to, "%s\n", never == 0 ? " nothing" : "");
    fclose(to);
    return text;
}

struct json_t *mmu_cover_json(const mmu_random_t *r)
{
    mmu_cover_group_t groups[MOST_GROUPS];
    unsigned n = make_groups(r, groups);
    json_t *all = json_object(), *never = json_array();
    char text[64];

    snprintf(text, sizeof text, "%016" PRIx64, r->hash);
    json_object_set_new(all, "operations", json_integer((json_int_t)r->ops));
    json_object_set_new(all, "hash", json_string(text));
    json_object_set_new(all, "late", json_integer((json_int_t)r->late));
    for (unsigned i = 0; i < n; i++) {
        json_t *group = json_object();
        for (unsigned k = 0; k < groups[i].count; k++) {
            json_object_set_new(group, groups[i].bins[k], json_integer((json_int_t)groups[i].counts[k]));
            snprintf(text, sizeof text, "%s.%s", groups[i].name, groups[i].bins[k]);
            if (is_news(&groups[i], k))
                json_array_append_new(never, json_string(text));
        }
        json_object_set_new(all, groups[i].name, group);
    }
    json_object_set_new(all, "never", never);
    return all;
}
