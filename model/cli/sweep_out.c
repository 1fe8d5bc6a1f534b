/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What `lockwalk sweep` prints; see sweep_out.h.
 */
#include "cli/sweep_out.h"

#include <inttypes.h>
#include <string.h>

#define TABLE_COLUMNS 12u /* of more ways only powers of two are in tables */
#define LISTED_SHAPES 12u /* of more shapes windows are not listed for people */

static double ratio(uint64_t misses, uint64_t accesses)
{
    return accesses == 0 ? 0.0 : (double)misses / (double)accesses;
}

static double mpki(const mmu_sweep_out_t *out, uint64_t misses)
{
    return out->instructions == 0 ? 0.0 : (double)misses * 1000 / (double)out->instructions;
}

/* ---- CSV ---------------------------------------------------------------------------------------------------- */

/* A name as a field: quoted where it holds what separates fields (RFC 4180). */
static void csv_name(FILE *csv, const char *name)
{
    if (strpbrk(name, ",\"\r\n") == NULL) {
        fputs(name, csv);
        return;
    }
    putc('"', csv);
    for (; *name != '\0'; name++) {
        if (*name == '"')
            putc('"', csv);
        putc(*name, csv);
    }
    putc('"', csv);
}

void mmu_sweep_out_csv_head(const mmu_sweep_out_t *out)
{
    if (out->opt->l1s != 0)
        fprintf(out->csv, "trace,level,sets,ways,accesses,misses\n");
    else
        fprintf(out->csv, "trace,stream,page,policy,sets,ways,%saccesses,misses\n",
                out->opt->window != 0 ? "from,"
                : out->opt->per_set   ? "set,"
                                      : "");
}

static void csv_shape(const mmu_sweep_out_t *out, const mmu_sweep_result_t *r)
{
    char page[16];

    csv_name(out->csv, out->trace);
    fprintf(out->csv, ",%s,%s,%s,%u,%" PRIu32, mmu_sweep_stream_name(r->stream),
            mmu_sweep_page_name(r->page_lg, page), mmu_sweep_policy_name(r->policy), 1u << r->sets_log2,
            r->ways);
}

static void csv_counts(const mmu_sweep_out_t *out, const mmu_sweep_result_t *r,
                       const mmu_sweep_count_t *count, size_t n, uint64_t step)
{
    for (size_t i = 0; i < n; i++) {
        csv_shape(out, r);
        fprintf(out->csv, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", i * step, count[i].accesses,
                count[i].misses);
    }
}

static void csv_result(const mmu_sweep_out_t *out, const mmu_sweep_result_t *r)
{
    if (r->window != NULL) {
        csv_counts(out, r, r->window, r->windows, out->window);
    } else if (out->opt->per_set) {
        csv_counts(out, r, r->set, r->set != NULL ? (size_t)1 << r->sets_log2 : 0, 1);
    } else {
        csv_shape(out, r);
        fprintf(out->csv, ",%" PRIu64 ",%" PRIu64 "\n", r->accesses, r->misses);
    }
}

/* ---- JSON --------------------------------------------------------------------------------------------------- */

static void json_counts(json_t *json, const char *name, const mmu_sweep_count_t *count, size_t n)
{
    json_t *accesses = json_array(), *misses = json_array();

    for (size_t i = 0; i < n; i++) {
        json_array_append_new(accesses, json_integer((json_int_t)count[i].accesses));
        json_array_append_new(misses, json_integer((json_int_t)count[i].misses));
    }
    json_object_set_new(json, name, json_pack("{s:o, s:o}", "accesses", accesses, "misses", misses));
}

static void json_result(const mmu_sweep_out_t *out, const mmu_sweep_result_t *r)
{
    char page[16];
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:i, s:I, s:I, s:I, s:f}", "trace", out->trace, "stream",
                             mmu_sweep_stream_name(r->stream), "page", mmu_sweep_page_name(r->page_lg, page),
                             "policy", mmu_sweep_policy_name(r->policy), "sets", 1 << r->sets_log2, "ways",
                             (json_int_t)r->ways, "accesses", (json_int_t)r->accesses, "misses",
                             (json_int_t)r->misses, "miss_ratio", ratio(r->misses, r->accesses));

    if (out->instructions != 0)
        json_object_set_new(json, "mpki", json_real(mpki(out, r->misses)));
    if (out->opt->classes) {
        const mmu_sweep_classes_t c = mmu_sweep_classes(r);

        json_object_set_new(json, "compulsory", json_integer((json_int_t)c.compulsory));
        json_object_set_new(json, "flushed", json_integer((json_int_t)c.flushed));
        json_object_set_new(json, "capacity", json_integer((json_int_t)c.capacity));
        json_object_set_new(json, "conflict", json_integer((json_int_t)c.conflict));
    }
    if (r->window != NULL) {
        json_object_set_new(json, "window", json_integer((json_int_t)out->window));
        json_counts(json, "windows", r->window, r->windows);
    }
    if (r->set != NULL)
        json_counts(json, "by_set", r->set, (size_t)1 << r->sets_log2);
    json_array_append_new(out->json, json);
}

/* ---- tables ------------------------------------------------------------------------------------------------- */

static bool in_table(const mmu_sweep_out_t *out, uint32_t ways)
{
    return out->opt->ways <= TABLE_COLUMNS || (ways & (ways - 1)) == 0;
}

static void table_head(const mmu_sweep_out_t *out, const mmu_sweep_result_t *r)
{
    static const char *const cells[] = {"misses", "misses per 1000 instructions", "misses per access"};
    char page[16];

    printf("%s%s: %s stream, pages of %s, %s: %" PRIu64 " accesses; %s by sets (down) and ways (across)\n%8s",
           out->cells == 0 ? "" : "\n", out->trace, mmu_sweep_stream_name(r->stream),
           mmu_sweep_page_name(r->page_lg, page), mmu_sweep_policy_name(r->policy), r->accesses,
           cells[out->show], "");
    for (unsigned w = 0; w < out->opt->ways; w++)
        if (in_table(out, out->opt->way[w]))
            printf(" %10" PRIu32, out->opt->way[w]);
}

/* PLRU has no shapes of other ways than powers of two: their columns stay empty. */
static void empty_cells(const mmu_sweep_out_t *out, const mmu_sweep_result_t *r, bool new_row)
{
    unsigned w = 0;

    while (!new_row && out->opt->way[w] != out->last.ways)
        w++;
    for (w += !new_row; out->opt->way[w] != r->ways; w++)
        if (in_table(out, out->opt->way[w]))
            printf(" %10s", "");
}

static void table_cell(mmu_sweep_out_t *out, const mmu_sweep_result_t *r)
{
    const mmu_sweep_result_t *last = &out->last;
    const bool fresh = out->cells == 0 || last->stream != r->stream || last->page_lg != r->page_lg ||
                       last->policy != r->policy;
    const bool new_row = fresh || last->sets_log2 != r->sets_log2;

    if (fresh)
        table_head(out, r);
    if (new_row)
        printf("\n%8u", 1u << r->sets_log2);
    empty_cells(out, r, new_row);
    if (!in_table(out, r->ways))
        ;
    else if (out->show == SWEEP_SHOW_MPKI)
        printf(" %10.3f", mpki(out, r->misses));
    else if (out->show == SWEEP_SHOW_RATIO)
        printf(" %10.6f", ratio(r->misses, r->accesses));
    else
        printf(" %10" PRIu64, r->misses);
    out->cells++;
    out->last = *r;
}

static void list_shape(const mmu_sweep_out_t *out, const mmu_sweep_result_t *r)
{
    char page[16];

    printf("%s: %s stream, pages of %s, %s, %u x %" PRIu32 ": %" PRIu64 " accesses, %" PRIu64 " misses",
           out->trace, mmu_sweep_stream_name(r->stream), mmu_sweep_page_name(r->page_lg, page),
           mmu_sweep_policy_name(r->policy), 1u << r->sets_log2, r->ways, r->accesses, r->misses);
}

static void list_classes(const mmu_sweep_out_t *out, const mmu_sweep_result_t *r)
{
    const mmu_sweep_classes_t c = mmu_sweep_classes(r);

    list_shape(out, r);
    printf(" = %" PRIu64 " compulsory + ", c.compulsory);
    if (out->opt->no_asid || out->opt->flush_every != 0)
        printf("%" PRIu64 " flushed + ", c.flushed);
    printf("%" PRIu64 " capacity + %" PRIu64 " conflict", c.capacity, c.conflict);
    if (out->instructions != 0)
        printf("; %.3f per 1000 instructions", mpki(out, r->misses));
    printf("; ratio %.6f\n", ratio(r->misses, r->accesses));
}

static void list_counts(const mmu_sweep_out_t *out, const mmu_sweep_result_t *r, const char *what,
                        const mmu_sweep_count_t *count, size_t n, uint64_t step)
{
    list_shape(out, r);
    printf("\n%14s %12s %12s %9s\n", what, "accesses", "misses", "ratio");
    for (size_t i = 0; i < n; i++)
        printf("%14" PRIu64 " %12" PRIu64 " %12" PRIu64 " %9.6f\n", i * step, count[i].accesses,
               count[i].misses, ratio(count[i].misses, count[i].accesses));
}

static void tell_result(void *user, const mmu_sweep_result_t *r)
{
    mmu_sweep_out_t *out = user;

    if (out->csv != NULL)
        csv_result(out, r);
    if (out->json != NULL)
        json_result(out, r);
    if (!out->table)
        return;
    if (r->window != NULL && out->opt->sets * out->opt->ways <= LISTED_SHAPES)
        list_counts(out, r, "from access", r->window, r->windows, out->window);
    else if (r->set != NULL)
        list_counts(out, r, "set", r->set, (size_t)1 << r->sets_log2, 1);
    else if (out->opt->classes)
        list_classes(out, r);
    else
        table_cell(out, r);
}

/* ---- hierarchies ---------------------------------------------------------------------------------------------- */

static void tell_level(void *user, const mmu_sweep_level_t *level)
{
    static const char *const names[] = {"L1I", "L1D", "L2"};
    mmu_sweep_out_t *out = user;
    const mmu_sweep_options_t *opt = out->opt;
    char name[64], page[16];

    snprintf(name, sizeof name, "%s", names[level->level]);
    if (level->level == 2 && opt->l1s > 1)
        snprintf(name, sizeof name, "L2 behind %ux%u+%ux%u", 1u << opt->l1i[level->l1].sets_log2,
                 (unsigned)opt->l1i[level->l1].ways, 1u << opt->l1d[level->l1].sets_log2,
                 (unsigned)opt->l1d[level->l1].ways);
    mmu_sweep_page_name(level->page_lg, page);
    if (opt->pages > 1)
        snprintf(name + strlen(name), sizeof name - strlen(name), " %s", page);
    if (out->csv != NULL) {
        csv_name(out->csv, out->trace);
        fprintf(out->csv, ",%s,%u,%" PRIu32 ",%" PRIu64 ",%" PRIu64 "\n", name, 1u << level->shape.sets_log2,
                level->shape.ways, level->accesses, level->misses);
    }
    if (out->json != NULL)
        json_array_append_new(out->json,
                              json_pack("{s:s, s:s, s:s, s:i, s:i, s:I, s:I, s:f}", "trace", out->trace,
                                        "level", name, "page", page, "sets", 1 << level->shape.sets_log2,
                                        "ways", (int)level->shape.ways, "accesses",
                                        (json_int_t)level->accesses, "misses", (json_int_t)level->misses,
                                        "miss_ratio", ratio(level->misses, level->accesses)));
    if (out->table)
        printf("%s: %-24s %5u x %-5" PRIu32 " %12" PRIu64 " accesses %12" PRIu64 " misses, ratio %.6f\n",
               out->trace, name, 1u << level->shape.sets_log2, level->shape.ways, level->accesses,
               level->misses, ratio(level->misses, level->accesses));
}

bool mmu_sweep_out_trace(mmu_sweep_out_t *out, const mmu_sweep_t *sweep)
{
    out->cells = 0;
    out->window = mmu_sweep_window(sweep);
    if (!mmu_sweep_results(sweep, tell_result, out))
        return false;
    if (out->cells != 0)
        printf("\n");
    if (out->cells != 0 && out->opt->ways > TABLE_COLUMNS)
        printf("(ways that are powers of two; --csv and --json tell all of them)\n");
    if (out->cells != 0 && out->opt->window != 0)
        printf("(windows are listed of up to %u shapes; --csv and --json tell all of them)\n", LISTED_SHAPES);
    mmu_sweep_levels(sweep, tell_level, out);
    return true;
}
