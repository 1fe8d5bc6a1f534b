/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The story of one translation, for people. The G stage's steps stand indented below what they are for.
 */
#include "cli/explain.h"

#include <inttypes.h>
#include <string.h>

/* ---- registers ---------------------------------------------------------------------------------------- */

static const char *yes_no(bool set)
{
    return set ? "1" : "0";
}

static void print_envcfg(const char *name, const char *of, bool adue, bool pbmte, FILE *to)
{
    fprintf(to, "  %s%s: ADUE %s, %s; PBMTE %s\n", name, of, yes_no(adue),
            adue ? "hardware sets A and D (Svadu)" : "A or D clear is a fault (Svade)", yes_no(pbmte));
}

static void print_root(const char *reg, uint8_t mode, bool guest, uint64_t root, const char *kind, FILE *to)
{
    fprintf(to, "  %s: %s", reg, mmu_explain_mode(mode, guest));
    if (mode != MMU_MODE_BARE)
        fprintf(to, ", root table at %s0x%" PRIx64 "%s", kind, root << 12, guest ? ", 16 KiB" : "");
    fputc('\n', to);
}

static void print_pmp(const mmu_explain_t *e, FILE *to)
{
    static const char *const modes[] = {"OFF", "TOR", "NA4", "NAPOT"};
    unsigned on = 0;

    if (e->pmp == NULL) {
        fprintf(to, "  PMP: none\n");
        return;
    }
    for (unsigned i = 0; i < e->pmp->entries; i++) {
        const mmu_pmp_range_t *r = &e->pmp->range[i];

        if (!r->on)
            continue;
        on++;
        fprintf(to, "  PMP entry %u: %s 0x%" PRIx64 "-0x%" PRIx64 " %c%c%c%s\n", i,
                modes[(e->pmp->cfg[i] >> MMU_PMP_A_SHIFT) & 3], r->base << 2, (r->last << 2) + 3,
                r->r ? 'r' : '-', r->w ? 'w' : '-', r->x ? 'x' : '-', r->l ? " locked" : "");
    }
    if (on == 0)
        fprintf(to, "  PMP: on, no entry matches anything\n");
}

static void print_world(const mmu_explain_t *e, FILE *to)
{
    const mmu_tv_world_t *w = e->world;
    const uint64_t *key = w->key;
    const bool v = key[MMU_TV_VIRT] != 0;
    mmu_tv_access_t from_s = e->access;
    mmu_ctx_t ctx;
    char buf[24];

    from_s.priv = MMU_TV_PRIV_S; /* M's context would not show vsatp and hgatp */
    ctx = mmu_vectors_request(w, &from_s, MMU_VECTORS_COLD).ctx;
    fprintf(to, "world 0x%" PRIx64 " of %s, line %u: %s, %s\n", w->id, w->file, w->line,
            mmu_tv_value(MMU_TV_ISA, key[MMU_TV_ISA], buf), v ? "in a virtual machine (V = 1)" : "V = 0");
    print_root(v ? "vsatp" : "satp", ctx.mode, false, ctx.root,
               v && ctx.gmode != MMU_MODE_BARE ? "guest " : "", to);
    if (v)
        print_root("hgatp", ctx.gmode, true, ctx.groot & ~UINT64_C(3), "", to);
    if (v)
        fprintf(to, "  vsstatus: SUM %s, MXR %s; sstatus: MXR %s\n", yes_no(key[MMU_TV_VSUM] != 0),
                yes_no(key[MMU_TV_VMXR] != 0), yes_no(key[MMU_TV_MXR] != 0));
    else
        fprintf(to, "  sstatus: SUM %s, MXR %s\n", yes_no(key[MMU_TV_SUM] != 0),
                yes_no(key[MMU_TV_MXR] != 0));
    if (v)
        print_envcfg("henvcfg", ", of the VS stage", e->slow.hadue, e->slow.hpbmte, to);
    print_envcfg("menvcfg", v ? ", of the G stage" : "", e->slow.adue, e->slow.pbmte, to);
    fprintf(to, "  Svnapot: %s; RAM: 0x%" PRIx64 "-0x%" PRIx64 "\n", e->slow.svnapot ? "there" : "not there",
            w->ram_base, w->ram_base + w->ram_size - 1);
    print_pmp(e, to);
}

static void print_access(const mmu_explain_t *e, FILE *to)
{
    static const char *const names[] = {"fetch", "load", "store", "HLVX load"};
    const bool v = e->rq.ctx.v;
    const char *from = e->access.priv == MMU_TV_PRIV_M ? "M" : e->access.priv == MMU_TV_PRIV_S ? "S" : "U";

    fprintf(to, "access: %s from %s%s of 0x%" PRIx64 ", %u byte%s", names[e->rq.acc], v ? "V" : "", from,
            e->rq.va, 1u << e->rq.size, e->rq.size == 0 ? "" : "s");
    mmu_explain_print_memory(e, to);
}

void mmu_explain_print_memory(const mmu_explain_t *e, FILE *to)
{
    if (e->numbered)
        fprintf(to, "; number %u of the world's %u", e->after + 1, e->world->accesses);
    fprintf(to, "\nmemory: as ");
    if (e->after == 0)
        fprintf(to, "the world begins\n");
    else
        fprintf(to, "the %u access%s before left it\n", e->after, e->after == 1 ? "" : "es");
}

/* ---- steps -------------------------------------------------------------------------------------------- */

/* Continuation lines of a step stand below its text. */
static const char *indent(const mmu_trail_step_t *s)
{
    return s->stage != 0 ? "      " : "  ";
}

static void print_fields(const mmu_trail_step_t *s, FILE *to)
{
    const mmu_explain_fields_t f = mmu_explain_fields(s);

    fprintf(to, "PPN 0x%" PRIx64 "  D%d A%d G%d U%d X%d W%d R%d V%d", f.ppn, f.d, f.a, f.g, f.u, f.x, f.w,
            f.r, f.v);
    if (s->wide)
        fprintf(to, "  N%d PBMT %u", f.n, f.pbmt);
    if (f.rsw != 0)
        fprintf(to, "  RSW %u", f.rsw);
    if (f.reserved != 0)
        fprintf(to, "  reserved bits 60:54 = 0x%x", f.reserved);
}

static void print_judged(const mmu_explain_t *e, const mmu_trail_step_t *s, FILE *to)
{
    const mmu_step_t step = mmu_explain_step(e, s);
    char size[24];

    fprintf(to, "%s    -> ", indent(s));
    if (s->kind == MMU_STEP_FAULT)
        fprintf(to, "%s: ", s->stage != 0 ? "guest-page fault by GST-4" : "page fault");
    fprintf(to, "%s\n", mmu_rule_text(s->rule));
    if (s->kind == MMU_STEP_READ)
        fprintf(to, "%s       next table at %s0x%" PRIx64 "\n", indent(s),
                s->stage == 0 && mmu_riscv_two_stage(&e->rq) ? "guest " : "",
                mmu_pos_ppn(step.pos) << MMU_PPN_LG);
    if (s->kind != MMU_STEP_LEAF && s->kind != MMU_STEP_NEED_AD)
        return;
    fprintf(to, "%s       a page of %s", indent(s), mmu_explain_size(mmu_entry_lg(step.entry), size));
    if (s->wide)
        fprintf(to, ", PBMT %u", mmu_entry_mt(step.entry));
    fprintf(to, ", at %s0x%" PRIx64 "\n", s->stage == 0 && mmu_riscv_two_stage(&e->rq) ? "guest " : "",
            mmu_entry_ppn(step.entry) << MMU_PPN_LG);
}

/* Which entry of its table: the G stage's root has four pages. */
static unsigned entry_index(const mmu_explain_t *e, const mmu_trail_step_t *s)
{
    const bool two = mmu_riscv_two_stage(&e->rq);
    const uint64_t at = s->stage == 0 && two ? s->gpa : s->addr;
    const unsigned top = e->rq.ctx.gmode == MMU_MODE_SV32 ? 1 : e->rq.ctx.gmode - MMU_MODE_SV39 + 2u;
    const uint64_t bytes = s->stage != 0 && s->level == top ? 0x4000 : 0x1000;

    return (unsigned)((at & (bytes - 1)) / (s->wide ? 8 : 4));
}

static void print_step(const mmu_explain_t *e, const mmu_trail_step_t *s, FILE *to)
{
    const int digits = s->wide ? 16 : 8;
    const char *in = indent(s);
    char text[MMU_EXPLAIN_LINE];

    if (s->op == MMU_TRAIL_CAS)
        fprintf(to, "%sset A or D in the %s entry at 0x%" PRIx64 "\n", in, mmu_explain_stage(e, s->stage),
                s->addr);
    else if (s->stage == 0 && mmu_riscv_two_stage(&e->rq))
        fprintf(to, "%slevel %u: VS-stage entry %u at guest 0x%" PRIx64 ", which is 0x%" PRIx64 "\n", in,
                s->level, entry_index(e, s), s->gpa, s->addr);
    else
        fprintf(to, "%slevel %u: %s entry %u at 0x%" PRIx64 "\n", in, s->level,
                mmu_explain_stage(e, s->stage), entry_index(e, s), s->addr);
    if (e->pmp != NULL)
        fprintf(to, "%s    PMP, a %s of S, %d bytes: %s%s\n", in, s->op == MMU_TRAIL_CAS ? "store" : "load",
                s->wide ? 8 : 4, s->denied ? "denied, an access fault; " : "", mmu_explain_pmp(e, s, text));
    if (s->denied)
        return;
    if (s->error) {
        fprintf(to, "%s    -> access fault: no RAM is there (Priv 4.3.2 step 2)\n", in);
        return;
    }
    if (s->op == MMU_TRAIL_CAS) {
        fprintf(to, "%s    0x%0*" PRIx64 " -> 0x%0*" PRIx64 "%s\n", in, digits, s->word, digits, s->new_word,
                s->lost ? ": lost, the word had changed and is judged anew" : "");
        return;
    }
    fprintf(to, "%s    word 0x%0*" PRIx64 "  ", in, digits, s->word);
    print_fields(s, to);
    fputc('\n', to);
    print_judged(e, s, to);
}

/* A guest physical address is going to be translated. */
static void print_g_begin(const mmu_explain_t *e, uint8_t what, uint64_t gpa, FILE *to)
{
    fprintf(to, "    G stage, %s: guest 0x%" PRIx64 ", %s\n", mmu_explain_purpose(what), gpa,
            mmu_explain_purpose_access(e, what));
}

static bool same_g_walk(const mmu_trail_step_t *a, const mmu_trail_step_t *b)
{
    return a->stage != 0 && b->stage != 0 && a->what == b->what && a->gpa == b->gpa;
}

static void print_steps(const mmu_explain_t *e, FILE *to)
{
    const mmu_arch_trail_t *trail = &e->trail;
    const unsigned kept = trail->count < MMU_TRAIL_STEPS ? trail->count : MMU_TRAIL_STEPS;
    static const mmu_trail_step_t none;
    const char *start = mmu_explain_start(e);
    char text[MMU_EXPLAIN_LINE];

    fprintf(to, "walk:\n");
    if (start != NULL)
        fprintf(to, "  %s\n", start);
    for (unsigned i = 0; i < kept; i++) {
        const mmu_trail_step_t *s = &trail->step[i], *before = i == 0 ? &none : &trail->step[i - 1];

        if (s->op == MMU_TRAIL_FINAL) {
            if (e->pmp != NULL)
                fprintf(to, "  the access, at 0x%" PRIx64 "\n    PMP, %s of %s, %u byte%s: %s%s\n", s->addr,
                        e->rq.acc == MMU_ACC_FETCH   ? "a fetch"
                        : e->rq.acc == MMU_ACC_STORE ? "a store"
                                                     : "a load",
                        mmu_explain_privs[e->rq.prv], 1u << e->rq.size, e->rq.size == 0 ? "" : "s",
                        s->denied ? "denied, an access fault; " : "", mmu_explain_pmp(e, s, text));
            continue;
        }
        if (s->stage != 0 && !same_g_walk(before, s))
            print_g_begin(e, s->what, s->gpa, to);
        print_step(e, s, to);
    }
    if (trail->count > MMU_TRAIL_STEPS)
        fprintf(to, "  and %u steps more\n", trail->count - MMU_TRAIL_STEPS);
    if (mmu_explain_too_wide(e, text) != NULL) {
        const mmu_arch_result_t *out = &e->result;

        /* Its low two bits are those of the access; an entry's are 0. */
        if (out->imp == 0)
            print_g_begin(e, MMU_G_FINAL, out->gpa | (e->rq.va & 3), to);
        else
            print_g_begin(e, out->imp == 1 ? MMU_G_ENTRY : MMU_G_UPDATE, out->gpa, to);
        fprintf(to, "      -> %s\n", text);
    }
}

/* ---- the result --------------------------------------------------------------------------------------- */

/* A line of the vector format: "= pa 0x… pbmt=0 size=0x1000". */
static void print_answer(const mmu_vectors_answer_t *a, FILE *to)
{
    const bool riscv = a->format == MMU_FORMAT_RISCV;

    if (a->fault && a->format == MMU_FORMAT_X86 && a->cause == MMU_VECTORS_GP)
        fprintf(to, "fault gp");
    else if (a->fault)
        fprintf(to, "fault 0x%" PRIx64, a->cause);
    else
        fprintf(to, "pa 0x%" PRIx64, a->pa);
    if (riscv && (a->given & MMU_TV_HAS_PBMT) != 0)
        fprintf(to, " pbmt=%" PRIu64, a->pbmt);
    if ((a->given & MMU_TV_HAS_SIZE) != 0 && a->size != 0)
        fprintf(to, " size=0x%" PRIx64, a->size);
    if ((a->given & MMU_TV_HAS_TVAL) != 0)
        fprintf(to, " tval=0x%" PRIx64, a->tval);
    if (riscv && (a->given & MMU_TV_HAS_GPA) != 0 && (a->cause == 20 || a->cause == 21 || a->cause == 23))
        fprintf(to, " gpa=0x%" PRIx64, a->gpa);
}

static void print_words(const mmu_vectors_answer_t *a, FILE *to)
{
    for (unsigned i = 0; i < a->words && i < MMU_VECTORS_WORDS; i++)
        fprintf(to, "  u 0x%" PRIx64 " 0x%" PRIx64 "\n", a->word[i].addr, a->word[i].value);
}

static void print_result(const mmu_explain_t *e, FILE *to)
{
    static const char *const imps[] = {"the access's own address", "the read of a VS-stage entry",
                                       "the update of A or D in a VS-stage entry"};
    char size[24];

    fprintf(to, "result: ");
    if (e->answer.fault)
        fprintf(to, "%s", mmu_vectors_fault_name(&e->answer));
    else if (e->result.lg == 0)
        fprintf(to, e->answer.pa == e->rq.va ? "no page, the address is the physical one"
                                             : "no page, the base is added to the address");
    else
        fprintf(to, "translated, a %s of %s", e->slow.format == MMU_FORMAT_SEGMENT ? "segment" : "page",
                e->slow.format == MMU_FORMAT_SEGMENT ? "at most 64 KiB"
                                                     : mmu_explain_size(e->result.lg, size));
    if (e->result.fault == MMU_FAULT_GUEST)
        fprintf(to, " at %s", imps[e->result.imp]);
    fprintf(to, "\n  a %s %s 0x%" PRIx64 " = ", mmu_explain_privs[e->access.priv],
            mmu_explain_types[e->access.type], e->access.va);
    print_answer(&e->answer, to);
    fputc('\n', to);
    print_words(&e->answer, to);
}

static void print_reference(const mmu_explain_t *e, FILE *to)
{
    const char *separator = "";

    if (e->reference == 0) {
        fprintf(to, "reference: the world has no such access\n");
        return;
    }
    fprintf(to, "reference: access %u of %u, line %u", e->reference, e->world->accesses,
            e->world->access[e->reference - 1].line);
    if (e->differs == 0) {
        fprintf(to, ", agrees\n");
    } else {
        fprintf(to, ", differs in ");
        for (unsigned n = 0; n < MMU_VECTORS_DIFFERENCES; n++)
            if ((e->differs >> n & 1u) != 0) {
                fprintf(to, "%s%s", separator, mmu_vectors_difference_name(n));
                separator = ", ";
            }
        fprintf(to, "\n  a %s %s 0x%" PRIx64 " = ", mmu_explain_privs[e->access.priv],
                mmu_explain_types[e->access.type], e->access.va);
        print_answer(&e->expected, to);
        fputc('\n', to);
        print_words(&e->expected, to);
    }
    if (!e->same_memory)
        fprintf(to, "  It found the memory that the accesses before had left: --access %u shows it so.\n",
                e->reference);
}

void mmu_explain_print(const mmu_explain_t *e, FILE *to)
{
    if (e->slow.format != MMU_FORMAT_RISCV) {
        mmu_explain_print_other(e, to);
    } else {
        print_world(e, to);
        print_access(e, to);
        print_steps(e, to);
    }
    print_result(e, to);
    print_reference(e, to);
}
