# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# The report's page in headless Chromium.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

add_test(NAME report/page_in_a_browser
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/report/page_test.py $<TARGET_FILE:lockwalk>)
set_tests_properties(report/page_in_a_browser PROPERTIES TIMEOUT 600)
