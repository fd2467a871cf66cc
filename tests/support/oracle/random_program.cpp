#include "tests/support/oracle/random_program.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "models/program/flatten.h"
#include "tests/support/oracle/im2col.h"
#include "tests/support/oracle/random_draw.h"
#include "tests/support/oracle/random_layout.h"

namespace chasm::oracle {
namespace {

constexpr std::uint64_t kMostSteps = 160;
constexpr std::uint64_t kMostPesOnASide = 5;

// Trips that cover the bound, perfectly or not, some with more than they need.
std::vector<std::uint64_t> factors_of(Rng& rng, std::uint64_t bound) {
  std::vector<std::uint64_t> factors;
  std::uint64_t left = bound;
  while (left > 1) {
    const std::uint64_t trips = 2 + rng.below(left - 1);
    factors.push_back(trips);
    left = (left + trips - 1) / trips;
  }
  if (one_in(rng, 8)) factors.push_back(std::min<std::uint64_t>(bound, 1 + rng.below(2)));
  return factors;
}

void shuffle(Rng& rng, std::vector<Loop>& loops) {
  for (std::size_t i = loops.size(); i > 1; --i) std::swap(loops[i - 1], loops[rng.below(i)]);
}

// What a systolic array has along its rows and columns.
Dim along_rows(Dataflow dataflow) { return dataflow == Dataflow::os ? Dim::P : Dim::C; }
Dim along_columns(Dataflow dataflow) { return dataflow == Dataflow::is ? Dim::P : Dim::K; }

class ProgramMaker {
 public:
  ProgramMaker(Rng& rng, const ChunkSpec& chunk, const Operation& operation)
      : rng_(rng), chunk_(chunk), original_(operation), systolic_(is_systolic(chunk)) {
    program_.operation = systolic_ ? flattened(operation) : operation;
  }

  Program make(const LayoutSpec& order) {
    for (const Dim d : kAllDims) {
      if (d == Dim::R && op().is_row_op()) continue;
      place_all(d);
    }
    for (auto* level : {&program_.dram, &program_.buffer, &program_.spatial_x, &program_.spatial_y,
                        &program_.rf}) {
      shuffle(rng_, *level);
    }
    if (op().is_row_op()) order_passes();
    choose_paths();
    place_tensors(order);
    return std::move(program_);
  }

 private:
  static bool is_systolic(const ChunkSpec& chunk) {
    return chunk.interconnect == Interconnect::systolic;
  }
  const Operation& op() const { return program_.operation; }

  // What a row operation combines along C it also has to add up between PEs.
  bool reduces(Dim d) const { return op().is_reduction(d) || (op().is_row_op() && d == Dim::C); }

  bool may_spread(Dim d, bool along_x) const {
    if (systolic_) return d == (along_x ? along_columns : along_rows)(chunk_.dataflow);
    return !reduces(d) || chunk_.spatial_reduction != SpatialReduction::none;
  }

  // Most systolic arrays have something on both sides.
  void place_all(Dim d) {
    std::uint64_t bound = op().bounds[d];
    const bool x = may_spread(d, true);
    if (systolic_ && bound > 1 && (x || may_spread(d, false)) && !one_in(rng_, 4)) {
      const std::uint64_t trips = 2 + rng_.below(std::min(bound, kMostPesOnASide) - 1);
      (x ? program_.spatial_x : program_.spatial_y).push_back({d, trips});
      bound = (bound + trips - 1) / trips;
    }
    for (const std::uint64_t trips : factors_of(rng_, bound)) place({d, trips});
  }

  void place(const Loop& loop) {
    const std::uint64_t steps = trips_of(program_.dram) * trips_of(program_.buffer) * loop.trips *
                                (op().is_row_op() ? 3 : 1);
    const std::uint64_t at = rng_.below(10);
    if (at < 5 && steps <= kMostSteps) {
      (at < 2 ? program_.dram : program_.buffer).push_back(loop);
      return;
    }
    for (const bool along_x : {at % 2 == 0, at % 2 != 0}) {
      auto& level = along_x ? program_.spatial_x : program_.spatial_y;
      if (at == 9 || !may_spread(loop.dim, along_x)) continue;
      if (trips_of(level) * loop.trips > kMostPesOnASide) continue;
      level.push_back(loop);
      return;
    }
    program_.rf.push_back(loop);
  }

  // [everything else [R 3 [C]]] over the DRAM and buffer loops: statistics of a row stay in the
  // PEs.
  void order_passes() {
    const auto row = [](const Loop& loop) { return loop.dim == Dim::C; };
    auto& dram = program_.dram;
    auto& buffer = program_.buffer;
    const bool others_in_buffer = !std::all_of(buffer.begin(), buffer.end(), row);
    if (others_in_buffer) {  // then the passes, and all of C, must be there too
      const auto split = std::stable_partition(dram.begin(), dram.end(), std::not_fn(row));
      buffer.insert(buffer.end(), split, dram.end());
      dram.erase(split, dram.end());
    }
    const bool rows_in_dram = std::any_of(dram.begin(), dram.end(), row);
    auto& level = others_in_buffer || (!rows_in_dram && one_in(rng_, 2)) ? buffer : dram;
    const auto split = std::stable_partition(level.begin(), level.end(), std::not_fn(row));
    level.insert(split, {Dim::R, op().bounds[Dim::R]});
  }

  // Past the buffer, through tiles in it, or of a tensor that is kept there.
  void choose_paths() {
    const auto& bypass = chunk_.bypass_global_buffer;
    // A systolic array takes its inputs out of the buffer.
    const bool past[] = {bypass.input && !systolic_, bypass.weight, false};
    for (std::size_t o = 0; o < kOperands; ++o) {
      const TensorAccess& access = op().access[o];
      program_.buffer_tiles[o] = between(rng_, 1, 2);
      program_.bypass_buffer[o] = past[o] && access.used;
      program_.kept[o] =
          access.used && !access.is_parameter && !program_.bypass_buffer[o] && one_in(rng_, 5);
    }
  }

  void place_tensors(const LayoutSpec& order) {
    std::uint64_t base = 64 * rng_.below(4);
    const auto allot = [&](Operand o, std::uint32_t bits, const TensorLayout& layout) {
      Placement placement;
      placement.dram_base = base;
      placement.bits = bits;
      placement.layout = layout;
      const std::uint64_t words = words_in_dram(op().of(o), layout);
      base += ((words * bits + 7) / 8 + 63) / 64 * 64 + 64 * rng_.below(3);
      return placement;
    };
    for (const Operand o : kAllOperands) {
      const auto i = static_cast<std::size_t>(o);
      const std::uint32_t bits = one_of<std::uint32_t>(rng_, {4, 6, 8, 8, 8, 12, 16});
      program_.placement[i] = allot(o, bits, layout_of(o, order));
      program_.pe_bits[i] = bits;
    }
    program_.psum = allot(Operand::output, one_of<std::uint32_t>(rng_, {16, 16, 20, 24, 32}),
                          program_.placement[static_cast<std::size_t>(Operand::output)].layout);
  }

  TensorLayout layout_of(Operand o, const LayoutSpec& order) {
    const TensorAccess& access = op().of(o);
    if (!access.used || access.is_parameter) return {};
    return random_layout(rng_, order, original_.of(o), stored_access(access));
  }

  Rng& rng_;
  const ChunkSpec& chunk_;
  const Operation& original_;
  bool systolic_;
  Program program_;
};

}  // namespace

Program random_program(Rng& rng, const ChunkSpec& chunk, const Operation& operation,
                       const LayoutSpec& order) {
  return ProgramMaker(rng, chunk, operation).make(order);
}

}  // namespace chasm::oracle
