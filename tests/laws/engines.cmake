chasm_test(dma_law LIBRARIES chasm_accelerator SOURCES dma_test.cpp LABEL law)
chasm_test(sequencer_law LIBRARIES chasm_accelerator SOURCES sequencer_test.cpp LABEL law)
