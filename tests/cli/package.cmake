# What comes out of `cmake --install` and of `cpack`, and that the program in it runs.
add_test(NAME Package.HasTheProgramAndItsDocuments
  COMMAND ${CMAKE_COMMAND} -DBUILD=${PROJECT_BINARY_DIR} -DWORK=${CMAKE_CURRENT_BINARY_DIR}/package
          -DCPACK=${CMAKE_CPACK_COMMAND} -P ${CMAKE_CURRENT_LIST_DIR}/package/check.cmake)
set_tests_properties(Package.HasTheProgramAndItsDocuments PROPERTIES LABELS cli TIMEOUT 300)

add_test(NAME Example.TwoClocks COMMAND two_clocks tiny toy_mixed3)
set_tests_properties(Example.TwoClocks PROPERTIES LABELS cli TIMEOUT 300
  PASS_REGULAR_EXPRESSION "^  250 MHz +[0-9.]+ ms +[0-9.]+ uJ\n  500 MHz +[0-9.]+ ms +[0-9.]+ uJ\n$")
