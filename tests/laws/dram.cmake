chasm_test(dram_law_test LIBRARIES chasm_dram chasm_dram_checker
           SOURCES ${CMAKE_CURRENT_LIST_DIR}/dram_test.cpp LABEL law)
chasm_test(bank_dram_law LIBRARIES chasm_memory chasm_dram_checker
           SOURCES ${CMAKE_CURRENT_LIST_DIR}/bank_dram_test.cpp LABEL law)
