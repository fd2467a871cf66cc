chasm_test(variants_law LIBRARIES chasm_oracle chasm_accelerator SOURCES variants_test.cpp LABEL law)
