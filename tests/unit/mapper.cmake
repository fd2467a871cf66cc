chasm_test(program_test LIBRARIES chasm_program
  SOURCES program/operation_test.cpp program/program_test.cpp program/verify_test.cpp
  LABELS unit)
