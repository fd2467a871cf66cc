file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/sweep/*.cpp)
chasm_test(sweep_unit_test LIBRARIES chasm_sweep SOURCES ${sources} LABEL unit)
target_compile_definitions(sweep_unit_test PRIVATE CHASM_DOCS="${PROJECT_SOURCE_DIR}/docs")
