file(GLOB workloads_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/workloads/*_test.cpp)
chasm_test(workloads_test LIBRARIES chasm_workloads SOURCES ${workloads_tests} LABEL unit)
