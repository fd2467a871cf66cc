chasm_test(schedule_test LIBRARIES chasm_run SOURCES ${CMAKE_CURRENT_LIST_DIR}/schedule_test.cpp
           LABEL cross)
