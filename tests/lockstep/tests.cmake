# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# The lockstep's tests need the library of its comparison. cosim_test.cc builds simulations: a while, the first time.
file(GLOB lockstep_tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/lockstep/*_test.cc)
foreach(source ${lockstep_tests})
  get_filename_component(name ${source} NAME_WE)
  target_link_libraries(test-lockstep-${name} PRIVATE mmu_compare)
endforeach()
