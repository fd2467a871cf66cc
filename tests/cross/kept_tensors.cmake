chasm_test(kept_tensors_test LIBRARIES chasm_run chasm_oracle
           SOURCES ${CMAKE_CURRENT_LIST_DIR}/kept_tensors_test.cpp LABEL cross)
