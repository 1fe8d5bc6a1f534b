# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# The second model of the classical formats by itself, and the vectors that it makes.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

add_test(NAME classic/second_model_follows_the_rules
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/classic/model_test.py)
add_test(NAME classic/vectors_are_complete_and_find_wrong_rules
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/classic/vectors_test.py)
add_test(NAME classic/vectors_are_what_the_model_makes
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/classic/make_vectors.py --check)
set_tests_properties(classic/vectors_are_complete_and_find_wrong_rules PROPERTIES TIMEOUT 300)
