file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp)
chasm_test(cli_test LIBRARIES chasm_base SOURCES ${sources} LABEL cli)
add_dependencies(cli_test chasm)
target_compile_definitions(cli_test PRIVATE
  "CHASM_BINARY=\"$<TARGET_FILE:chasm>\"" "CHASM_README=\"${PROJECT_SOURCE_DIR}/README.md\"")

# Pages in a browser, where there is one (Debian's package chromium).
find_program(CHASM_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(CHASM_PYTHON)
  add_test(NAME page_in_browser
           COMMAND ${CHASM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/page_in_browser_test.py $<TARGET_FILE:chasm>)
  set_tests_properties(page_in_browser PROPERTIES LABELS cli SKIP_RETURN_CODE 77 TIMEOUT 300 ENVIRONMENT CHASM_CACHE=off)
endif()
