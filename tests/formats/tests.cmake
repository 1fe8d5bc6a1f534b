# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# docs/formats.md by example: a made-up format in a copy of the tree. Builds it, its simulation and two with planted
# differences.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

add_test(NAME formats/a_new_format_is_two_files_and_two_lines
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/formats/formats_test.py)
set_tests_properties(formats/a_new_format_is_two_files_and_two_lines PROPERTIES
  TIMEOUT 1800
  PROCESSORS 2
  LABELS long)
