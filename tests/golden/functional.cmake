# Functional mode of the whole machine against the golden arithmetic, and its written tensors against NumPy.
chasm_test(functional_test LIBRARIES chasm_run chasm_test_support chasm_oracle
           SOURCES ${CMAKE_CURRENT_LIST_DIR}/functional_test.cpp
           LABEL golden)
chasm_test(functional_long_test LIBRARIES chasm_run chasm_test_support chasm_oracle
           SOURCES ${CMAKE_CURRENT_LIST_DIR}/functional_test.cpp LABEL long)
target_compile_definitions(functional_long_test PRIVATE CHASM_LONG_TESTS)

if(CHASM_PYTHON)
  function(functional_numpy_test arch network)
    add_test(NAME functional_numpy.${network}
             COMMAND ${CHASM_PYTHON} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/functional_numpy_test.py
                     $<TARGET_FILE:chasm> ${arch} ${PROJECT_SOURCE_DIR}/workloads/zoo/${network}.json)
    set_tests_properties(functional_numpy.${network}
                         PROPERTIES LABELS golden SKIP_RETURN_CODE 77 TIMEOUT 300)
  endfunction()
  functional_numpy_test(nasa-45nm toy_mixed3)
  functional_numpy_test(nasa-45nm toy_all_types)
  functional_numpy_test(nasa-45nm nasa_hybrid_all_b_cifar10)
endif()
