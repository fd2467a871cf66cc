# Access counts against Timeloop (timeloop/README.md).
chasm_test(timeloop_test LIBRARIES chasm_mapper SOURCES ${CMAKE_CURRENT_LIST_DIR}/timeloop/timeloop_test.cpp LABEL golden)
target_compile_definitions(timeloop_test PRIVATE CHASM_TIMELOOP_CASES="${CMAKE_CURRENT_LIST_DIR}/timeloop/cases.json")
chasm_test(timeloop_rules_test LIBRARIES chasm_timeloop_rules SOURCES ${CMAKE_CURRENT_LIST_DIR}/timeloop/rules_test.cpp LABEL golden)
target_compile_definitions(timeloop_rules_test PRIVATE CHASM_TIMELOOP_CASES="${CMAKE_CURRENT_LIST_DIR}/timeloop/cases.json")
chasm_test(timeloop_best_test LIBRARIES chasm_timeloop_rules SOURCES ${CMAKE_CURRENT_LIST_DIR}/timeloop/best_test.cpp LABEL golden)
target_compile_definitions(timeloop_best_test PRIVATE CHASM_TIMELOOP_DIR="${CMAKE_CURRENT_LIST_DIR}/timeloop")
