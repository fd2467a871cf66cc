#include "tests/support/oracle/random_case.h"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>

#include "base/rng.h"
#include "tests/support/oracle/random_operation.h"
#include "tests/support/oracle/words.h"

namespace chasm {
namespace {

using oracle::extents_of;
using oracle::nominal_words;

constexpr std::uint64_t kMostSteps = 160;
constexpr std::uint64_t kMostPesOnASide = 5;

template <class T>
T one_of(Rng& rng, std::initializer_list<T> choices) {
  return choices.begin()[rng.below(choices.size())];
}
bool one_in(Rng& rng, std::uint64_t n) { return rng.below(n) == 0; }
std::uint32_t narrow(std::int64_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t between(Rng& rng, std::int64_t low, std::int64_t high) {
  return narrow(rng.between(low, high));
}

std::uint64_t trips_of(const std::vector<Loop>& loops) {
  std::uint64_t product = 1;
  for (const Loop& loop : loops) product *= loop.trips;
  return product;
}

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

class ProgramMaker {
 public:
  ProgramMaker(Rng& rng, const ChunkSpec& chunk, Operation operation) : rng_(rng), chunk_(chunk) {
    program_.operation = std::move(operation);
  }

  Program make() {
    for (const Dim d : kAllDims) {
      if (d == Dim::R && op().is_row_op()) continue;
      for (const std::uint64_t trips : factors_of(rng_, op().bounds[d])) place({d, trips});
    }
    for (auto* level : {&program_.dram, &program_.buffer, &program_.spatial_x, &program_.spatial_y,
                        &program_.rf}) {
      shuffle(rng_, *level);
    }
    if (op().is_row_op()) order_passes();
    place_tensors();
    return std::move(program_);
  }

 private:
  const Operation& op() const { return program_.operation; }

  // What a row operation combines along C it also has to add up between PEs.
  bool reduces(Dim d) const { return op().is_reduction(d) || (op().is_row_op() && d == Dim::C); }

  bool may_spread(Dim d, bool along_x) const {
    if (reduces(d) && chunk_.spatial_reduction == SpatialReduction::none) return false;
    if (chunk_.interconnect != Interconnect::systolic) return true;
    if (along_x) return d == Dim::G || d == Dim::K;
    // Rows: positions, or the reduction, but not both.
    if (d == Dim::G || d == Dim::K) return false;
    const auto& rows = program_.spatial_y;
    return std::all_of(rows.begin(), rows.end(), [&](const Loop& loop) {
      return loop.trips == 1 || reduces(loop.dim) == reduces(d);
    });
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

  void place_tensors() {
    std::uint64_t base = 64 * rng_.below(4);
    const auto allot = [&](std::uint64_t words, std::uint32_t bits) {
      const Placement placement{base, bits};
      base += ((words * bits + 7) / 8 + 63) / 64 * 64 + 64 * rng_.below(3);
      return placement;
    };
    for (const Operand o : kAllOperands) {
      const auto i = static_cast<std::size_t>(o);
      const std::uint32_t bits = one_of<std::uint32_t>(rng_, {4, 6, 8, 8, 8, 12, 16});
      program_.placement[i] = allot(op().of(o).words, bits);
      program_.pe_bits[i] = bits;
      program_.buffer_tiles[i] = between(rng_, 1, 2);
    }
    program_.psum =
        allot(op().of(Operand::output).words, one_of<std::uint32_t>(rng_, {16, 16, 20, 24, 32}));
    const auto& bypass = chunk_.bypass_global_buffer;
    program_.bypass_buffer = {bypass.input, bypass.weight && op().of(Operand::weight).used, false};
  }

  Rng& rng_;
  const ChunkSpec& chunk_;
  Program program_;
};

void random_memory(Rng& rng, ArchSpec& arch) {
  arch.dram.channels = between(rng, 1, 3);
  // In units of 1/65536 byte a cycle, some of them no divisor of a line.
  const double units = one_of<double>(
      rng, {16 * 65536.0, 64 * 65536.0, 229377, 49152, 8 * 65536.0, 345678, 100 * 65536.0});
  arch.dram.bandwidth_bytes_per_cycle = units / 65536;
  arch.dram.latency_cycles = rng.below(3) == 0 ? rng.below(3) : rng.below(60);
  GlobalBufferSpec& buffer = arch.global_buffer;
  buffer.capacity_bytes = 1 << 20;
  buffer.word_bytes = one_of<std::uint32_t>(rng, {1, 2, 4, 8, 8, 16});
  buffer.ports = between(rng, 1, 3);
  buffer.latency_cycles = between(rng, 0, 4);
  buffer.max_burst_beats = one_of<std::uint32_t>(rng, {1, 2, 4, 16, 16});
}

ChunkSpec random_chunk(Rng& rng, const Operation& operation) {
  ChunkSpec chunk;
  const bool mac = operation.is_mac();
  chunk.pe_kind = mac ? static_cast<PeKind>(operation.kind) : PeKind::vector;
  chunk.lanes = one_of<std::uint32_t>(rng, {1, 1, 1, 2, 3});
  if (mac && one_in(rng, 6)) chunk.interconnect = Interconnect::systolic;
  chunk.spatial_reduction =
      one_of(rng, {SpatialReduction::none, SpatialReduction::chain, SpatialReduction::adder_tree});
  chunk.pipeline_depth = between(rng, 1, 4);
  chunk.double_buffered = {one_in(rng, 2), one_in(rng, 2), one_in(rng, 2)};
  chunk.bus_words_per_cycle = {between(rng, 1, 5), between(rng, 1, 5), between(rng, 1, 5),
                               between(rng, 1, 5)};
  chunk.bypass_global_buffer = {one_in(rng, 4), one_in(rng, 3), false};
  chunk.prefetch_fifo_bytes = 64 * between(rng, 1, 8);
  chunk.dma_outstanding = one_of<std::uint32_t>(rng, {1, 2, 3, 4, 16});
  chunk.config_cycles = one_in(rng, 2) ? 0 : rng.below(20);
  return chunk;
}

// The array and the register files are as large as the program needs.
void fit(ChunkSpec& chunk, const Program& program, const ArchSpec& arch, Rng& rng) {
  chunk.cols = narrow(static_cast<std::int64_t>(trips_of(program.spatial_x) + rng.below(2)));
  chunk.rows = narrow(static_cast<std::int64_t>(trips_of(program.spatial_y) + rng.below(2)));
  const DimArray<std::uint64_t> tile = extents_of({&program.rf});
  const auto words = [&](Operand o) {
    return narrow(static_cast<std::int64_t>(2 * nominal_words(program.operation.of(o), tile)));
  };
  chunk.register_file_words = {words(Operand::input), words(Operand::weight),
                               words(Operand::output)};
  chunk.bits = {program.placement[0].bits, program.placement[1].bits, program.psum.bits,
                program.placement[2].bits};
  chunk.name = "chunk" + std::to_string(arch.chunks.size());
}

std::string describe_chunk(const ChunkSpec& c) {
  return fmt::format(
      "{}: {}x{} lanes {} {} reduction {} depth {} double {}{}{} bus {} {} {} {} fifo {} dma {} "
      "config {}",
      c.name, c.rows, c.cols, c.lanes,
      c.interconnect == Interconnect::systolic ? "systolic" : "multicast",
      static_cast<int>(c.spatial_reduction), c.pipeline_depth, c.double_buffered.input,
      c.double_buffered.weight, c.double_buffered.psum, c.bus_words_per_cycle.input,
      c.bus_words_per_cycle.weight, c.bus_words_per_cycle.psum_in, c.bus_words_per_cycle.output,
      c.prefetch_fifo_bytes, c.dma_outstanding, c.config_cycles);
}

}  // namespace

RandomCase random_case(std::uint64_t seed) {
  Rng rng(seed);
  RandomCase result;
  result.arch.name = "random";
  random_memory(rng, result.arch);
  const std::uint64_t chunks = 1 + rng.below(3);
  for (std::uint32_t i = 0; i < chunks; ++i) {
    Operation operation = oracle::random_operation(rng);
    ChunkSpec chunk = random_chunk(rng, operation);
    Program program = ProgramMaker(rng, chunk, std::move(operation)).make();
    fit(chunk, program, result.arch, rng);
    result.arch.chunks.push_back(chunk);
    // Now and then a chunk has nothing to do.
    const bool idle = chunks > 1 && one_in(rng, 8) && !(i + 1 == chunks && result.jobs.empty());
    if (!idle) result.jobs.push_back({i, std::move(program), one_in(rng, 2) ? 0 : rng.below(60)});
  }
  return result;
}

std::string describe(const RandomCase& c) {
  const auto& d = c.arch.dram;
  const auto& b = c.arch.global_buffer;
  std::string text = fmt::format(
      "dram: channels {} bandwidth {} latency {}\nbuffer: word {} ports {} latency {} burst {}\n",
      d.channels, d.bandwidth_bytes_per_cycle, d.latency_cycles, b.word_bytes, b.ports,
      b.latency_cycles, b.max_burst_beats);
  for (const OracleJob& job : c.jobs) {
    const Program& p = job.program;
    text += describe_chunk(c.arch.chunks[job.chunk]);
    text += fmt::format("\n  {} from {}, bits {} {} {} psum {}, bases {} {} {} {}\n{}",
                        to_string(p.operation.kind), job.start_cycle, p.placement[0].bits,
                        p.placement[1].bits, p.placement[2].bits, p.psum.bits,
                        p.placement[0].dram_base, p.placement[1].dram_base,
                        p.placement[2].dram_base, p.psum.dram_base, print_program(p));
  }
  return text;
}

}  // namespace chasm
