file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/report/*.cpp)
chasm_test(report_test LIBRARIES chasm_report SOURCES ${sources} LABEL unit)
