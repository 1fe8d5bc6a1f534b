/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk check` without --config: a preset for each family of formats, and its files played on that.
 */
#include "cli/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { RISCV = 0, X86 = 1, CLASSIC = 2, FAMILIES = 3, NONE = FAMILIES };

static const char *const presets[FAMILIES] = {"vectors-riscv", "vectors-x86", "vectors-classic"};

static unsigned family_of_world(const mmu_tv_world_t *world)
{
    switch (mmu_vectors_format(world)) {
    case MMU_FORMAT_RISCV:
        return RISCV;
    case MMU_FORMAT_X86:
        return X86;
    default:
        return CLASSIC;
    }
}

static void other_family(mmu_check_t *check, const mmu_tv_world_t *world, unsigned family)
{
    static const char *const select[FAMILIES] = {"isa=rv32|rv64", "isa=x86|x86_64", "isa=classic"};
    char isa[24];

    snprintf(check->err.text, sizeof check->err.text,
             "%s:%u: world 0x%" PRIx64
             " has isa=%s, and those before it are of another family; no preset plays both; "
             "such worlds are left out by --select '%s', with what else it selects",
             world->file, world->line, world->id, mmu_tv_value(MMU_TV_ISA, world->key[MMU_TV_ISA], isa),
             select[family]);
}

/* That of the worlds that are selected; NONE where none is. False: check->err says why. */
static bool family_of_file(mmu_check_t *check, const char *path, unsigned *family)
{
    const mmu_tv_world_t *world;
    mmu_tv_t *tv = mmu_tv_open(path, &check->err);
    int got = -1;

    *family = NONE;
    while (tv != NULL && (got = mmu_tv_next(tv, &world, &check->err)) > 0) {
        if (!mmu_tv_select_match(check->select, world))
            continue;
        if (*family != NONE && *family != family_of_world(world)) {
            other_family(check, world, *family);
            break;
        }
        *family = family_of_world(world);
    }
    mmu_tv_close(tv);
    return got == 0;
}

/* The files of one family. A file of which nothing is selected belongs to any; the first one takes it. */
static bool run_family(mmu_check_t *check, unsigned family, bool (*run)(mmu_check_t *))
{
    mmu_cfg_errors_t errors;
    const size_t used = strlen(check->presets);

    check->preset = presets[family];
    snprintf(check->presets + used, sizeof check->presets - used, "%s%s", used != 0 ? ", " : "",
             check->preset);
    if (!mmu_cfg_load(check->preset, &check->cfg, NULL, &errors)) {
        snprintf(check->err.text, sizeof check->err.text, "%.500s", errors.text);
        return false;
    }
    return run(check);
}

static bool run_all(mmu_check_t *check, const unsigned *family, char **of_family, bool (*run)(mmu_check_t *))
{
    char **files = check->files;
    const unsigned count = check->file_count;
    bool good = true, first = true;

    check->files = of_family;
    for (unsigned f = 0; good && !check->failed && f < FAMILIES; f++) {
        bool any = false, none = true;

        check->file_count = 0;
        for (unsigned n = 0; n < count; n++) {
            any = any || family[n] == f;
            none = none && family[n] == NONE;
        }
        if (!any && !(none && f == RISCV))
            continue;
        for (unsigned n = 0; n < count; n++)
            if (family[n] == f || (first && family[n] == NONE))
                of_family[check->file_count++] = files[n];
        first = false;
        good = run_family(check, f, run);
    }
    check->files = files;
    check->file_count = count;
    return good;
}

bool mmu_check_families(mmu_check_t *check, bool (*run)(mmu_check_t *))
{
    unsigned *family;
    char **of_family;
    bool good = true;

    if (check->config != NULL)
        return run(check);
    family = calloc(check->file_count, sizeof *family);
    of_family = calloc(check->file_count, sizeof *of_family);
    if (family == NULL || of_family == NULL) {
        snprintf(check->err.text, sizeof check->err.text, "out of memory");
        good = false;
    }
    for (unsigned n = 0; good && n < check->file_count; n++)
        good = family_of_file(check, check->files[n], &family[n]);
    good = good && run_all(check, family, of_family, run);
    free(of_family);
    free(family);
    return good;
}
