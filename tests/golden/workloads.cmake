# The golden arithmetic against NumPy, which knows it from docs/formats.md alone.
add_executable(write_golden_tensors ${CMAKE_CURRENT_SOURCE_DIR}/write_golden_tensors.cpp)
target_link_libraries(write_golden_tensors PRIVATE chasm_workloads chasm_options)

if(CHASM_PYTHON)
  function(golden_numpy_test network widths)
    get_filename_component(name ${network} NAME_WE)
    add_test(NAME golden_numpy.${name}.${widths}
             COMMAND ${CHASM_PYTHON} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/golden_tensors_test.py
                     $<TARGET_FILE:write_golden_tensors> ${network} ${widths})
    set_tests_properties(golden_numpy.${name}.${widths}
                         PROPERTIES LABELS golden SKIP_RETURN_CODE 77 TIMEOUT 300)
  endfunction()
  set(workloads_zoo ${PROJECT_SOURCE_DIR}/workloads/zoo)
  foreach(widths nasa wide)
    golden_numpy_test(${workloads_zoo}/toy_mixed3.json ${widths})
    golden_numpy_test(${workloads_zoo}/toy_all_types.json ${widths})
    golden_numpy_test(${CMAKE_CURRENT_SOURCE_DIR}/every_rule.json ${widths})
  endforeach()
  golden_numpy_test(${workloads_zoo}/nasa_hybrid_all_b_cifar10.json nasa)
endif()
