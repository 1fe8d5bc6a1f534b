/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0 */
#include "cli/mmu_config_area.h"

#include "lockwalk/mmu_area.h"

#include <inttypes.h>

static const char *const kind_name[] = {"tlb", "cache", "registers", "protection"};

/* 0 as nothing, so that tables stay readable. */
static void number(uint64_t n, int width, FILE *to)
{
    if (n == 0)
        fprintf(to, "%*s", width, "-");
    else
        fprintf(to, "%*" PRIu64, width, n);
}

void mmu_config_area_text(const mmu_cfg_t *cfg, const char *name, FILE *to)
{
    mmu_area_t area;
    mmu_cfg_cells_t cells;

    mmu_area_of(cfg, NULL, &area);
    fprintf(to, "%s\n%-32s%9s%11s%11s%13s%11s\n", name, "  bits of", "entries", "flip-flops", "memory",
            "replacement", "plain TLB");
    for (unsigned b = 0; b < area.boxes; b++) {
        const mmu_area_box_t *box = &area.box[b];

        fprintf(to, "  %-30s", box->name);
        number(box->entries, 9, to);
        number(box->flops, 11, to);
        number(box->memory, 11, to);
        number(box->replacement, 13, to);
        number(box->plain, 11, to);
        fputc('\n', to);
    }
    fprintf(to, "  %-30s%9s", "all", "");
    number(area.flops, 11, to);
    number(area.memory, 11, to);
    number(0, 13, to);
    number(area.plain, 11, to);
    fprintf(to, "\n  storage %" PRIu64 " bits; ", area.flops + area.memory);
    if (mmu_cfg_cells(cfg, &cells))
        fprintf(to, "%" PRIu64 " cells, %" PRIu64 " of them flip-flops (Yosys %s)\n", cells.cells,
                cells.flops, cells.yosys);
    else
        fprintf(to, "cells were not counted; `scripts/yosys-cells %s` does\n", name);
}

void mmu_config_area_line(const mmu_cfg_t *cfg, const char *name, FILE *to)
{
    mmu_area_t area;
    mmu_cfg_cells_t cells;

    if (cfg == NULL) {
        fprintf(to, "%-18s%11s%11s%11s%11s%11s\n", name, "flip-flops", "memory", "storage", "plain TLB",
                "cells");
        return;
    }
    mmu_area_of(cfg, NULL, &area);
    fprintf(to, "%-18s", name);
    number(area.flops, 11, to);
    number(area.memory, 11, to);
    number(area.flops + area.memory, 11, to);
    number(area.plain, 11, to);
    number(mmu_cfg_cells(cfg, &cells) ? cells.cells : 0, 11, to);
    fputc('\n', to);
}

json_t *mmu_config_cells_json(const mmu_cfg_t *cfg)
{
    mmu_cfg_cells_t cells;

    if (!mmu_cfg_cells(cfg, &cells))
        return json_null();
    return json_pack("{s:I, s:I, s:I, s:s}", "cells", (json_int_t)cells.cells, "flops",
                     (json_int_t)cells.flops, "memory_bits", (json_int_t)cells.memory_bits, "yosys",
                     cells.yosys);
}

json_t *mmu_config_area_json(const mmu_cfg_t *cfg, const char *name)
{
    json_t *boxes = json_array();
    mmu_area_t area;

    mmu_area_of(cfg, NULL, &area);
    for (unsigned b = 0; b < area.boxes; b++) {
        const mmu_area_box_t *box = &area.box[b];

        json_array_append_new(
            boxes, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "name", box->name, "instance",
                             box->rtl, "kind", kind_name[box->kind], "entries", (json_int_t)box->entries,
                             "flops", (json_int_t)box->flops, "memory_bits", (json_int_t)box->memory,
                             "replacement", (json_int_t)box->replacement, "plain", (json_int_t)box->plain));
    }
    return json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:o}", "config", name, "boxes", boxes, "flops",
                     (json_int_t)area.flops, "memory_bits", (json_int_t)area.memory, "storage_bits",
                     (json_int_t)(area.flops + area.memory), "plain", (json_int_t)area.plain, "yosys",
                     mmu_config_cells_json(cfg));
}
