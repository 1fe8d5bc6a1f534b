/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Files that are whole, or not there: written beside their place and moved into it.
 */
#include "report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool mmu_report_file(const char *path, void (*write)(const void *what, FILE *to), const void *what, char *err,
                     size_t n)
{
    const size_t size = strlen(path) + sizeof ".part";
    char *part = malloc(size);
    FILE *to;
    bool good;

    if (part == NULL)
        abort();
    snprintf(part, size, "%s.part", path);
    to = fopen(part, "w");
    good = to != NULL;
    if (good) {
        write(what, to);
        good = ferror(to) == 0;
        good = fclose(to) == 0 && good && rename(part, path) == 0;
    }
    if (!good) {
        snprintf(err, n, "%s cannot be written: %s", path, strerror(errno));
        if (to != NULL)
            remove(part);
    }
    free(part);
    return good;
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
