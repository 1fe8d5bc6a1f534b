/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A report from its first to its last trace.
 */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

mmu_report_t *mmu_report_new(const mmu_report_options_t *options)
{
    mmu_report_t *report = calloc(1, sizeof *report);

    if (report == NULL)
        abort();
    report->opt = *options;
    report->opt.title = mmu_report_utf8(report, options->title);
    report->opt.command = mmu_report_utf8(report, options->command);
    report->opt.version = mmu_report_utf8(report, options->version);
    mmu_report_begin_summary(report);
    return report;
}

/* "../x/cc1.trc.zst": "cc1"; where the report has one of that name already, "cc1 (2)". */
static const char *name_of(mmu_report_t *report, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = mmu_report_utf8(report, slash != NULL ? slash + 1 : path), *dot;
    const char *unique = name;
    unsigned count = 1;

    dot = *name != '\0' ? strchr(name + 1, '.') : NULL;
    if (dot != NULL)
        *dot = '\0';
    for (const mmu_report_section_t *s = report->sections; s != NULL; s = s->next)
        if (s->level == 2 && s->trace != NULL && strcmp(s->trace, unique) == 0) {
            unique = mmu_report_format(report, "%s (%u)", name, ++count);
            s = report->sections;
        }
    return unique;
}

bool mmu_report_trace(mmu_report_t *report, const char *path, char *err, size_t n)
{
    mmu_report_sizing_t *sizing = mmu_report_alloc(report, sizeof *sizing);

    mmu_report_clocks_t *clocks = mmu_report_alloc(report, sizeof *clocks);

    sizing->name = name_of(report, path);
    sizing->path = path;
    if (!mmu_report_size(report, sizing, err, n))
        return false;
    if (report->opt.configs != 0)
        mmu_report_run(report, path, clocks);
    mmu_report_summarise(report, sizing, clocks);
    mmu_report_trace_section(report, sizing);
    mmu_report_clocks(report, sizing, clocks);
    mmu_report_views(report, sizing);
    return true;
}
