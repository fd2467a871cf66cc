# Warnings, sanitizers and coverage for every target of the project (SystemC's headers are SYSTEM).
add_library(chasm_options INTERFACE)
target_compile_options(chasm_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns of std::string's own code where it is inlined (GCC bug 105329): not ours, and not true.
  target_compile_options(chasm_options INTERFACE -Wno-restrict)
endif()
if(CHASM_WERROR)
  target_compile_options(chasm_options INTERFACE -Werror)
endif()
if(CHASM_SANITIZE)
  target_compile_options(chasm_options INTERFACE -fsanitize=${CHASM_SANITIZE} -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=all)
  target_link_options(chasm_options INTERFACE -fsanitize=${CHASM_SANITIZE})
endif()
if(CHASM_COVERAGE)
  target_compile_options(chasm_options INTERFACE --coverage)
  target_link_options(chasm_options INTERFACE --coverage)
endif()
