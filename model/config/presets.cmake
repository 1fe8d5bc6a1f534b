# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# Writes <build>/mmu_presets.c: every file of model/config/presets as a C string, and adds it to mmu_config.
set(preset_source ${PROJECT_BINARY_DIR}/mmu_presets.c)
set(preset_script ${CMAKE_CURRENT_LIST_DIR}/gen/embed_presets.cmake)
file(GLOB presets CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/presets/*.yaml)
add_custom_command(
  OUTPUT ${preset_source}
  COMMAND ${CMAKE_COMMAND} "-DPRESETS=${presets}" -DOUTPUT=${preset_source} -P ${preset_script}
  DEPENDS ${presets} ${preset_script}
  COMMENT "Embedding presets"
  VERBATIM)
target_sources(mmu_config PRIVATE ${preset_source})
