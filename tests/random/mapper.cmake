chasm_test(random_mapping_test LIBRARIES chasm_run chasm_test_support chasm_oracle
           SOURCES random_mapping_test.cpp LABEL random)
