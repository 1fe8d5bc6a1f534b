/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0 */
#include "cli/mmu_config_print.h"

#include "cli/mmu_config_area.h"
#include "lockwalk/mmu_area.h"

#include <errno.h>
#include <string.h>

static const char *const level_name[MMU_LEVELS] = {"L1 instruction", "L1 data", "L2"};

bool mmu_config_print_text(const char *path_or_preset, FILE *to)
{
    FILE *file;
    char block[4096];
    size_t n;
    bool good;

    for (unsigned p = 0; mmu_cfg_preset_name(p) != NULL; p++)
        if (strcmp(mmu_cfg_preset_name(p), path_or_preset) == 0) {
            fputs(mmu_cfg_preset_text(p), to);
            return true;
        }
    file = fopen(path_or_preset, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: error: cannot open: %s\n", path_or_preset, strerror(errno));
        return false;
    }
    while ((n = fread(block, 1, sizeof block, file)) > 0)
        fwrite(block, 1, n, to);
    good = ferror(file) == 0;
    fclose(file);
    return good;
}

/* ---- what follows from the fields -------------------------------------------------------------- */

static unsigned entries(const mmu_cfg_array_t *a)
{
    return (unsigned)a->ways << a->sets_log2;
}

/* Bytes that the array covers when it is full of its largest pages. */
static uint64_t reach(const mmu_cfg_array_t *a, unsigned page)
{
    return (uint64_t)entries(a) << mmu_page_lg(page);
}

static const char *bytes_text(uint64_t bytes, char *text, size_t size)
{
    static const char *const unit[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    unsigned u = 0;

    while (bytes >= 1024 && bytes % 1024 == 0 && u < 6) {
        bytes /= 1024;
        u++;
    }
    snprintf(text, size, "%llu %s", (unsigned long long)bytes, unit[u]);
    return text;
}

static void print_array(const mmu_cfg_array_t *a, const char *name, FILE *to)
{
    char size[40];
    const char *between = "";

    fprintf(to, "#   %-15s %5u entries (%u set%s x %u way%s); reach ", name, entries(a), 1u << a->sets_log2,
            a->sets_log2 > 0 ? "s" : "", a->ways, a->ways > 1 ? "s" : "");
    for (unsigned page = 0; page < 16; page++)
        if (((a->pages >> page) & 1u) != 0) {
            fprintf(to, "%s%s in %s pages", between, bytes_text(reach(a, page), size, sizeof size),
                    mmu_cfg_page_name(page));
            between = ", ";
        }
    fputc('\n', to);
}

void mmu_config_print_derived(const mmu_cfg_t *cfg, FILE *to)
{
    char hex[MMU_CFG_HEX_SIZE];
    mmu_area_t area;

    fprintf(to, "\n# What follows from it:\n");
    for (unsigned level = 0; level < MMU_LEVELS; level++)
        for (unsigned k = 0; k < MMU_ARRAYS; k++)
            if (cfg->array[level][k].ways > 0)
                print_array(&cfg->array[level][k], level_name[level], to);
    for (unsigned k = 0; k < MMU_PWC_LEVELS; k++)
        if (cfg->pwc[k].ways > 0)
            fprintf(to, "#   walk cache %u    %5u entries\n", k + 1, cfg->pwc[k].ways);
    if (cfg->gtlb_ways > 0)
        fprintf(to, "#   G-stage TLB     %5u entries\n", cfg->gtlb_ways);
    for (unsigned k = 0; k < MMU_PWC_LEVELS; k++)
        if (cfg->gpwc[k].ways > 0)
            fprintf(to, "#   G walk cache %u  %5u entries\n", k + 1, cfg->gpwc[k].ways);
    if (cfg->pmp_entries > 0)
        fprintf(to, "#   protection      %5u entries\n", cfg->pmp_entries);
    mmu_area_of(cfg, NULL, &area);
    mmu_cfg_to_hex(cfg, hex);
    fprintf(to, "#   storage in all  %5llu bits; `lockwalk config area` tells of what\n",
            (unsigned long long)(area.flops + area.memory));
    fprintf(to, "#   Cfg             %d'h%s\n", MMU_CFG_BITS, hex);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static json_t *array_json(const mmu_cfg_array_t *a, unsigned level)
{
    json_t *pages = json_array();

    for (unsigned page = 0; page < 16; page++)
        if (((a->pages >> page) & 1u) != 0)
            json_array_append_new(pages, json_pack("{s:s, s:I}", "size", mmu_cfg_page_name(page),
                                                   "reach_bytes", (json_int_t)reach(a, page)));
    return json_pack("{s:s, s:i, s:i, s:i, s:s, s:o}", "level", level_name[level], "sets", 1 << a->sets_log2,
                     "ways", a->ways, "entries", (int)entries(a), "policy", mmu_cfg_policy_name(a->policy),
                     "pages", pages);
}

static json_t *caches_json(const mmu_cfg_pwc_t *pwc)
{
    json_t *caches = json_array();

    for (unsigned k = 0; k < MMU_PWC_LEVELS; k++)
        if (pwc[k].ways > 0)
            json_array_append_new(caches,
                                  json_pack("{s:i, s:i, s:s}", "level", (int)k + 1, "ways", pwc[k].ways,
                                            "policy", mmu_cfg_policy_name(pwc[k].policy)));
    return caches;
}

/* null where the extension is not built in. */
static json_t *hypervisor_json(const mmu_cfg_t *cfg)
{
    json_t *tlb = json_null();

    if (cfg->hypervisor == 0)
        return tlb;
    if (cfg->gtlb_ways > 0)
        tlb =
            json_pack("{s:i, s:s}", "ways", cfg->gtlb_ways, "policy", mmu_cfg_policy_name(cfg->gtlb_policy));
    return json_pack("{s:i, s:o, s:o}", "vmid_bits", cfg->vmid_bits, "tlb", tlb, "caches",
                     caches_json(cfg->gpwc));
}

json_t *mmu_config_json(const mmu_cfg_t *cfg, const mmu_cfg_about_t *about)
{
    json_t *formats = json_array(), *arrays = json_array();
    char hex[MMU_CFG_HEX_SIZE];
    mmu_area_t area;

    mmu_area_of(cfg, NULL, &area);
    for (unsigned bit = 0; bit < 16; bit++)
        if (((cfg->formats >> bit) & 1u) != 0)
            json_array_append_new(formats, json_string(mmu_cfg_format_name(bit)));
    for (unsigned level = 0; level < MMU_LEVELS; level++)
        for (unsigned k = 0; k < MMU_ARRAYS; k++)
            if (cfg->array[level][k].ways > 0)
                json_array_append_new(arrays, array_json(&cfg->array[level][k], level));
    mmu_cfg_to_hex(cfg, hex);
    return json_pack(
        "{s:s, s:s, s:o, s:i, s:{s:i, s:i}, s:i, s:i, s:i, s:o, s:o, s:o, s:I, s:o, s:{s:i, s:s}}", "name",
        about->name, "about", about->about, "formats", formats, "asid_bits", cfg->asid_bits, "misses",
        "instruction", cfg->misses[MMU_PORT_I], "data", cfg->misses[MMU_PORT_D], "walks", cfg->walks,
        "l2_latency", cfg->l2_latency, "pmp", cfg->pmp_entries, "arrays", arrays, "walk_caches",
        caches_json(cfg->pwc), "hypervisor", hypervisor_json(cfg), "storage_bits",
        (json_int_t)(area.flops + area.memory), "yosys", mmu_config_cells_json(cfg), "cfg", "bits",
        MMU_CFG_BITS, "hex", hex);
}
