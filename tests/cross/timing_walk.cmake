chasm_test(timing_walk_test LIBRARIES chasm_run chasm_oracle chasm_test_support
           SOURCES ${CMAKE_CURRENT_LIST_DIR}/timing_walk_test.cpp LABEL cross)
chasm_test(timing_walk_zoo_test LIBRARIES chasm_run chasm_oracle chasm_test_support
           SOURCES ${CMAKE_CURRENT_LIST_DIR}/timing_walk_zoo_test.cpp LABEL long)
