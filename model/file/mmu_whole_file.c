/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Files that are whole or not there; see mmu_whole_file.h.
 */
#include "file/mmu_whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool fail(const char *path, char *err, size_t n)
{
    snprintf(err, n, "%s cannot be written: %s", path, strerror(errno));
    return false;
}

bool mmu_whole_file_open(mmu_whole_file_t *whole, const char *path, char *err, size_t n)
{
    struct stat there;

    *whole = (mmu_whole_file_t){.path = path};
    if (strcmp(path, "-") == 0) {
        whole->file = stdout;
        return true;
    }
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode)) {
        whole->file = fopen(path, "w");
        return whole->file != NULL || fail(path, err, n);
    }
    if (asprintf(&whole->part, "%s.part", path) < 0) {
        whole->part = NULL;
        return fail(path, err, n);
    }
    whole->file = fopen(whole->part, "w");
    if (whole->file != NULL)
        return true;
    free(whole->part);
    return fail(path, err, n);
}

bool mmu_whole_file_close(mmu_whole_file_t *whole, bool keep, char *err, size_t n)
{
    bool written = fflush(whole->file) == 0 && ferror(whole->file) == 0;

    if (whole->file != stdout)
        written = fclose(whole->file) == 0 && written;
    if (keep && (!written || (whole->part != NULL && rename(whole->part, whole->path) != 0)))
        keep = fail(whole->path, err, n);
    if (!keep && whole->part != NULL)
        remove(whole->part);
    free(whole->part);
    return keep;
}
