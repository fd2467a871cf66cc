file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp)
chasm_test(cli_test LIBRARIES chasm_base SOURCES ${sources} LABEL cli)
add_dependencies(cli_test chasm)
target_compile_definitions(cli_test PRIVATE
  "CHASM_BINARY=\"$<TARGET_FILE:chasm>\"" "CHASM_README=\"${PROJECT_SOURCE_DIR}/README.md\"")
