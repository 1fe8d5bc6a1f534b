# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0

add_test(NAME sizing/expected_misses
  COMMAND ${PROJECT_SOURCE_DIR}/tests/check_expected_misses.py --lockwalk $<TARGET_FILE:lockwalk>
    ${PROJECT_SOURCE_DIR}/tests/sizing/data/expected_misses.csv ${PROJECT_SOURCE_DIR}/tests/sizing/data/true.trc.zst)
