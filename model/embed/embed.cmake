# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# mmu_embed(NAME TARGET library FILES file... [ENDING .x]): writes <build>/NAME.c, which holds the files as C strings
# (embed/mmu_embed.h), and adds it to the library. With ENDING, a file's name in the program is without it.
set(MMU_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/embed_files.cmake)

function(mmu_embed name)
  cmake_parse_arguments(EMBED "" "TARGET;ENDING" "FILES" ${ARGN})
  set(source ${PROJECT_BINARY_DIR}/${name}.c)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DENDING=${EMBED_ENDING} "-DFILES=${EMBED_FILES}" -DOUTPUT=${source}
      -P ${MMU_EMBED_SCRIPT}
    DEPENDS ${EMBED_FILES} ${MMU_EMBED_SCRIPT}
    COMMENT "Embedding ${name}"
    VERBATIM)
  target_sources(${EMBED_TARGET} PRIVATE ${source})
endfunction()
