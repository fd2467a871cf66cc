# The experiments of docs/validation.md, shortened.
if(NOT CHASM_PYTHON)
  return()
endif()
add_test(NAME Experiments.Run COMMAND ${CHASM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/experiments_test.py $<TARGET_FILE:chasm>)
set_tests_properties(Experiments.Run PROPERTIES LABELS long TIMEOUT 1800)
