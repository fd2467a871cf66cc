chasm_test(base_test LIBRARIES chasm_base LABEL unit SOURCES
  base/clock_domain_test.cpp
  base/diagnostic_test.cpp
  base/files_test.cpp
  base/fingerprint_test.cpp
  base/json_test.cpp
  base/limits_test.cpp
  base/measure_test.cpp
  base/named_document_test.cpp
  base/parallel_test.cpp
  base/parse_test.cpp
  base/printable_test.cpp
  base/resource_test.cpp
  base/rng_test.cpp
  base/schema_test.cpp
  base/suggest_test.cpp
  base/units_test.cpp)
chasm_embed(base_test test_resources
  ${CMAKE_CURRENT_SOURCE_DIR}/base/resource-1.txt
  ${CMAKE_CURRENT_SOURCE_DIR}/base/an-empty.one.txt)
