#include "tests/support/random_mapping.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/units.h"
#include "mapper/assign.h"
#include "mapper/build_program.h"
#include "mapper/map_network.h"

namespace chasm {
namespace {

constexpr int kFewestTries = 150, kMostTries = 3000;

std::uint64_t trips_of(const std::vector<Loop>& loops) {
  std::uint64_t product = 1;
  for (const Loop& loop : loops) product *= loop.trips;
  return product;
}
std::uint64_t steps_of(const OperationMapping& mapping) {
  return trips_of(mapping.dram) * trips_of(mapping.buffer);
}

// Factors of every dimension at each level but DRAM, which covers the rest.
struct Factors {
  DimArray<std::uint64_t> buffer = ones(), x = ones(), y = ones(), rf = ones();
};

class RandomWalk {
 public:
  RandomWalk(const Operation& operation, const ChunkSpec& chunk, const ArchSpec& arch,
             const QuantizationPlan& plan, Rng& rng)
      : operation_(operation),
        chunk_(chunk),
        limits_(limits_of(chunk, arch.global_buffer)),
        plan_(plan),
        rng_(rng) {}

  OperationMapping make(const RandomMappingOptions& options) {
    Factors factors;
    OperationMapping mapping = loops(factors);
    // The way past the buffer and the number of tiles may be more than the buffer holds.
    for (int i = 0; i < kFewestTries && !fits(mapping); ++i) mapping = loops(factors);
    CHECK(fits(mapping), "{} does not fit {} in its smallest tiles", operation_.name, chunk_.name);
    for (int i = 0; i < kMostTries; ++i) {
      const std::uint64_t steps = steps_of(mapping);
      if (i >= kFewestTries && steps <= options.most_steps) break;
      Factors next = factors;
      DimArray<std::uint64_t>* const levels[] = {&next.buffer, &next.x, &next.y, &next.rf};
      const Dim d = kAllDims[rng_.below(kDims)];
      (*levels[rng_.below(4)])[d] = factor(operation_.bounds[d]);
      const OperationMapping candidate = loops(next);
      if (steps_of(candidate) > std::max(steps, options.most_steps) || !fits(candidate)) continue;
      factors = next;
      mapping = candidate;
    }
    return mapping;
  }

 private:
  bool fits(const OperationMapping& mapping) const {
    Diagnostics ignored;
    const Program program = build_program(operation_, chunk_, limits_, mapping, plan_);
    return verify_program(program, limits_, "", "", ignored);
  }

  // Of any size alike: small factors are as likely as large ones.
  std::uint64_t factor(std::uint64_t bound) {
    const std::uint64_t most = std::uint64_t{2} << rng_.below(std::bit_width(bound));
    return 1 + rng_.below(std::min(bound, most));
  }

  void add(std::vector<Loop>& level, Dim d, std::uint64_t trips) {
    if (trips >= 4 && rng_.below(3) == 0) {  // the same dimension twice
      level.push_back({d, 2});
      trips = ceil_div(trips, 2);
    }
    if (trips > 1 || rng_.below(16) == 0) level.push_back({d, trips});
  }

  void shuffle(std::vector<Loop>& level) {
    for (std::size_t i = level.size(); i > 1; --i) std::swap(level[i - 1], level[rng_.below(i)]);
  }

  OperationMapping loops(const Factors& factors) {
    OperationMapping mapping;
    mapping.chunk = chunk_.name;
    for (const Dim d : kAllDims) {
      const bool row = operation_.is_row_op() && (d == Dim::C || d == Dim::R);
      const std::uint64_t below = factors.buffer[d] * factors.x[d] * factors.y[d] * factors.rf[d];
      if (!row) add(mapping.dram, d, ceil_div(operation_.bounds[d], below));
      if (!row) add(mapping.buffer, d, factors.buffer[d]);
      add(mapping.spatial_x, d, factors.x[d]);
      add(mapping.spatial_y, d, factors.y[d]);
      add(mapping.rf, d, factors.rf[d]);
    }
    for (auto* level :
         {&mapping.dram, &mapping.buffer, &mapping.spatial_x, &mapping.spatial_y, &mapping.rf}) {
      shuffle(*level);
    }
    if (operation_.is_row_op()) add_rows(mapping, factors);
    for (std::size_t o = 0; o < kOperands; ++o) {
      if (rng_.below(2) == 0)
        mapping.buffer_tiles[o] = 1 + static_cast<std::uint32_t>(rng_.below(2));
    }
    const auto choices = bypass_choices(operation_, chunk_);
    if (choices.size() > 1) mapping.bypass = choices[rng_.below(choices.size())];
    return mapping;
  }

  // The passes and the rest of the row, innermost; at DRAM level where the row is cut there.
  void add_rows(OperationMapping& mapping, const Factors& factors) {
    const std::uint64_t below =
        factors.buffer[Dim::C] * factors.x[Dim::C] * factors.y[Dim::C] * factors.rf[Dim::C];
    const std::uint64_t rest = ceil_div(operation_.bounds[Dim::C], below);
    (rest > 1 ? mapping.dram : mapping.buffer).push_back({Dim::R, operation_.bounds[Dim::R]});
    if (rest > 1) mapping.dram.push_back({Dim::C, rest});
    if (factors.buffer[Dim::C] > 1) mapping.buffer.push_back({Dim::C, factors.buffer[Dim::C]});
  }

  const Operation& operation_;
  const ChunkSpec& chunk_;
  const ProgramLimits limits_;
  const QuantizationPlan& plan_;
  Rng& rng_;
};

// What a mapping of a network is made of.
struct Parts {
  std::vector<std::uint32_t> chunks;  // by layer
  QuantizationPlan plan;
  struct Part {
    Operation operation;  // as its chunk runs it
    std::uint32_t chunk;
  };
  std::vector<Part> operations;
};

Parts parts_of(const ArchSpec& arch, const Network& network) {
  Diagnostics problems;
  const auto chunks = assign_chunks(arch, network, problems);
  CHECK(chunks, "{}", problems.to_string());
  Parts parts;
  parts.chunks = *chunks;
  std::vector<LayerWidths> widths;
  for (const std::uint32_t chunk : *chunks) widths.push_back(widths_of(arch.chunks[chunk]));
  parts.plan = plan_quantization(network, widths);
  for (std::size_t l = 0; l < network.layers.size(); ++l)
    for (const Operation& operation : operations_of(network, l)) {
      const std::uint32_t chunk = parts.chunks[l];
      parts.operations.push_back({operation_on(arch.chunks[chunk], operation), chunk});
    }
  return parts;
}

std::vector<Loop> telling(const std::vector<Loop>& loops) {
  std::vector<Loop> kept;
  for (const Loop& loop : loops)
    if (loop.trips > 1) kept.push_back(loop);
  return kept;
}

Mapping mapped(const ArchSpec& arch, const Network& network, const MapOptions& options) {
  Diagnostics problems;
  const auto mapping = map_network(arch, network, options, problems);
  CHECK(mapping, "{}", problems.to_string());
  return *mapping;
}

}  // namespace

OperationMapping random_mapping(const Operation& operation, const ChunkSpec& chunk,
                                const ArchSpec& arch, const QuantizationPlan& plan,
                                const RandomMappingOptions& options, Rng& rng) {
  return RandomWalk(operation, chunk, arch, plan, rng).make(options);
}

Mapping random_mapping(const ArchSpec& arch, const Network& network,
                       const RandomMappingOptions& options, Rng& rng) {
  const Parts parts = parts_of(arch, network);
  Mapping mapping;
  for (const auto& [operation, chunk] : parts.operations)
    mapping.layers[operation.name] =
        random_mapping(operation, arch.chunks[chunk], arch, parts.plan, options, rng);
  return mapping;
}

bool same_loops(const OperationMapping& a, const OperationMapping& b) {
  return telling(a.dram) == telling(b.dram) && telling(a.buffer) == telling(b.buffer) &&
         telling(a.spatial_x) == telling(b.spatial_x) &&
         telling(a.spatial_y) == telling(b.spatial_y) && telling(a.rf) == telling(b.rf);
}

std::array<Mapping, 3> different_mappings(const ArchSpec& arch, const Network& network,
                                          const RandomMappingOptions& options, Rng& rng) {
  MapOptions small_and_fast;  // in shares of the buffer
  small_and_fast.objective = Objective::latency;
  small_and_fast.side_by_side = true;
  constexpr int kMostDraws = 50;
  const Parts parts = parts_of(arch, network);
  std::array<Mapping, 3> mappings = {
      mapped(arch, network, {}), mapped(arch, network, small_and_fast), {}};
  for (const auto& [operation, chunk] : parts.operations) {
    const std::string& name = operation.name;
    const auto differs = [&](std::size_t m) {
      for (std::size_t before = 0; before < m; ++before)
        if (same_loops(mappings[m].layers[name], mappings[before].layers[name])) return false;
      return true;
    };
    for (const std::size_t m : {1U, 2U}) {
      int draws = 0;
      while (mappings[m].layers[name].chunk.empty() || !differs(m)) {
        CHECK(++draws <= kMostDraws, "{} has no other mapping on {}", name, arch.name);
        mappings[m].layers[name] =
            random_mapping(operation, arch.chunks[chunk], arch, parts.plan, options, rng);
      }
    }
  }
  return mappings;
}

}  // namespace chasm
