# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# cmake -DPRESETS="a.yaml;b.yaml" -DOUTPUT=mmu_presets.c -P embed_presets.cmake
set(text "/* Generated from model/config/presets by embed_presets.cmake. SPDX-License-Identifier: Apache-2.0 */\n")
string(APPEND text "#include \"config/mmu_presets.h\"\n\n")
set(table "")
set(count 0)
# By name: with the ending, tiny-x.yaml would come before tiny.yaml.
list(TRANSFORM PRESETS REPLACE "\\.yaml$" "")
list(SORT PRESETS)
foreach(preset ${PRESETS})
  get_filename_component(name ${preset} NAME)
  file(READ ${preset}.yaml bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND text "static const char text_${count}[] = {${bytes}0x00};\n")
  string(APPEND table "    {\"${name}\", text_${count}, sizeof text_${count} - 1},\n")
  math(EXPR count "${count} + 1")
endforeach()
string(APPEND text "\nconst mmu_preset_t mmu_presets[] = {\n${table}};\n")
string(APPEND text "const unsigned mmu_presets_count = ${count};\n")
file(WRITE ${OUTPUT} "${text}")
