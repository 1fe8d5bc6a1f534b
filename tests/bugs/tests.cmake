# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# Every bug fits the tree; the planter tells stale bugs from missed ones; and lockstep stops the quick set.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

add_test(NAME bugs/every_bug_fits_the_tree COMMAND ${PROJECT_SOURCE_DIR}/scripts/bugs --check)
add_test(NAME bugs/planter_fails_where_it_must
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/bugs/bugs_test.py)
add_test(NAME bugs/lockstep_stops_the_quick_set
  COMMAND ${PROJECT_SOURCE_DIR}/scripts/bugs --jobs 2)
add_test(NAME bugs/lockstep_stops_all COMMAND ${PROJECT_SOURCE_DIR}/scripts/bugs --all --jobs 2)
set_tests_properties(
  bugs/planter_fails_where_it_must bugs/lockstep_stops_the_quick_set bugs/lockstep_stops_all PROPERTIES
  ENVIRONMENT "LOCKWALK_BIN=$<TARGET_FILE:lockwalk>"
  PROCESSORS 2
  TIMEOUT 3600)
set_tests_properties(bugs/lockstep_stops_all PROPERTIES LABELS long)
