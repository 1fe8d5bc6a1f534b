# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# Bits by formula and cells of presets against Yosys: two small presets at once, all of them in `long`.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

add_test(NAME area/yosys_counts_what_the_formula_tells
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/area/yosys_test.py)
add_test(NAME area/of_every_preset
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/area/yosys_test.py --all
    Area.test_boxes_and_cells_are_what_yosys_finds)
set_tests_properties(area/yosys_counts_what_the_formula_tells area/of_every_preset PROPERTIES
  ENVIRONMENT LOCKWALK=$<TARGET_FILE:lockwalk>)
set_tests_properties(area/yosys_counts_what_the_formula_tells PROPERTIES TIMEOUT 600)
set_tests_properties(area/of_every_preset PROPERTIES TIMEOUT 14400 LABELS long)
