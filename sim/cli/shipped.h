// What comes with the program, by name.
#pragma once

#include <string>
#include <vector>

namespace chasm {

struct ShippedKind {
  std::string word;  // as `chasm list` calls it: "archs"
  std::vector<std::string> (*names)();
  std::string (*about)(const std::string& name);  // one line
  std::string (*text)(const std::string& name);   // the document
};

const std::vector<ShippedKind>& shipped_kinds();

}  // namespace chasm
