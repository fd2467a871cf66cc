file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/run/*.cpp)
chasm_test(run_unit_test LIBRARIES chasm_run SOURCES ${sources} LABEL unit)
