chasm_test(closed_form_test LIBRARIES chasm_accelerator chasm_oracle
           SOURCES ${CMAKE_CURRENT_LIST_DIR}/closed_form_test.cpp
                   ${CMAKE_CURRENT_LIST_DIR}/closed_form.cpp
           LABEL cross)
