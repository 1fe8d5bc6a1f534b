/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The closing table, as text and as JSON, from the environment's counts and the MMU's events.
 */
#include "lockwalk/mmu_env.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- numbers for people --------------------------------------------------------------------- */

#define NUMBER_SIZE 32

/* 1234567 -> "1,234,567". */
static const char *number(uint64_t value, char text[NUMBER_SIZE])
{
    char digits[NUMBER_SIZE];
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

static double ratio(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0.0 : (double)part / (double)whole;
}

/* ---- text ----------------------------------------------------------------------------------- */

/* A row of three columns: instruction, data, both. */
static void row_ports(FILE *f, const char *name, uint64_t instruction, uint64_t data)
{
    char a[NUMBER_SIZE], b[NUMBER_SIZE], c[NUMBER_SIZE];

    fprintf(f, "  %-24s %15s %15s %15s\n", name, number(instruction, a), number(data, b),
            number(instruction + data, c));
}

static void row(FILE *f, const char *name, uint64_t value, const char *note)
{
    char a[NUMBER_SIZE];

    fprintf(f, "  %-24s %15s%s%s\n", name, number(value, a), note[0] == '\0' ? "" : "  ", note);
}

static void row_hit_rate(FILE *f, const uint64_t *ev)
{
    uint64_t hit[2] = {ev[MMU_EV_L1_HIT_I], ev[MMU_EV_L1_HIT_D]};
    uint64_t all[2] = {hit[0] + ev[MMU_EV_L1_MISS_I], hit[1] + ev[MMU_EV_L1_MISS_D]};

    fprintf(f, "  %-24s %14.3f%% %14.3f%% %14.3f%%\n", "L1 hit rate", 100 * ratio(hit[0], all[0]),
            100 * ratio(hit[1], all[1]), 100 * ratio(hit[0] + hit[1], all[0] + all[1]));
}

/* "4 KiB" from log2 of the bytes. */
static void size_name(unsigned lg, char text[16])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB"};

    snprintf(text, 16, "%u %s", 1u << lg % 10, units[lg / 10 & 3u]);
}

static void pages_row(FILE *f, const mmu_env_stats_t *s)
{
    static const uint8_t usual[3] = {12, 21, 30};
    char name[3][16], note[160];

    for (unsigned k = 0; k < 3; k++)
        size_name(s->page_lg[k] == 0 ? usual[k] : s->page_lg[k], name[k]);
    snprintf(note, sizeof note, "(%s: %" PRIu64 ", %s: %" PRIu64 ", %s: %" PRIu64 ")", name[0],
             s->pages_mapped[0], name[1], s->pages_mapped[1], name[2], s->pages_mapped[2]);
    row(f, "pages mapped", s->pages_mapped[0] + s->pages_mapped[1] + s->pages_mapped[2], note);
}

static void judge_rows(FILE *f, const mmu_judge_counts_t *j)
{
    char a[NUMBER_SIZE], b[NUMBER_SIZE], note[160];

    snprintf(note, sizeof note, "(legal: %s, undecided: %s)", number(j->legal, a), number(j->undecided, b));
    row(f, "answers judged", j->answers, note);
    snprintf(note, sizeof note, "(reads: %s, compare-and-swaps: %s, undecided: %" PRIu64 ")",
             number(j->reads, a), number(j->swaps, b), j->port_undecided);
    row(f, "walk accesses judged", j->reads + j->swaps, note);
}

/* Look-ups of guest physical addresses; nothing where there were none. */
static void g_stage_rows(FILE *f, const uint64_t *ev)
{
    char note[160];

    if (ev[MMU_EV_G_HIT] + ev[MMU_EV_G_MISS] == 0)
        return;
    snprintf(note, sizeof note, "(%" PRIu64 " refused)", ev[MMU_EV_G_REFUSE]);
    row(f, "G TLB hits", ev[MMU_EV_G_HIT], "");
    row(f, "G TLB misses", ev[MMU_EV_G_MISS], note);
    snprintf(note, sizeof note,
             "(by level of the pointer: 1: %" PRIu64 ", 2: %" PRIu64 ", 3: %" PRIu64 ", 4: %" PRIu64 ")",
             ev[MMU_EV_GPWC_HIT_1], ev[MMU_EV_GPWC_HIT_2], ev[MMU_EV_GPWC_HIT_3], ev[MMU_EV_GPWC_HIT_4]);
    row(f, "G walk-cache hits",
        ev[MMU_EV_GPWC_HIT_1] + ev[MMU_EV_GPWC_HIT_2] + ev[MMU_EV_GPWC_HIT_3] + ev[MMU_EV_GPWC_HIT_4], note);
}

static void table(FILE *f, const mmu_env_stats_t *s)
{
    const uint64_t *ev = s->events;
    uint64_t accesses = s->answered[0] + s->answered[1];
    uint64_t pwc = ev[MMU_EV_PWC_HIT_1] + ev[MMU_EV_PWC_HIT_2] + ev[MMU_EV_PWC_HIT_3] + ev[MMU_EV_PWC_HIT_4];
    char note[160];

    fprintf(f, "  %-24s %15s %15s %15s\n", "", "instruction", "data", "both");
    row_ports(f, "accesses", s->answered[0], s->answered[1]);
    row_ports(f, "L1 hits", ev[MMU_EV_L1_HIT_I], ev[MMU_EV_L1_HIT_D]);
    row_ports(f, "L1 misses", ev[MMU_EV_L1_MISS_I], ev[MMU_EV_L1_MISS_D]);
    row_ports(f, "L1 refused entries", ev[MMU_EV_L1_REFUSE_I], ev[MMU_EV_L1_REFUSE_D]);
    row_hit_rate(f, ev);
    row_ports(f, "faults answered", s->faults[0], s->faults[1]);
    row_ports(f, "clocks stalled", ev[MMU_EV_STALL_I], ev[MMU_EV_STALL_D]);
    if (s->killed[0] + s->killed[1] != 0)
        row_ports(f, "requests killed", s->killed[0], s->killed[1]);
    fprintf(f, "\n");
    row(f, "clocks", s->clocks, "");
    fprintf(f, "  %-24s %15.3f\n", "clocks per access", ratio(s->clocks, accesses));
    row(f, "L2 hits", ev[MMU_EV_L2_HIT], "");
    row(f, "L2 misses", ev[MMU_EV_L2_MISS], "");
    row(f, "L2 refused entries", ev[MMU_EV_L2_REFUSE], "");
    snprintf(note, sizeof note,
             "(%" PRIu64 " with a leaf, %" PRIu64 " with a fault; %" PRIu64 " joined, %" PRIu64 " restarted)",
             ev[MMU_EV_WALK_LEAF], ev[MMU_EV_WALK_FAULT], ev[MMU_EV_WALK_MERGE], ev[MMU_EV_WALK_RESTART]);
    row(f, "walks", ev[MMU_EV_WALK_START], note);
    snprintf(note, sizeof note,
             "(by level of the pointer: 1: %" PRIu64 ", 2: %" PRIu64 ", 3: %" PRIu64 ", 4: %" PRIu64 ")",
             ev[MMU_EV_PWC_HIT_1], ev[MMU_EV_PWC_HIT_2], ev[MMU_EV_PWC_HIT_3], ev[MMU_EV_PWC_HIT_4]);
    row(f, "walk-cache hits", pwc, note);
    if (ev[MMU_EV_CHAIN] != 0)
        row(f, "further rows looked at", ev[MMU_EV_CHAIN], "");
    g_stage_rows(f, ev);
    row(f, "memory reads", s->mem_reads, "");
    snprintf(note, sizeof note, "(%" PRIu64 " failed)", s->mem_cas_failed);
    row(f, "compare-and-swaps", s->mem_cas, note);
    if (s->mem_errors != 0)
        row(f, "memory errors", s->mem_errors, "");
    if (ev[MMU_EV_FENCE] != 0)
        row(f, "fences", ev[MMU_EV_FENCE], "");
    if (s->pages_mapped[0] + s->pages_mapped[1] + s->pages_mapped[2] != 0)
        pages_row(f, s);
    if (s->ad_set != 0)
        row(f, "A/D set by the pager", s->ad_set, "");
    if (s->retries != 0)
        row(f, "accesses retried", s->retries, "");
    if (s->judge != NULL)
        judge_rows(f, s->judge);
}

char *mmu_env_report_text(const mmu_env_stats_t *stats)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    if (f == NULL)
        abort();
    table(f, stats);
    fclose(f);
    return text;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *ports(const uint64_t value[MMU_PORTS])
{
    return json_pack("{s:o, s:o}", "instruction", integer(value[MMU_PORT_I]), "data",
                     integer(value[MMU_PORT_D]));
}

static json_t *ports_of(uint64_t instruction, uint64_t data)
{
    return ports((const uint64_t[MMU_PORTS]){instruction, data});
}

struct json_t *mmu_env_report_json(const mmu_env_stats_t *s)
{
    const uint64_t *ev = s->events;
    uint64_t accesses = s->answered[0] + s->answered[1];
    json_t *all = json_object();
    json_t *events = json_object();
    char sum[24];

    json_object_set_new(all, "clocks", integer(s->clocks));
    json_object_set_new(all, "accesses", ports(s->answered));
    json_object_set_new(all, "clocks_per_access", json_real(ratio(s->clocks, accesses)));
    json_object_set_new(all, "faults", ports(s->faults));
    json_object_set_new(all, "killed", ports(s->killed));
    json_object_set_new(all, "retries", integer(s->retries));
    json_object_set_new(all, "l1_hits", ports_of(ev[MMU_EV_L1_HIT_I], ev[MMU_EV_L1_HIT_D]));
    json_object_set_new(all, "l1_misses", ports_of(ev[MMU_EV_L1_MISS_I], ev[MMU_EV_L1_MISS_D]));
    json_object_set_new(all, "l2_hits", integer(ev[MMU_EV_L2_HIT]));
    json_object_set_new(all, "l2_misses", integer(ev[MMU_EV_L2_MISS]));
    json_object_set_new(all, "walks", integer(ev[MMU_EV_WALK_START]));
    json_object_set_new(
        all, "walk_cache_hits",
        integer(ev[MMU_EV_PWC_HIT_1] + ev[MMU_EV_PWC_HIT_2] + ev[MMU_EV_PWC_HIT_3] + ev[MMU_EV_PWC_HIT_4]));
    json_object_set_new(all, "g_tlb_hits", integer(ev[MMU_EV_G_HIT]));
    json_object_set_new(all, "g_tlb_misses", integer(ev[MMU_EV_G_MISS]));
    json_object_set_new(all, "memory_reads", integer(s->mem_reads));
    json_object_set_new(all, "compare_and_swaps", integer(s->mem_cas));
    json_object_set_new(all, "compare_and_swaps_failed", integer(s->mem_cas_failed));
    json_object_set_new(all, "memory_errors", integer(s->mem_errors));
    json_object_set_new(all, "pages_mapped",
                        json_pack("{s:o, s:o, s:o}", "4k", integer(s->pages_mapped[0]), "2m",
                                  integer(s->pages_mapped[1]), "1g", integer(s->pages_mapped[2])));
    json_object_set_new(all, "ad_set_by_pager", integer(s->ad_set));
    if (s->judge != NULL)
        json_object_set_new(all, "judge",
                            json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "answers", integer(s->judge->answers),
                                      "legal", integer(s->judge->legal), "undecided",
                                      integer(s->judge->undecided), "walk_reads", integer(s->judge->reads),
                                      "walk_swaps", integer(s->judge->swaps), "walk_undecided",
                                      integer(s->judge->port_undecided)));
    for (unsigned n = 0; n < MMU_EVENT_W; n++)
        json_object_set_new(events, mmu_event_name(n), integer(ev[n]));
    json_object_set_new(all, "events", events);
    snprintf(sum, sizeof sum, "0x%016" PRIx64, s->answers_sum);
    json_object_set_new(all, "answers_sum", json_string(sum));
    return all;
}
