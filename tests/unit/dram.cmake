chasm_test(dram_unit_test
  LIBRARIES chasm_dram chasm_dram_checker
  SOURCES dram/address_map_test.cpp dram/checker_test.cpp dram/config_test.cpp dram/latency_histogram_test.cpp
  LABEL unit)
