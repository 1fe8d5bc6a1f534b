# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# The parts of the report's page, as mmu_report_page in mmu_report.
set(report_folder ${CMAKE_CURRENT_LIST_DIR})
file(GLOB report_page CONFIGURE_DEPENDS ${report_folder}/page/*)
mmu_embed(mmu_report_page TARGET mmu_report FILES ${report_page}
  ${report_folder}/vendor/observable-plot/plot.min.js ${report_folder}/vendor/observable-plot/LICENSES.txt)
