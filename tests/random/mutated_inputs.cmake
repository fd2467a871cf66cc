# Files of every kind with one value changed, through the program's own commands.
find_package(SQLite3 REQUIRED)
set(mutated ${CMAKE_CURRENT_LIST_DIR}/mutated_inputs_test.cpp)
chasm_test(mutated_inputs_test LIBRARIES chasm_cli SQLite::SQLite3 SOURCES ${mutated} LABEL random)
chasm_test(mutated_inputs_long_test LIBRARIES chasm_cli SQLite::SQLite3 SOURCES ${mutated} LABEL long)
target_compile_definitions(mutated_inputs_long_test PRIVATE CHASM_LONG_TESTS)
