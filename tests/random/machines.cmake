chasm_test(random_machines_test LIBRARIES chasm_machines SOURCES random_machines_test.cpp LABEL random)
# The same over many more seeds.
chasm_test(random_machines_long_test LIBRARIES chasm_machines SOURCES random_machines_test.cpp LABEL long)
target_compile_definitions(random_machines_long_test PRIVATE CHASM_MACHINES_FIRST_SEED=1000000 CHASM_MACHINES=2000)
