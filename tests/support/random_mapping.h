// Random legal mappings: loops, orders, spatial factors and buffer tiles, by a random walk that
// only takes legal steps. Everything follows from the random numbers given.
#pragma once

#include <array>

#include "base/rng.h"
#include "workloads/quantization.h"
#include "mapper/mapping.h"

namespace chasm {

// Mappings of many steps take long to simulate: the walk goes on until there are no more than that,
// or it does not find a way. The mapping is legal in any case.
struct RandomMappingOptions {
  std::uint64_t most_steps = UINT64_MAX;
};

// Of an operation as the chunk runs it (operation_on).
OperationMapping random_mapping(const Operation&, const ChunkSpec&, const ArchSpec&,
                                const QuantizationPlan&, const RandomMappingOptions&, Rng&);

// Of every layer, on the chunk that the mapper gives it.
Mapping random_mapping(const ArchSpec&, const Network&, const RandomMappingOptions&, Rng&);

// Whether the loops say the same; loops of one trip say nothing.
bool same_loops(const OperationMapping&, const OperationMapping&);

// Three mappings no two of which have the same loops for any operation: the mapper's own for the
// energy-delay product; for latency with chunks side by side (random where it would be the same);
// and a random one.
std::array<Mapping, 3> different_mappings(const ArchSpec&, const Network&,
                                          const RandomMappingOptions&, Rng&);

}  // namespace chasm
