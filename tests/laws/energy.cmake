chasm_test(energy_law LIBRARIES chasm_arch chasm_program SOURCES energy_test.cpp LABEL law)
