# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# RTL and C twins have the same ports, registers, widths and encodings; and the comparison fails where they do not.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

add_test(NAME twins/rtl_and_c_agree
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/twins/twins.py --lockwalk $<TARGET_FILE:lockwalk>)
add_test(NAME twins/comparison_fails_where_twins_part
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/twins/twins_test.py)
set_tests_properties(twins/rtl_and_c_agree twins/comparison_fails_where_twins_part PROPERTIES TIMEOUT 300)
