# valijson is headers only and is used in one file (base/schema.cpp); its target carries no warnings of ours.
find_path(valijson_INCLUDE_DIR valijson/validator.hpp)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(valijson
  REQUIRED_VARS valijson_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install Debian's libvalijson-dev")
if(valijson_FOUND AND NOT TARGET valijson::valijson)
  add_library(valijson::valijson INTERFACE IMPORTED)
  set_target_properties(valijson::valijson PROPERTIES
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${valijson_INCLUDE_DIR}"
    INTERFACE_COMPILE_DEFINITIONS VALIJSON_USE_EXCEPTIONS=1)
endif()
