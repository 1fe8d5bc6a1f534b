# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# rtl/ in its two tools: clean in Verilator, synthesised by Yosys, and read by both in the same way; and modules that are
# tables against their tables.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

add_test(NAME rtl/clean_and_synthesised
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/rtl/rtl_test.py)
set_tests_properties(rtl/clean_and_synthesised PROPERTIES
  TIMEOUT 600
  ENVIRONMENT LOCKWALK=$<TARGET_FILE:lockwalk>)

add_test(NAME rtl/netlist_equals_rtl
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/rtl/netlist_test.py)
set_tests_properties(rtl/netlist_equals_rtl PROPERTIES TIMEOUT 1800 LABELS long)

add_test(NAME rtl/units_give_what_their_tables_say
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/rtl/units_test.py)
set_tests_properties(rtl/units_give_what_their_tables_say PROPERTIES TIMEOUT 600)
