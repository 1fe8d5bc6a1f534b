# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# The files of model/config/presets: *.yaml as mmu_presets in mmu_config, and cells.csv, which scripts/preset-cells writes.
file(GLOB presets CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/presets/*.yaml)
mmu_embed(mmu_presets TARGET mmu_config ENDING .yaml FILES ${presets})
mmu_embed(mmu_preset_cells TARGET mmu_config ENDING .csv FILES ${CMAKE_CURRENT_LIST_DIR}/presets/cells.csv)
