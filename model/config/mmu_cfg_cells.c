/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What Yosys makes of the presets: the file cells.csv, which scripts/preset-cells writes.
 */
#include "config/mmu_presets.h"
#include "lockwalk/mmu_config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* preset,cells,flops,memory_bits,yosys,cfg */
static bool read_line(const char *line, const char *hex, mmu_cfg_cells_t *cells)
{
    char cfg[MMU_CFG_HEX_SIZE + 1];

    return sscanf(line, "%*[^,],%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%15[^,],%106s", &cells->cells,
                  &cells->flops, &cells->memory_bits, cells->yosys, cfg) == 5 &&
           strcmp(cfg, hex) == 0;
}

bool mmu_cfg_cells(const mmu_cfg_t *cfg, mmu_cfg_cells_t *cells)
{
    char hex[MMU_CFG_HEX_SIZE];

    _Static_assert(MMU_CFG_HEX_SIZE == 106, "the scan's width of the vector, which reads one digit more");
    mmu_cfg_to_hex(cfg, hex);
    for (const char *line = mmu_preset_cells[0].text; line != NULL && *line != '\0';) {
        if (read_line(line, hex, cells))
            return true;
        line = strchr(line, '\n');
        if (line != NULL)
            line++;
    }
    return false;
}
