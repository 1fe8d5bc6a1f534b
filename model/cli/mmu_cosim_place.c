/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Where a simulation is built from and kept.
 */
#include "cli/mmu_cosim_place.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Without links; NULL: err tells. */
static char *absolute(const char *path, const char *what, char *err, size_t n)
{
    char *full = realpath(path, NULL);

    if (full == NULL)
        snprintf(err, n, "%s '%s': %s", what, path, strerror(errno));
    return full;
}

/* It need not exist. */
static char *absolute_folder(const char *path, char *err, size_t n)
{
    char here[PATH_MAX], *full = NULL;

    if (path[0] == '/')
        return strdup(path);
    if (getcwd(here, sizeof here) == NULL || asprintf(&full, "%s/%s", here, path) < 0) {
        snprintf(err, n, "'%s': %s", path, strerror(errno));
        return NULL;
    }
    return full;
}

/* Simulations are kept beside the tree that they are built from. */
static char *simulations(const char *build_dir, const char *root, char *err, size_t n)
{
    char *path = NULL;

    if (build_dir != NULL)
        return absolute_folder(build_dir, err, n);
    if (getenv("LOCKWALK_ROOT") == NULL)
        return strdup(MMU_BUILD_DIR "/rtl");
    return asprintf(&path, "%s/build/rtl", root) < 0 ? NULL : path;
}

bool mmu_cosim_find_place(mmu_cosim_place_t *place, const char *rtl, const char *build_dir, char *err,
                          size_t n)
{
    const char *named = getenv("LOCKWALK_ROOT");

    memset(place, 0, sizeof *place);
    snprintf(err, n, "no memory");
    place->root =
        absolute(named != NULL ? named : MMU_SOURCE_DIR,
                 named != NULL ? "LOCKWALK_ROOT" : "the source tree (LOCKWALK_ROOT names another)", err, n);
    if (place->root != NULL)
        place->build_dir = simulations(build_dir, place->root, err, n);
    if (place->build_dir != NULL && rtl != NULL)
        place->rtl = absolute(rtl, "--rtl", err, n);
    if (place->build_dir != NULL && (rtl == NULL || place->rtl != NULL))
        return true;
    mmu_cosim_free_place(place);
    return false;
}

void mmu_cosim_free_place(mmu_cosim_place_t *place)
{
    free(place->root);
    free(place->build_dir);
    free(place->rtl);
    memset(place, 0, sizeof *place);
}

char *mmu_cosim_build_at(const mmu_cosim_place_t *place, const char *config, const char *cfg)
{
    const mmu_cosim_build_t what = {
        .root = place->root, .build_dir = place->build_dir, .rtl = place->rtl, .config = config, .cfg = cfg};

    return mmu_cosim_build(&what);
}
