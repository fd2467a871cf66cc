chasm_test(memory_test LIBRARIES chasm_memory SOURCES memory/buffer_space_test.cpp LABEL unit)
