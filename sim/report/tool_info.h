// What made a result: the versions of this program and of what it was built from.
#pragma once

#include <string>

namespace chasm {

struct ToolInfo {
  std::string version;
  std::string git;  // revision, "-dirty" with local changes, "unknown" outside git
  std::string systemc, fmt, nlohmann_json, boost;
  std::string compiler;    // name and version
  std::string build_type;  // "Release", ...
};

ToolInfo tool_info();

}  // namespace chasm
