// Architectures drawn from the whole schema: a key that is added there is drawn from then on.
// Everything follows from the seed.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"

namespace chasm {

// A key by its path ("dram.standard", "chunks.pe_array.rows"), with what the schema says of it.
struct MachineKey {
  std::string path;
  const Json* schema;
};
// All but "extends", names and descriptions.
const std::vector<MachineKey>& machine_keys();

// A document with every key. Each third seed departs from the defaults in one key alone (in each
// key after another) and in what that key needs to have an effect, the others in few, half or all.
// One in 24 may break the rules between keys, which the program must refuse.
Json random_machine(std::uint64_t seed);

// What the keys of some machines were set to, where they had an effect.
class MachineCoverage {
 public:
  void add(const Json& machine);
  // What is lacking, a line each: a key of the schema that took fewer than three numbers, not both
  // truth values, not each name of its list.
  std::string missing() const;

 private:
  std::map<std::string, std::set<std::string>> seen_;
};

}  // namespace chasm
