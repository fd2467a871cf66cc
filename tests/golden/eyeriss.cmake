# AlexNet against the measured Eyeriss chip (eyeriss/README.md).
if(CHASM_PYTHON)
  add_test(NAME EyerissSilicon COMMAND ${CHASM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/eyeriss/compare.py --chasm $<TARGET_FILE:chasm>)
  set_tests_properties(EyerissSilicon PROPERTIES LABELS golden TIMEOUT 120)
endif()
