chasm_test(random_systolic_test LIBRARIES chasm_run chasm_test_support chasm_oracle
           SOURCES systolic_layers_test.cpp LABEL random)
