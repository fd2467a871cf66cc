# chasm dram against the established simulators: one test a trace and memory (dram/README.md).
file(GLOB traces CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/dram/traces/*.csv.gz)
if(NOT CHASM_PYTHON)
  return()
endif()
foreach(path IN LISTS traces)
  get_filename_component(trace ${path} NAME)
  string(REPLACE ".csv.gz" "" trace ${trace})
  foreach(memory IN ITEMS ddr4_M1 ddr4_M2 lpddr4_M1)
    add_test(NAME DramComparison.${trace}.${memory}
             COMMAND ${CHASM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/dram/compare.py --chasm $<TARGET_FILE:chasm>
                     ${trace} ${memory})
    set_tests_properties(DramComparison.${trace}.${memory} PROPERTIES LABELS golden TIMEOUT 60)
  endforeach()
endforeach()
