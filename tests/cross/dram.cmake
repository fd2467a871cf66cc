chasm_test(dram_replay_test LIBRARIES chasm_run chasm_dram_checker
           SOURCES ${CMAKE_CURRENT_LIST_DIR}/dram_replay_test.cpp LABEL cross)
