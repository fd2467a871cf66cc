file(GLOB memory_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/memory/*_test.cpp)
chasm_test(memory_test LIBRARIES chasm_memory SOURCES ${memory_tests} LABEL unit)
