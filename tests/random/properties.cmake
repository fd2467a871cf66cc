chasm_test(random_properties_test LIBRARIES chasm_accelerator chasm_oracle
           SOURCES properties_test.cpp LABEL random)
