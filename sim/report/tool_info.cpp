#include "sim/report/tool_info.h"

#include <boost/version.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "git_revision.h"

namespace chasm {

ToolInfo tool_info() {
  ToolInfo info;
  info.version = CHASM_VERSION;
  info.git = CHASM_GIT_REVISION;
  info.systemc = CHASM_SYSTEMC_VERSION;
  info.fmt =
      fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
  info.nlohmann_json = fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR,
                                   NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH);
  info.boost = fmt::format("{}.{}.{}", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000,
                           BOOST_VERSION % 100);
#if defined(__clang__)
  info.compiler =
      fmt::format("Clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  info.compiler = fmt::format("GCC {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
  info.build_type = CHASM_BUILD_TYPE;
  return info;
}

}  // namespace chasm
