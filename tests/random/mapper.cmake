chasm_test(random_mapping_test LIBRARIES chasm_run chasm_test_support chasm_oracle
           SOURCES random_mapping_test.cpp LABEL random)
chasm_test(line_estimates_test LIBRARIES chasm_mapper chasm_test_support SOURCES line_estimates_test.cpp LABEL random)
