chasm_test(trace_test LIBRARIES chasm_run SOURCES ${CMAKE_CURRENT_LIST_DIR}/trace_test.cpp
           LABEL cross)
