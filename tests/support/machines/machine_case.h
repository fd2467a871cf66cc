// A random machine with a random network and a way to run it, and what every such run must hold to:
// the values are those of the golden arithmetic and the laws of each run hold (sim/run says so),
// values change no time and no count, each layer alone takes the cycles of the timing walk, and
// where the machine cannot do it, diagnostics say why.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "sim/run/simulate.h"

namespace chasm {

struct MachineCase {
  std::uint64_t seed = 0;
  Json machine;
  // None where the machine itself is refused.
  std::optional<ArchSpec> arch;
  Json workload;
  Network network;
  SimOptions options;  // images, schedule, kept tensors, seed
};
MachineCase machine_case(std::uint64_t seed);

// How one case came out.
struct CaseResult {
  enum class How { held, refused, broken };
  How how = How::broken;
  std::string text;  // the diagnostics; what was broken
  std::uint64_t runs = 0, overlaps = 0, walked = 0, referenced = 0;  // the last two: operations
};
// Tries the mapper's mapping and a random one, each in processes of their own.
CaseResult check_case(const MachineCase&);

// The command line of a run, and the three documents it needs.
std::string describe(const MachineCase&);

}  // namespace chasm
