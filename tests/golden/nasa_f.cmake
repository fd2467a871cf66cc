# NASA-F's 13 released networks: operations, latency and energy recomputed to the released digits (docs/validation.md).
if(NOT CHASM_PYTHON)
  return()
endif()
add_test(NAME NasaF.ReleasedNumbers COMMAND ${CHASM_PYTHON} ${CMAKE_SOURCE_DIR}/scripts/experiments/nasa_f.py --check)
set_tests_properties(NasaF.ReleasedNumbers PROPERTIES LABELS golden TIMEOUT 120)
