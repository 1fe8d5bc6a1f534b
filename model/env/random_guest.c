/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Virtual machines: a VMID has a G stage, a mode of the VS stage and a few address spaces. Machines that are equal
 * in the VMID bits that the MMU keeps are one machine; so it is with the ASIDs of each. A machine's modes are its
 * own for good, until all is fenced after a drain, or until its VMID is bound anew and an HFENCE.GVMA of it follows.
 * What needs no fence changes at any time: VS stage bare or not, V, privilege, SUM, MXR, VMID, ASID.
 *
 * A view is what a requester sees memory through. The access that it makes is some hart's: directly, by MPRV, or by
 * HLV, HLVX or HSV (rule EFF); which one is drawn backwards, so that every combination that leads there comes.
 */
#include "env/random.h"

#include <assert.h>

static uint16_t asid_mask(const mmu_random_t *r)
{
    return (uint16_t)(0xffffu >> r->base.stage->opt->random.asid_bits_ignored);
}

static uint16_t vmid_mask(const mmu_random_t *r)
{
    return (uint16_t)((1u << r->base.stage->opt->random.vmid_bits) - 1);
}

/* ---- machines -------------------------------------------------------------------------------- */

/* A root of the VS stage, as the machine's entries see it. */
static uint64_t draw_root(mmu_random_t *r, const mmu_vm_t *vm)
{
    const mmu_table_t *root = mmu_world_target(r, vm->vpaging, mmu_pagings[vm->vpaging].levels - 1u, false);

    return (mmu_row_is_vs(vm->vpaging) ? mmu_guest_addr(r, root->addr) : root->addr) >> 12;
}

static unsigned draw_row(mmu_random_t *r, mmu_weight_e first, unsigned row, unsigned none)
{
    unsigned n = mmu_draw_share(r, first, MMU_WORLD_MODES);

    return n < MMU_WORLD_MODES ? row + n : none;
}

static void bind_root(mmu_random_t *r, mmu_vm_t *vm)
{
    const mmu_table_t *root;

    if (vm->gpaging == MMU_NO_PAGING) {
        vm->groot = mmu_rng_next(&r->rng) & ((UINT64_C(1) << 44) - 1);
        return;
    }
    root = mmu_world_target(r, vm->gpaging, mmu_pagings[vm->gpaging].levels - 1u, false);
    vm->groot = root->addr >> 12;
}

/* Rows of both stages and the G stage's root. With a bare G stage the tables are those of one stage. */
static void bind_stages(mmu_random_t *r, mmu_vm_t *vm)
{
    unsigned v = draw_row(r, MMU_W_vsmode_sv32, MMU_ROW_VS, MMU_NO_PAGING);
    unsigned g = draw_row(r, MMU_W_gmode_sv32x4, MMU_ROW_G, MMU_NO_PAGING);

    if (v != MMU_NO_PAGING && mmu_draw(r, 4) != 0)
        g = r->world.partner[v - MMU_ROW_VS];
    if (mmu_chance(r, MMU_W_virt_g_bare, 100))
        g = MMU_NO_PAGING;
    vm->gpaging = (uint8_t)g;
    vm->vpaging = (uint8_t)(g == MMU_NO_PAGING ? r->paging : v);
    bind_root(r, vm);
}

static void bind_spaces(mmu_random_t *r, mmu_vm_t *vm)
{
    uint16_t mask = asid_mask(r);

    vm->spaces = (unsigned)mmu_w(r, MMU_W_virt_spaces);
    for (unsigned i = 0; i < vm->spaces; i++) {
        uint16_t asid = mmu_asid_draw(r, vm->space, i, mask) & mask;
        uint64_t root = vm->vpaging == MMU_NO_PAGING ? 0 : draw_root(r, vm);

        for (unsigned k = 0; k < i; k++)
            if (vm->space[k].asid == asid)
                root = vm->space[k].root;
        vm->space[i] = (mmu_space_t){.asid = asid, .root = root};
    }
}

/* Machines of a run keep their VMIDs: neighbours, or such as differ in the top bit that is kept. */
void mmu_guest_begin(mmu_random_t *r)
{
    unsigned count = (unsigned)mmu_w(r, MMU_W_virt_machines), most = vmid_mask(r) + 1u;
    unsigned first = mmu_draw(r, 2) == 0 ? 0 : mmu_draw(r, most);
    unsigned step = most < 4 || mmu_draw(r, 2) == 0 ? 1 : most / 2 + 1;

    r->vms = count < most ? count : most;
    for (unsigned i = 0; i < r->vms; i++)
        r->vm[i].vmid = (uint16_t)((first + i * step) & vmid_mask(r));
}

void mmu_guest_bind(mmu_random_t *r)
{
    for (unsigned i = 0; i < r->vms; i++) {
        bind_stages(r, &r->vm[i]);
        bind_spaces(r, &r->vm[i]);
    }
    for (unsigned port = 0; port < MMU_PORTS; port++)
        r->port[port].view = mmu_view_draw(r, mmu_chance(r, MMU_W_virt_share, 100));
}

/* ---- views ----------------------------------------------------------------------------------- */

mmu_view_t mmu_view_draw(mmu_random_t *r, bool v)
{
    mmu_view_t view = {.v = v};

    if (!v) {
        view.space = (uint8_t)mmu_draw(r, r->spaces);
        view.bare = mmu_chance(r, MMU_W_ctx_bare, 100);
        return view;
    }
    view.vm = (uint8_t)mmu_draw(r, r->vms);
    view.space = (uint8_t)mmu_draw(r, r->vm[view.vm].spaces);
    view.bare = mmu_chance(r, MMU_W_virt_bare, 100);
    return view;
}

static bool is_bare(const mmu_random_t *r, mmu_view_t view)
{
    return view.bare || (view.v && r->vm[view.vm].vpaging == MMU_NO_PAGING);
}

unsigned mmu_view_row(const mmu_random_t *r, mmu_view_t view)
{
    const mmu_vm_t *vm = &r->vm[view.vm];

    if (!view.v)
        return r->paging;
    if (!is_bare(r, view))
        return vm->vpaging;
    return vm->gpaging != MMU_NO_PAGING ? vm->gpaging : r->paging;
}

/* The registers of both stages of a view. */
static void set_view(const mmu_random_t *r, mmu_view_t view, mmu_hart_t *hart)
{
    const mmu_vm_t *vm = &r->vm[view.vm];

    if (!view.v) {
        hart->asid = r->space[view.space].asid;
        hart->root = r->space[view.space].root;
        hart->mode = view.bare ? MMU_MODE_BARE : mmu_pagings[r->paging].mode;
        return;
    }
    hart->vasid = vm->space[view.space].asid;
    hart->vroot = vm->space[view.space].root;
    hart->vmode = is_bare(r, view) ? MMU_MODE_BARE : mmu_pagings[vm->vpaging].mode;
    hart->vmid = vm->vmid;
    hart->groot = vm->groot;
    hart->gmode = vm->gpaging == MMU_NO_PAGING ? MMU_MODE_BARE : mmu_pagings[vm->gpaging].mode;
}

mmu_ctx_t mmu_view_ctx(const mmu_random_t *r, mmu_view_t view)
{
    mmu_hart_t hart = r->hart;

    set_view(r, view, &hart);
    hart.prv = MMU_PRIV_S;
    hart.v = view.v;
    return mmu_riscv_effective(&hart, MMU_HART_LOAD).ctx;
}

/* Bits that the MMU ignores, and the low bits of the G stage's root, may be anything. */
static void add_aliases(mmu_random_t *r, mmu_hart_t *hart)
{
    uint64_t anything;

    if (!mmu_chance(r, MMU_W_virt_alias, 100))
        return;
    anything = mmu_rng_next(&r->rng);
    hart->vmid = (uint16_t)((hart->vmid | (anything & ~(uint64_t)vmid_mask(r))) & MMU_VM_VMID);
    hart->vasid = (uint16_t)(hart->vasid | (anything >> 16 & ~(uint64_t)asid_mask(r)));
    hart->groot |= anything >> 40 & 3;
}

static uint8_t draw_priv(mmu_random_t *r)
{
    static const uint8_t privs[] = {MMU_PRIV_U, MMU_PRIV_S, MMU_PRIV_M};

    return privs[mmu_draw(r, 3)];
}

/* What does not count stands at random. */
static void draw_rest(mmu_random_t *r, mmu_hart_t *hart)
{
    uint64_t bits = mmu_rng_next(&r->rng);

    hart->mpp = draw_priv(r);
    hart->mpv = (bits & 1) != 0;
    hart->spvp = (bits & 2) != 0;
}

mmu_effective_t mmu_view_enter(mmu_random_t *r, mmu_view_t view, uint8_t prv, uint8_t acc)
{
    static const uint8_t plain[] = {MMU_HART_FETCH, MMU_HART_LOAD, MMU_HART_STORE, MMU_HART_HLVX};
    static const uint8_t guest[] = {MMU_HART_FETCH, MMU_HART_HLV, MMU_HART_HSV, MMU_HART_HLVX};
    mmu_hart_t hart = r->hart;
    uint8_t op = plain[acc & 3];
    bool data = acc != MMU_ACC_FETCH;
    mmu_effective_t got;

    set_view(r, mmu_view_draw(r, false), &hart);
    set_view(r, mmu_view_draw(r, true), &hart);
    set_view(r, view, &hart);
    add_aliases(r, &hart);
    draw_rest(r, &hart);
    if (acc == MMU_ACC_LOAD_X ||
        (data && view.v && prv != MMU_PRIV_M && mmu_chance(r, MMU_W_virt_hlv, 100))) {
        op = guest[acc & 3];
        hart.prv = draw_priv(r);
        hart.mprv = mmu_draw(r, 4) == 0;
        hart.spvp = prv == MMU_PRIV_S;
    } else if (data && mmu_chance(r, MMU_W_virt_mprv, 100)) {
        hart.mprv = true;
        hart.prv = MMU_PRIV_M;
        hart.mpp = prv;
        hart.mpv = prv == MMU_PRIV_M ? hart.mpv : view.v;
    } else {
        hart.mprv = !data && mmu_draw(r, 4) == 0;
        hart.prv = prv;
        hart.v = view.v && prv != MMU_PRIV_M;
    }
    got = mmu_riscv_effective(&hart, op);
    mmu_cover_hart(r->cover, op, hart.mprv);
    return got;
}

/* ---- under traffic --------------------------------------------------------------------------- */

static bool is_free(const mmu_random_t *r)
{
    return !r->rebind.active && !r->draining && !r->hold && !mmu_fences_owed(r);
}

/* Ports that are in the machine see its new registers at once: an older offer is accepted with them. */
static void enter_again(mmu_random_t *r, unsigned vm)
{
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        mmu_op_t op = {.kind = MMU_OP_CTX, .port = (uint8_t)(1 + port)};

        if (!r->port[port].view.v || r->port[port].view.vm != vm || !r->ctx[port].v)
            continue;
        op.u.ctx = mmu_view_ctx(r, r->port[port].view);
        mmu_random_emit(r, &op);
    }
}

/* A VMID gets another root of its G stage, and so other guest page tables at the same places, and other spaces.
 * Another mode would need its fence before the next request (PWC-1). */
static void rebind_machine(mmu_random_t *r)
{
    unsigned n = mmu_draw(r, r->vms);

    bind_root(r, &r->vm[n]);
    bind_spaces(r, &r->vm[n]);
    r->rebind = (mmu_rebind_t){.active = true, .kind = MMU_FENCE_G, .vmid = r->vm[n].vmid};
    r->rebind.wait = mmu_draw(r, (uint32_t)mmu_w(r, MMU_W_ctx_rebind_delay) + 1);
    enter_again(r, n);
}

/* An ASID of a machine gets another root. */
static void rebind_space(mmu_random_t *r)
{
    unsigned n = mmu_draw(r, r->vms);
    mmu_vm_t *vm = &r->vm[n];
    uint16_t asid = vm->space[mmu_draw(r, vm->spaces)].asid;
    uint64_t root;

    if (vm->vpaging == MMU_NO_PAGING)
        return;
    root = draw_root(r, vm);
    for (unsigned i = 0; i < vm->spaces; i++)
        if (vm->space[i].asid == asid)
            vm->space[i].root = root;
    r->rebind = (mmu_rebind_t){.active = true, .kind = MMU_FENCE_VV, .vmid = vm->vmid, .asid = asid};
    r->rebind.wait = mmu_draw(r, (uint32_t)mmu_w(r, MMU_W_ctx_rebind_delay) + 1);
    enter_again(r, n);
}

void mmu_guest_rebind(mmu_random_t *r)
{
    if (is_free(r) && mmu_rare(r, MMU_W_virt_rebind, 1000))
        rebind_machine(r);
    if (is_free(r) && mmu_rare(r, MMU_W_virt_rebind_space, 1000))
        rebind_space(r);
}
