/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Files that are whole, or not there: written beside their place and moved into it.
 */
#include "report/report.h"

#include "file/mmu_whole_file.h"

bool mmu_report_file(const char *path, void (*write)(const void *what, FILE *to), const void *what, char *err,
                     size_t n)
{
    mmu_whole_file_t whole;

    if (!mmu_whole_file_open(&whole, path, err, n))
        return false;
    write(what, whole.file);
    return mmu_whole_file_close(&whole, true, err, n);
}

typedef struct {
    const mmu_report_t *report;
    mmu_report_writer_t *writer;
} save_t;

static void save(const void *what, FILE *to)
{
    const save_t *s = what;

    s->writer(s->report, to);
}

bool mmu_report_save(const mmu_report_t *report, mmu_report_writer_t *writer, const char *path, char *err,
                     size_t n)
{
    const save_t what = {report, writer};

    return mmu_report_file(path, save, &what, err, n);
}
