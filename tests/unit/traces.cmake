file(GLOB traces_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/traces/*_test.cpp)
chasm_test(traces_test LIBRARIES chasm_traces SOURCES ${traces_tests} LABEL unit)
