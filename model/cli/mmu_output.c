/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Files that are whole or not there; see mmu_output.h.
 */
#include "cli/mmu_output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool fail(const char *path, char *err, size_t n)
{
    snprintf(err, n, "%s cannot be written: %s", path, strerror(errno));
    return false;
}

bool mmu_output_open(mmu_output_t *output, const char *path, char *err, size_t n)
{
    struct stat there;

    *output = (mmu_output_t){.path = path};
    if (strcmp(path, "-") == 0) {
        output->file = stdout;
        return true;
    }
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode)) {
        output->file = fopen(path, "w");
        return output->file != NULL || fail(path, err, n);
    }
    output->part = malloc(strlen(path) + sizeof ".part");
    if (output->part == NULL)
        return fail(path, err, n);
    sprintf(output->part, "%s.part", path);
    output->file = fopen(output->part, "w");
    if (output->file != NULL)
        return true;
    free(output->part);
    return fail(path, err, n);
}

bool mmu_output_close(mmu_output_t *output, bool good, char *err, size_t n)
{
    bool whole = ferror(output->file) == 0 && fflush(output->file) == 0;

    if (output->file != stdout)
        whole = fclose(output->file) == 0 && whole;
    if (good && !whole)
        fail(output->path, err, n);
    good = good && whole;
    if (output->part != NULL) {
        if (good && rename(output->part, output->path) != 0)
            good = fail(output->path, err, n);
        if (!good)
            remove(output->part);
        free(output->part);
    }
    return good;
}
