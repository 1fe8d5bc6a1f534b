# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# All vectors on the RTL, in lockstep, arrays compared too; and vectors that are wrong. A simulation for each family of
# formats is built: minutes, the first time.
set(vectors ${PROJECT_SOURCE_DIR}/tests/vectors)
file(GLOB classic_vectors CONFIGURE_DEPENDS ${vectors}/classic-*.tv)
set(x86_vectors ${vectors}/x86_2level.tv.gz ${vectors}/x86_pae.tv.gz ${vectors}/pml4.tv.gz ${vectors}/pml5.tv.gz)
add_test(NAME arch/vectors_of_x86_pass_on_rtl
  COMMAND lockwalk check --on rtl --whitebox --seed 1 ${x86_vectors})
add_test(NAME arch/vectors_of_the_classics_pass_on_rtl
  COMMAND lockwalk check --on rtl --whitebox --seed 1 ${classic_vectors})
add_test(NAME arch/vectors_that_are_wrong_fail_on_rtl
  COMMAND ${PROJECT_SOURCE_DIR}/tests/arch/check_rtl_test.sh)
set_tests_properties(
  arch/vectors_of_x86_pass_on_rtl arch/vectors_of_the_classics_pass_on_rtl arch/vectors_that_are_wrong_fail_on_rtl
  PROPERTIES ENVIRONMENT "LOCKWALK_BIN=$<TARGET_FILE:lockwalk>" TIMEOUT 3600)
