chasm_test(arch_unit_test
  LIBRARIES chasm_arch
  SOURCES arch/read_arch_test.cpp arch/arch_document_test.cpp arch/presets_test.cpp
          arch/energy_bill_test.cpp arch/area_test.cpp arch/docs_test.cpp
  LABEL unit)
chasm_test(energy_unit_test
  LIBRARIES chasm_energy
  SOURCES energy/interpolation_test.cpp energy/energy_table_test.cpp energy/cmos45_test.cpp
          energy/paper_normalised_test.cpp
  LABEL unit)
target_compile_definitions(arch_unit_test PRIVATE CHASM_DOCS="${PROJECT_SOURCE_DIR}/docs")
