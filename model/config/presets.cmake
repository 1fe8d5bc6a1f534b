# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# Every file of model/config/presets, as mmu_presets in mmu_config.
file(GLOB presets CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/presets/*.yaml)
mmu_embed(mmu_presets TARGET mmu_config ENDING .yaml FILES ${presets})
