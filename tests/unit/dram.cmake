chasm_test(dram_unit_test
  LIBRARIES chasm_dram chasm_dram_checker
  SOURCES dram/checker_test.cpp
  LABEL unit)
