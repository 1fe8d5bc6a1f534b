/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk run --compare`: several configurations on one trace, a column each.
 */
#include "cli/mmu_cli.h"
#include "cli/run_one.h"
#include "lockwalk/mmu_area.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    mmu_cfg_t cfg;
    mmu_cfg_about_t about;
    mmu_runner_t *run;
    const mmu_run_result_t *r;
} column_t;

/* ---- the rows ------------------------------------------------------------------------------------------ */

static double clocks(const column_t *c, const column_t *first)
{
    (void)first;
    return (double)c->r->counts.clocks;
}

static double accesses(const column_t *c, const column_t *first)
{
    (void)first;
    return (double)mmu_run_accesses(&c->r->counts);
}

static double clocks_per_access(const column_t *c, const column_t *first)
{
    (void)first;
    return mmu_run_clocks_per_access(&c->r->counts);
}

/* Clocks an access of the first one, over those of this one. */
static double speed_up(const column_t *c, const column_t *first)
{
    const double mine = mmu_run_clocks_per_access(&c->r->counts);

    return mine == 0 ? 0.0 : mmu_run_clocks_per_access(&first->r->counts) / mine;
}

static double translation_i(const column_t *c, const column_t *first)
{
    (void)first;
    return mmu_hist_mean(&c->r->translation[MMU_PORT_I]);
}

static double translation_d(const column_t *c, const column_t *first)
{
    (void)first;
    return mmu_hist_mean(&c->r->translation[MMU_PORT_D]);
}

static double translation_p99(const column_t *c, const column_t *first)
{
    (void)first;
    return (double)mmu_hist_percentile(&c->r->translation[MMU_PORT_D], 99);
}

static double mpki(const column_t *c, unsigned event)
{
    return mmu_run_mpki(&c->r->counts, c->r->counts.events[event]);
}

static double l1_i(const column_t *c, const column_t *first)
{
    (void)first;
    return mpki(c, MMU_EV_L1_MISS_I);
}

static double l1_d(const column_t *c, const column_t *first)
{
    (void)first;
    return mpki(c, MMU_EV_L1_MISS_D);
}

static double l2(const column_t *c, const column_t *first)
{
    (void)first;
    return mpki(c, MMU_EV_L2_MISS);
}

static double walks(const column_t *c, const column_t *first)
{
    (void)first;
    return mpki(c, MMU_EV_WALK_START);
}

static double walk_mean(const column_t *c, const column_t *first)
{
    (void)first;
    return mmu_hist_mean(&c->r->walk);
}

static double walk_p99(const column_t *c, const column_t *first)
{
    (void)first;
    return (double)mmu_hist_percentile(&c->r->walk, 99);
}

static double walk_cache_hits(const column_t *c, const column_t *first)
{
    const uint64_t *ev = c->r->counts.events;
    const uint64_t hits =
        ev[MMU_EV_PWC_HIT_1] + ev[MMU_EV_PWC_HIT_2] + ev[MMU_EV_PWC_HIT_3] + ev[MMU_EV_PWC_HIT_4];

    (void)first;
    return ev[MMU_EV_WALK_START] == 0 ? 0.0 : 100.0 * (double)hits / (double)ev[MMU_EV_WALK_START];
}

static double memory_reads(const column_t *c, const column_t *first)
{
    (void)first;
    return (double)c->r->counts.mem_reads;
}

static double stalls(const column_t *c, const column_t *first)
{
    (void)first;
    return (double)(c->r->counts.events[MMU_EV_STALL_I] + c->r->counts.events[MMU_EV_STALL_D]);
}

static double storage_bits(const column_t *c, const column_t *first)
{
    mmu_area_t area;

    (void)first;
    mmu_area_of(&c->cfg, NULL, &area);
    return (double)(area.flops + area.memory);
}

typedef struct {
    const char *name; /* for people */
    const char *key;  /* in CSV and JSON */
    unsigned digits;  /* after the point */
    double (*value)(const column_t *column, const column_t *first);
} row_t;

static const row_t rows[] = {
    {"accesses", "accesses", 0, accesses},
    {"clocks", "clocks", 0, clocks},
    {"clocks per access", "clocks_per_access", 4, clocks_per_access},
    {"speed-up over the first", "speed_up", 4, speed_up},
    {"translation, instruction", "translation_instruction", 4, translation_i},
    {"translation, data", "translation_data", 4, translation_d},
    {"translation, data, p99", "translation_data_p99", 0, translation_p99},
    {"L1 misses I /1000 instr.", "l1_instruction_mpki", 3, l1_i},
    {"L1 misses D /1000 instr.", "l1_data_mpki", 3, l1_d},
    {"L2 misses /1000 instr.", "l2_mpki", 3, l2},
    {"walks /1000 instr.", "walks_mpki", 3, walks},
    {"clocks of a walk", "walk_clocks", 2, walk_mean},
    {"clocks of a walk, p99", "walk_clocks_p99", 0, walk_p99},
    {"walk-cache hits, %", "walk_cache_hits_percent", 1, walk_cache_hits},
    {"memory reads", "memory_reads", 0, memory_reads},
    {"clocks stalled", "clocks_stalled", 0, stalls},
    {"bits of storage", "storage_bits", 0, storage_bits},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* ---- output -------------------------------------------------------------------------------------------- */

static void print_table(const column_t *column, unsigned n)
{
    printf("%s\n\n  %-26s", column[0].r->stimulus, "");
    for (unsigned k = 0; k < n; k++)
        printf(" %16.16s", column[k].about.name);
    printf("\n");
    for (unsigned row = 0; row < ROWS; row++) {
        printf("  %-26s", rows[row].name);
        for (unsigned k = 0; k < n; k++)
            printf(" %16.*f", (int)rows[row].digits, rows[row].value(&column[k], &column[0]));
        printf("\n");
    }
}

static void write_csv(FILE *f, const column_t *column, unsigned n)
{
    fprintf(f, "config");
    for (unsigned row = 0; row < ROWS; row++)
        fprintf(f, ",%s", rows[row].key);
    fprintf(f, "\n");
    for (unsigned k = 0; k < n; k++) {
        fprintf(f, "%s", column[k].about.name);
        for (unsigned row = 0; row < ROWS; row++)
            fprintf(f, ",%.*f", (int)rows[row].digits, rows[row].value(&column[k], &column[0]));
        fprintf(f, "\n");
    }
}

/* By way of FILE.part, so that nothing half-written has the name. */
static bool write_csv_file(const char *path, const column_t *column, unsigned n)
{
    char *part = NULL;
    bool good;
    FILE *f;

    if (strcmp(path, "-") == 0) {
        write_csv(stdout, column, n);
        return true;
    }
    if (asprintf(&part, "%s.part", path) < 0)
        abort();
    f = fopen(part, "w");
    good = f != NULL;
    if (good) {
        write_csv(f, column, n);
        good = ferror(f) == 0;
        good = fclose(f) == 0 && good && rename(part, path) == 0;
    }
    if (!good) {
        fprintf(stderr, "lockwalk run: --csv: %s: %s\n", path, strerror(errno));
        (void)remove(part);
    }
    free(part);
    return good;
}

static json_t *column_json(const column_t *c, const column_t *first)
{
    json_t *json = json_object();

    json_object_set_new(json, "config", json_string(c->about.name));
    json_object_set_new(json, "stimulus", json_string(c->r->stimulus));
    json_object_set_new(json, "verdict", json_string(c->r->failure->kind == MMU_ENV_OK ? "good" : "failed"));
    if (c->r->failure->kind != MMU_ENV_OK)
        json_object_set_new(json, "failure", mmu_run_failure_json(c->r->failure));
    for (unsigned row = 0; row < ROWS; row++)
        json_object_set_new(json, rows[row].key,
                            rows[row].digits == 0 ? json_integer((json_int_t)rows[row].value(c, first))
                                                  : json_real(rows[row].value(c, first)));
    json_object_set_new(json, "counts", mmu_env_report_json(&c->r->counts));
    json_object_set_new(json, "figures", mmu_run_report_json(c->r));
    return json;
}

static void print_json(const column_t *column, unsigned n)
{
    json_t *configs = json_array();

    for (unsigned k = 0; k < n; k++)
        json_array_append_new(configs, column_json(&column[k], &column[0]));
    mmu_run_print_json(json_pack("{s:s, s:o}", "command", "run --compare", "configurations", configs));
}

/* ---- the runs ------------------------------------------------------------------------------------------ */

int mmu_run_comparison(const mmu_run_args_t *args)
{
    column_t *column = calloc(args->configs, sizeof *column);
    int status = MMU_EXIT_GOOD;
    unsigned n = 0;

    if (column == NULL)
        abort();
    /* A wrong file is told before minutes of runs. */
    for (unsigned k = 0; k < args->configs; k++) {
        mmu_cfg_errors_t errors;
        if (!mmu_cfg_load(args->config[k], &column[k].cfg, &column[k].about, &errors)) {
            fputs(errors.text, stderr);
            status = MMU_EXIT_USE;
        }
    }
    for (; status != MMU_EXIT_USE && n < args->configs; n++) {
        column_t *c = &column[n];

        c->run = mmu_run_one(args, n, &c->cfg, &c->about);
        if (c->run == NULL) {
            status = MMU_EXIT_USE;
            break;
        }
        c->r = mmu_runner_result(c->run);
        if (c->r->failure->kind != MMU_ENV_OK || !c->r->warmed) {
            fprintf(stderr, "lockwalk run: configuration %s:\n", c->about.name);
            status = mmu_run_verdict_of(c->run);
        }
    }
    if (status != MMU_EXIT_USE) {
        if (args->csv != NULL && !write_csv_file(args->csv, column, n))
            status = MMU_EXIT_USE;
        if (args->json)
            print_json(column, n);
        else if (args->csv == NULL || strcmp(args->csv, "-") != 0)
            print_table(column, n);
    }
    for (unsigned k = 0; k < n; k++)
        mmu_runner_destroy(column[k].run);
    free(column);
    return status;
}
