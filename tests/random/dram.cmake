chasm_test(dram_random_test LIBRARIES chasm_dram chasm_dram_checker
           SOURCES dram_test.cpp dram_idle_test.cpp LABEL random)
