chasm_test(dma_law LIBRARIES chasm_accelerator SOURCES dma_test.cpp LABEL law)
chasm_test(passes_law LIBRARIES chasm_accelerator chasm_oracle
           SOURCES passes_test.cpp read_back_test.cpp LABEL law)
chasm_test(sequencer_law LIBRARIES chasm_accelerator SOURCES sequencer_test.cpp LABEL law)
chasm_test(work_law LIBRARIES chasm_accelerator
           SOURCES work_test.cpp ${PROJECT_SOURCE_DIR}/tests/support/allocation_count.cpp LABEL law)
