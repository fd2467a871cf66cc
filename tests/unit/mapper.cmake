chasm_test(program_test LIBRARIES chasm_program
  SOURCES program/operation_test.cpp program/program_test.cpp program/verify_test.cpp program/verify_memory_test.cpp program/flatten_test.cpp
          program/place_check_test.cpp
  LABEL unit)
file(GLOB mapper_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/mapper/*_test.cpp)
chasm_test(mapper_test LIBRARIES chasm_mapper SOURCES ${mapper_tests} LABEL unit)
