// Small random accelerators with a random legal program on some of their chunks, for the comparison
// of machines. Everything follows from the seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/arch/arch_spec.h"
#include "tests/support/oracle/oracle.h"

namespace chasm {

struct RandomCase {
  ArchSpec arch;
  std::vector<OracleJob> jobs;  // in order of chunks
};

RandomCase random_case(std::uint64_t seed);
std::string describe(const RandomCase&);  // for the message of a failing test

}  // namespace chasm
