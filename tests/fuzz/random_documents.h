// Machines and networks from a fuzzer's bytes, as documents of the user's kind.
#pragma once

#include <string>
#include <vector>

#include <fuzzer/FuzzedDataProvider.h>

#include "base/json.h"
#include "models/arch/arch_spec.h"

namespace chasm::fuzz {

// Changes of keys anywhere in the machine, each to a value that the schema allows.
std::vector<Override> random_changes(const Json& machine, FuzzedDataProvider&);

// A workload of a few small layers, each on the one before, joined with it by an addition or not.
Json random_workload(FuzzedDataProvider&);

}  // namespace chasm::fuzz
