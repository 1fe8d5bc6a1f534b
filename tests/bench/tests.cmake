# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# Programs that tests/bench/run counts instructions in; the run itself takes minutes and is no timed test: `long`.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

add_executable(bench-arch-walk ${PROJECT_SOURCE_DIR}/tests/bench/arch_walk.c)
target_link_libraries(bench-arch-walk PRIVATE mmu_arch)
add_test(NAME bench/architectural_walks_are_right COMMAND bench-arch-walk 1000)
add_test(NAME bench/walks_of_two_stages_are_right COMMAND bench-arch-walk 1000 two-stage)
add_executable(bench-sizing ${PROJECT_SOURCE_DIR}/tests/bench/sizing.c)
target_link_libraries(bench-sizing PRIVATE mmu_sizing mmu_trace)
add_test(NAME bench/grid_and_single_runs_count_the_same COMMAND
  bench-sizing singles ${PROJECT_SOURCE_DIR}/tests/sizing/data/true.trc.zst unified)
add_test(NAME bench/sizing_has_all_rows COMMAND
  Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/bench/sizing_test.py ${PROJECT_BINARY_DIR})
add_test(NAME bench/sizing_is_fast_and_small_enough COMMAND
  ${PROJECT_SOURCE_DIR}/tests/bench/sizing --build ${PROJECT_BINARY_DIR})
set_tests_properties(bench/sizing_is_fast_and_small_enough PROPERTIES LABELS long TIMEOUT 1800)
add_executable(bench-trace ${PROJECT_SOURCE_DIR}/tests/bench/trace.c)
target_link_libraries(bench-trace PRIVATE mmu_trace)
add_test(NAME bench/every_form_of_a_trace_reads_the_same COMMAND
  bench-trace ${PROJECT_SOURCE_DIR}/tests/sizing/data/true.trc.zst)
add_test(NAME bench/table_is_complete COMMAND
  ${PROJECT_SOURCE_DIR}/tests/bench/run --clocks 20000 --build ${PROJECT_BINARY_DIR})
add_test(NAME bench/a_goal_missed_is_told COMMAND
  Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/bench/run_test.py)
set_tests_properties(bench/table_is_complete PROPERTIES LABELS long TIMEOUT 1800)
add_test(NAME bench/run_speed_has_all_rows COMMAND
  Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/bench/run_speed_test.py ${PROJECT_BINARY_DIR})
add_test(NAME bench/run_is_fast_enough COMMAND
  ${PROJECT_SOURCE_DIR}/tests/bench/run_speed --build ${PROJECT_BINARY_DIR})
set_tests_properties(bench/run_is_fast_enough PROPERTIES LABELS long TIMEOUT 1800)
add_test(NAME bench/formats_that_are_not_built_in_cost_nothing COMMAND
  ${PROJECT_SOURCE_DIR}/tests/bench/formats --clocks 20000 --build ${PROJECT_BINARY_DIR})
set_tests_properties(bench/formats_that_are_not_built_in_cost_nothing PROPERTIES LABELS long TIMEOUT 3600)
add_test(NAME bench/formats_are_taken_out_of_both_lists COMMAND
  Python3::Interpreter ${PROJECT_SOURCE_DIR}/tests/bench/formats_test.py)
