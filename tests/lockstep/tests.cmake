# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# The lockstep's tests need the library of its comparison. cosim_test.cc builds simulations: a while, the first time.
file(GLOB lockstep_tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/lockstep/*_test.cc)
foreach(source ${lockstep_tests})
  get_filename_component(name ${source} NAME_WE)
  target_link_libraries(test-lockstep-${name} PRIVATE mmu_compare)
endforeach()

# Waves need a second simulation, and a reader: that of the simulator's own package, whose warnings are not ours.
find_path(FST_INCLUDE fstapi.h PATHS /usr/share/verilator/include/gtkwave REQUIRED)
add_library(lockwalk-fst STATIC ${FST_INCLUDE}/fstapi.c ${FST_INCLUDE}/fastlz.c ${FST_INCLUDE}/lz4.c)
target_include_directories(lockwalk-fst SYSTEM PUBLIC ${FST_INCLUDE})
target_compile_definitions(lockwalk-fst PRIVATE FST_CONFIG_INCLUDE="fst_config.h")
target_compile_options(lockwalk-fst PRIVATE -w -fno-sanitize=all)
target_link_libraries(lockwalk-fst PUBLIC ZLIB::ZLIB)

add_executable(test-lockstep-waves_long ${PROJECT_SOURCE_DIR}/tests/lockstep/waves_long.cc)
target_link_libraries(test-lockstep-waves_long PRIVATE lockwalk-fst GTest::gtest_main Threads::Threads)
target_include_directories(test-lockstep-waves_long PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_compile_options(test-lockstep-waves_long PRIVATE -Wno-dangling-else)
target_compile_definitions(test-lockstep-waves_long PRIVATE
  LOCKWALK_BIN="$<TARGET_FILE:lockwalk>" LOCKWALK_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
set_target_properties(test-lockstep-waves_long PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_dependencies(test-lockstep-waves_long lockwalk)
gtest_discover_tests(test-lockstep-waves_long
  TEST_PREFIX lockstep/
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
  DISCOVERY_MODE PRE_TEST
  PROPERTIES TIMEOUT 900 LABELS long)

# Random traffic on every preset: a few seeds always, many with --long.
add_test(NAME lockstep/soak_tells_what_is_not_clean COMMAND ${PROJECT_SOURCE_DIR}/tests/lockstep/soak_test.sh)
add_test(NAME lockstep/random_traffic_on_tiny_and_default_is_clean
  COMMAND ${PROJECT_SOURCE_DIR}/scripts/soak --seeds 5 --whitebox 2 --clocks 100000 tiny default)
add_test(NAME lockstep/random_traffic_on_every_preset_is_clean COMMAND ${PROJECT_SOURCE_DIR}/scripts/soak)
set_tests_properties(
  lockstep/random_traffic_on_tiny_and_default_is_clean lockstep/random_traffic_on_every_preset_is_clean PROPERTIES
  ENVIRONMENT "LOCKWALK_BIN=$<TARGET_FILE:lockwalk>"
  TIMEOUT 3600)
set_tests_properties(lockstep/random_traffic_on_every_preset_is_clean PROPERTIES LABELS long)
