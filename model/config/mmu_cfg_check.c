/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a configuration may be: ranges of single values from the list of fields, and rules over several.
 * Rules: docs/microarchitecture.md, CFG-2, CFG-3, CFG-4, REPL-2, REPL-5, PMP.
 */
#include "config/mmu_cfg_rules.h"
#include "lockwalk/mmu_format.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MMU_MAX_PROBES 8u /* clocks of a look-up of an L1: register s1_probe has 3 bits */

typedef struct {
    mmu_cfg_report_fn *report;
    void *to;
} told_t;

static void tell(const told_t *told, unsigned field, unsigned index, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void tell(const told_t *told, unsigned field, unsigned index, const char *format, ...)
{
    char text[400];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    told->report(told->to, field, index, text);
}

/* Names of the page sizes in a `pages` field, "4K, 2M". */
static const char *page_names(uint16_t pages, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < 16; i++)
        if (((pages >> i) & 1u) != 0 && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
                                     mmu_cfg_page_name(i) != NULL ? mmu_cfg_page_name(i) : "?");
    return text;
}

/* Every value on its own. */
static bool check_ranges(const mmu_cfg_t *cfg, const told_t *told)
{
    bool good = true;

    for (unsigned n = 0; n < MMU_CFG_FIELDS; n++) {
        const mmu_cfg_field_t *f = mmu_cfg_field(n);

        for (unsigned index = 0; index < f->count; index++) {
            unsigned value = mmu_cfg_get(cfg, f, index);

            if (value >= f->min && value <= f->max)
                continue;
            good = false;
            if (f->min == f->max)
                tell(told, n, index, " is %u; allowed: %u", value, f->min);
            else
                tell(told, n, index, " is %u; allowed: %u to %u", value, f->min, f->max);
        }
    }
    return good;
}

/* Tree-PLRU halves its ways until one is left (REPL-2); a rank of true LRU has 4 bits (REPL-5). */
static void check_policy(const told_t *told, unsigned field, unsigned index, unsigned ways, unsigned policy)
{
    if ((policy == MMU_POLICY_PLRU && (ways & (ways - 1)) != 0) || (policy == MMU_POLICY_LRU && ways > 16))
        tell(told, field, index,
             " is %u with policy %s; allowed: with plru a power of two (1, 2, 4, 8, 16, 32, 64), with lru 1 "
             "to "
             "16, with fifo, nru and random 1 to 64",
             ways, mmu_cfg_policy_name(policy));
}

/* The formats that are listed, as bits. */
static unsigned listed_formats(void)
{
    unsigned listed = 0;

    for (unsigned format = 0; format < 16; format++)
        if (mmu_format(format) != NULL)
            listed |= 1u << format;
    return listed;
}

static bool check_formats(const mmu_cfg_t *cfg, const told_t *told)
{
    const unsigned listed = listed_formats();

    if ((cfg->formats & ~listed) == 0)
        return true;
    tell(told, MMU_CFG_F_formats, 0, " is %u; allowed: bits of %u, the formats that are listed", cfg->formats,
         listed);
    return false;
}

/* What leaves of a built-in format may be, bits of a `pages` field (TYP-4). */
static uint16_t built_pages(const mmu_cfg_t *cfg)
{
    unsigned pages = 0;

    for (unsigned format = 0; format < 16; format++)
        if (((cfg->formats >> format) & 1u) != 0 && mmu_format(format) != NULL)
            pages |= mmu_format(format)->pages;
    return (uint16_t)pages;
}

/* CFG-3: an array none of whose sizes ever comes would hold nothing, for good. */
static void check_held(const mmu_cfg_t *cfg, const told_t *told, unsigned level, unsigned k)
{
    const uint16_t pages = cfg->array[level][k].pages, built = built_pages(cfg);
    char here[80], allowed[80];

    if (pages != 0 && (pages & built) == 0)
        tell(told, MMU_CFG_F_array_pages, level * MMU_ARRAYS + k,
             " is [%s], of which no format in `formats` has a page; allowed: %s",
             page_names(pages, here, sizeof here),
             built != 0 ? page_names(built, allowed, sizeof allowed) : "no array (arrays: none, l2: none)");
}

static void check_array(const mmu_cfg_t *cfg, const told_t *told, unsigned level, unsigned k)
{
    const mmu_cfg_array_t *a = &cfg->array[level][k];
    const unsigned index = level * MMU_ARRAYS + k;

    if (a->ways == 0) {
        /* One shape, one vector: an absent array has nothing set. */
        if (a->sets_log2 != 0 || a->pages != 0 || a->policy != 0)
            tell(told, MMU_CFG_F_array_ways, index,
                 " is 0; allowed: 1 to 64 in an array with sets, pages or policy");
        return;
    }
    if (k > 0 && cfg->array[level][k - 1].ways == 0)
        tell(told, MMU_CFG_F_array_ways, index,
             " is %u after an array that is not there; allowed: arrays without gaps", a->ways);
    check_policy(told, MMU_CFG_F_array_ways, index, a->ways, a->policy);
    if (a->pages == 0)
        tell(told, MMU_CFG_F_array_pages, index, " is empty; allowed: one page size or more");
    check_held(cfg, told, level, k);
}

/* Smaller pages first, and each size in one array only: then the lowest-numbered hit is the smallest page. */
static void check_order(const mmu_cfg_t *cfg, const told_t *told, unsigned level)
{
    char twice[80], here[80], before[80];

    for (unsigned k = 1; k < MMU_ARRAYS; k++) {
        uint16_t pages = cfg->array[level][k].pages;

        for (unsigned j = 0; j < k && pages != 0; j++) {
            uint16_t others = cfg->array[level][j].pages;
            uint16_t lowest = (uint16_t)(pages & -pages);

            if ((pages & others) != 0)
                tell(told, MMU_CFG_F_array_pages, level * MMU_ARRAYS + k,
                     " has %s, which arrays[%u] of the same level holds too; allowed: a page size in one "
                     "array only",
                     page_names(pages & others, twice, sizeof twice), j);
            else if (others > lowest)
                tell(told, MMU_CFG_F_array_pages, level * MMU_ARRAYS + k,
                     " is [%s] after arrays[%u] with [%s]; allowed: arrays with smaller pages first",
                     page_names(pages, here, sizeof here), j, page_names(others, before, sizeof before));
        }
    }
}

static unsigned count_pages(uint16_t pages)
{
    return (unsigned)__builtin_popcount(pages);
}

/* A look-up of an L1 takes a clock, and one more for each further page size of an array with several sets (L1-13).
 * The clocks are counted in 3 bits. */
static void check_probes(const mmu_cfg_t *cfg, const told_t *told, unsigned level)
{
    unsigned clocks = 1;
    char names[80];

    for (unsigned k = 0; k < MMU_ARRAYS; k++) {
        const mmu_cfg_array_t *a = &cfg->array[level][k];

        if (a->ways == 0 || a->sets_log2 == 0 || a->pages == 0)
            continue;
        clocks += count_pages(a->pages) - 1;
        if (clocks > MMU_MAX_PROBES)
            tell(told, MMU_CFG_F_array_pages, level * MMU_ARRAYS + k,
                 " is [%s] with %u sets, which makes a look-up take up to %u clocks; allowed: %u (one, and "
                 "one more "
                 "for each further page size of an array with several sets)",
                 page_names(a->pages, names, sizeof names), 1u << a->sets_log2, clocks, MMU_MAX_PROBES);
    }
}

static void check_caches(const mmu_cfg_pwc_t *pwc, const told_t *told, unsigned field)
{
    for (unsigned k = 0; k < MMU_PWC_LEVELS; k++) {
        if (pwc[k].ways == 0 && pwc[k].policy != 0)
            tell(told, field, k, " is 0; allowed: 1 to 64 in a walk cache with a policy");
        check_policy(told, field, k, pwc[k].ways, pwc[k].policy);
    }
}

/* CFG-4: one shape, one vector: without the extension nothing of it is set. */
static void check_hypervisor(const mmu_cfg_t *cfg, const told_t *told)
{
    static const unsigned of_it[] = {MMU_CFG_F_vmid_bits, MMU_CFG_F_gtlb_ways, MMU_CFG_F_gtlb_policy,
                                     MMU_CFG_F_gpwc_ways, MMU_CFG_F_gpwc_policy};

    if (cfg->hypervisor != 0) {
        if (((cfg->formats >> MMU_FORMAT_RISCV) & 1u) == 0)
            tell(told, MMU_CFG_F_hypervisor, 0,
                 " is %u; allowed: 0 without riscv in `formats`, which alone has two stages",
                 cfg->hypervisor);
        if (cfg->gtlb_ways == 0 && cfg->gtlb_policy != 0)
            tell(told, MMU_CFG_F_gtlb_ways, 0, " is 0; allowed: 1 to 64 in a TLB with a policy");
        check_policy(told, MMU_CFG_F_gtlb_ways, 0, cfg->gtlb_ways, cfg->gtlb_policy);
        check_caches(cfg->gpwc, told, MMU_CFG_F_gpwc_ways);
        return;
    }
    for (size_t n = 0; n < sizeof of_it / sizeof of_it[0]; n++) {
        const mmu_cfg_field_t *f = mmu_cfg_field(of_it[n]);

        for (unsigned index = 0; index < f->count; index++)
            if (mmu_cfg_get(cfg, f, index) != 0)
                tell(told, of_it[n], index, " is %u; allowed: 0 without the hypervisor extension",
                     mmu_cfg_get(cfg, f, index));
    }
}

void mmu_cfg_rules(const mmu_cfg_t *cfg, mmu_cfg_report_fn *report, void *to)
{
    const told_t told = {report, to};

    /* The rules below count on values that are in range. */
    if (!check_ranges(cfg, &told) || !check_formats(cfg, &told))
        return;
    if (cfg->pmp_entries != 0 && cfg->pmp_entries != 16 && cfg->pmp_entries != 64)
        tell(&told, MMU_CFG_F_pmp_entries, 0, " is %u; allowed: 0, 16 or 64", cfg->pmp_entries);
    for (unsigned level = 0; level < MMU_LEVELS; level++) {
        for (unsigned k = 0; k < MMU_ARRAYS; k++)
            check_array(cfg, &told, level, k);
        check_order(cfg, &told, level);
        if (level != MMU_LEVEL_L2)
            check_probes(cfg, &told, level);
    }
    check_caches(cfg->pwc, &told, MMU_CFG_F_pwc_ways);
    check_hypervisor(cfg, &told);
}

static void report_path(void *to, unsigned field, unsigned index, const char *text)
{
    char path[80];

    mmu_cfg_path(mmu_cfg_field(field), index, path, sizeof path);
    mmu_cfg_errors_add(to, "%s%s", path, text);
}

bool mmu_cfg_check(const mmu_cfg_t *cfg, mmu_cfg_errors_t *errors)
{
    mmu_cfg_errors_t own;

    if (errors == NULL)
        errors = &own;
    memset(errors, 0, sizeof *errors);
    mmu_cfg_rules(cfg, report_path, errors);
    return errors->count == 0;
}
