# Finds Debian's SystemC (pkg-config only) and exports SystemC::systemc.
#
# Debian 12 builds libsystemc as C++17, so its only API-version symbol is
# sc_api_version_2_3_4_cxx201703L. A C++20 program asks for ..._cxx202002L and fails to link, unless
# SC_CPLUSPLUS=201703L is defined, which this module does and then checks by linking.
find_package(PkgConfig REQUIRED)
pkg_check_modules(PC_SYSTEMC QUIET systemc)
find_path(SystemC_INCLUDE_DIR systemc HINTS ${PC_SYSTEMC_INCLUDE_DIRS})
find_library(SystemC_LIBRARY systemc HINTS ${PC_SYSTEMC_LIBRARY_DIRS})
set(SystemC_VERSION ${PC_SYSTEMC_VERSION})

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SystemC
  REQUIRED_VARS SystemC_LIBRARY SystemC_INCLUDE_DIR
  VERSION_VAR SystemC_VERSION
  REASON_FAILURE_MESSAGE "install Debian's libsystemc-dev")

if(SystemC_FOUND AND NOT TARGET SystemC::systemc)
  find_package(Threads REQUIRED)
  add_library(SystemC::systemc UNKNOWN IMPORTED)
  set_target_properties(SystemC::systemc PROPERTIES
    IMPORTED_LOCATION "${SystemC_LIBRARY}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${SystemC_INCLUDE_DIR}"
    INTERFACE_COMPILE_DEFINITIONS "SC_CPLUSPLUS=201703L"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_LIBRARIES SystemC::systemc)
  set(CMAKE_REQUIRED_FLAGS -std=c++20)
  check_cxx_source_compiles(
    "#include <systemc>\nint sc_main(int, char**) { return 0; }\nint main() { return sc_core::sc_time_stamp() == sc_core::SC_ZERO_TIME; }"
    CHASM_SYSTEMC_LINKS)
  unset(CMAKE_REQUIRED_LIBRARIES)
  unset(CMAKE_REQUIRED_FLAGS)
  if(NOT CHASM_SYSTEMC_LINKS)
    message(FATAL_ERROR
      "SystemC ${SystemC_VERSION} was found but a C++20 program does not link with it. The library was "
      "probably built for another C++ standard: its symbol sc_api_version_*_cxx<STANDARD> must match the "
      "SC_CPLUSPLUS=201703L that cmake/FindSystemC.cmake defines.")
  endif()
endif()
