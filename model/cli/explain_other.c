/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The story of one translation in a format other than riscv: one stage, no physical protection.
 */
#include "cli/explain.h"

#include <inttypes.h>

/* ---- registers ---------------------------------------------------------------------------------------- */

static void print_x86(const mmu_explain_t *e, FILE *to)
{
    static const char *const modes[] = {"", "2-level", "PAE", "4-level (PML4)", "5-level (PML5)"};
    const uint64_t *key = e->world->key;
    const bool pae = e->rq.ctx.mode == 2;

    fprintf(to, "  CR3: 0x%" PRIx64 ", %s, root table at 0x%" PRIx64 "\n", key[MMU_TV_CR3],
            modes[e->rq.ctx.mode], key[MMU_TV_CR3] & ~(pae ? UINT64_C(0x1f) : UINT64_C(0xfff)));
    fprintf(to,
            "  CR0: WP %" PRIu64 "; CR4: PSE %" PRIu64 ", PGE %" PRIu64 ", SMEP %" PRIu64 ", SMAP %" PRIu64
            "; EFLAGS: AC %" PRIu64 "; EFER: NXE %" PRIu64 "\n",
            key[MMU_TV_WP], key[MMU_TV_PSE], key[MMU_TV_PGE], key[MMU_TV_SMEP], key[MMU_TV_SMAP],
            key[MMU_TV_AC], key[MMU_TV_NXE]);
    fprintf(to, "  MAXPHYADDR: %" PRIu64 "; A is set in pointers %s\n", key[MMU_TV_MAXPA],
            e->slow.afault ? "as the walk passes them, whatever comes (X86-8)"
                           : "only where the access succeeds (X86-8)");
}

static void print_classic(const mmu_explain_t *e, FILE *to)
{
    const uint64_t root = e->rq.ctx.root, aux = e->rq.ctx.aux;
    char size[24];

    switch (e->slow.format) {
    case MMU_FORMAT_BOUNDS:
        fprintf(to, "  base: 0x%" PRIx64 "; bounds: 0x%" PRIx64 "\n", root, aux);
        return;
    case MMU_FORMAT_INVERTED:
        fprintf(to, "  table: %u rows at 0x%" PRIx64, 1u << e->slow.rows_lg, root << 12);
        if (e->slow.linear)
            fprintf(to, ", searched row by row\n");
        else
            fprintf(to, ", hashed, anchors at 0x%" PRIx64 "\n", aux << 12);
        fprintf(to, "  process: 0x%x\n", e->rq.ctx.asid);
        break;
    default:
        fprintf(to, "  table: 0x%" PRIx64 " rows at 0x%" PRIx64 "\n", aux, root << 12);
    }
    if (e->slow.format != MMU_FORMAT_SEGMENT)
        fprintf(to, "  pages: %s\n", mmu_explain_size(e->slow.plg, size));
    fprintf(to, "  ADUE %d, %s\n", e->slow.adue,
            e->slow.adue ? "hardware sets A and D" : "A or D clear is a page fault");
}

static void print_world(const mmu_explain_t *e, FILE *to)
{
    const mmu_tv_world_t *w = e->world;
    char isa[24], mode[24];

    fprintf(to, "world 0x%" PRIx64 " of %s, line %u: %s, %s\n", w->id, w->file, w->line,
            mmu_tv_value(MMU_TV_ISA, w->key[MMU_TV_ISA], isa),
            mmu_tv_value(MMU_TV_MODE, w->key[MMU_TV_MODE], mode));
    if (e->slow.format == MMU_FORMAT_X86)
        print_x86(e, to);
    else
        print_classic(e, to);
    fprintf(to, "  RAM: 0x%" PRIx64 "-0x%" PRIx64 "\n", w->ram_base, w->ram_base + w->ram_size - 1);
}

/* ---- steps -------------------------------------------------------------------------------------------- */

static void print_fields(const mmu_explain_t *e, const mmu_trail_step_t *s, FILE *to)
{
    const mmu_explain_field_t *field = mmu_explain_word_fields(e, s);

    for (bool wide = true; field->name != NULL; field++) {
        const bool now = field->bits > 1;

        /* Those of several bits stand apart. */
        fprintf(to, now || wide ? "  %s" : " %s", field->name);
        fprintf(to, now ? " 0x%" PRIx64 : "%" PRIx64, mmu_explain_field_value(field, s->word));
        wide = now;
    }
    fputc('\n', to);
}

static void print_step(const mmu_explain_t *e, const mmu_trail_step_t *s, FILE *to)
{
    const int digits = s->wide ? 16 : 8;

    if (s->op == MMU_TRAIL_CAS)
        fprintf(to, "  set A or D in the word at 0x%" PRIx64 "\n", s->addr);
    else
        fprintf(to, "  level %u: %s %" PRIu64 " at 0x%" PRIx64 "\n", s->level,
                mmu_explain_word_name(e, s->level), mmu_explain_word_number(e, s), s->addr);
    if (s->error) {
        fprintf(to, "      -> access fault: no RAM is there\n");
        return;
    }
    if (s->op == MMU_TRAIL_CAS) {
        fprintf(to, "      0x%0*" PRIx64 " -> 0x%0*" PRIx64 "%s\n", digits, s->word, digits, s->new_word,
                s->lost ? ": lost, the word had changed and is judged anew" : "");
        return;
    }
    fprintf(to, "      word 0x%0*" PRIx64, digits, s->word);
    print_fields(e, s, to);
    fprintf(to, "      -> %s%s\n", s->kind == MMU_STEP_FAULT ? "fault: " : "", mmu_rule_text(s->rule));
}

static void print_steps(const mmu_explain_t *e, FILE *to)
{
    const mmu_arch_trail_t *trail = &e->trail;
    const unsigned kept = trail->count < MMU_TRAIL_STEPS ? trail->count : MMU_TRAIL_STEPS;
    const char *start = mmu_explain_start(e);

    fprintf(to, "walk:\n");
    if (start != NULL)
        fprintf(to, "  %s\n", start);
    for (unsigned i = 0; i < kept; i++)
        if (trail->step[i].op != MMU_TRAIL_FINAL)
            print_step(e, &trail->step[i], to);
    if (trail->count > MMU_TRAIL_STEPS)
        fprintf(to, "  and %u steps more\n", trail->count - MMU_TRAIL_STEPS);
}

void mmu_explain_print_other(const mmu_explain_t *e, FILE *to)
{
    static const char *const accesses[] = {"fetch", "load", "store", "load with execute permission",
                                           "append"};

    print_world(e, to);
    fprintf(to, "access: %s from %s of 0x%" PRIx64, accesses[e->rq.acc % 5],
            e->access.priv == MMU_TV_PRIV_M    ? "M"
            : e->access.priv == MMU_TV_PRIV_U  ? "user"
            : e->slow.format == MMU_FORMAT_X86 ? "supervisor"
                                               : "kernel",
            e->rq.va);
    mmu_explain_print_memory(e, to);
    print_steps(e, to);
}
