chasm_test(systolic_cases_test LIBRARIES chasm_accelerator
           SOURCES ${CMAKE_CURRENT_LIST_DIR}/systolic_cases_test.cpp LABEL cross)
target_compile_definitions(
  systolic_cases_test PRIVATE CHASM_SYSTOLIC_CASES="${CMAKE_CURRENT_LIST_DIR}/systolic_cases.json")
