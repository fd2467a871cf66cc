// The simulator against the closed form of an uncontended machine (closed_form.h), on random
// regular programs and machines: the last cycle and the busy cycles must be the same.
#include "tests/cross/closed_form.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "models/accelerator.h"
#include "tests/support/oracle/in_child.h"

namespace chasm {
namespace {

constexpr std::uint64_t kPoints = 600, kPointsOfATest = 30;
constexpr std::uint64_t kMostDraws = 40;  // of a point, until one is without contention

template <class T>
T one_of(Rng& rng, std::initializer_list<T> choices) {
  return choices.begin()[rng.below(choices.size())];
}
std::uint32_t between(Rng& rng, std::int64_t low, std::int64_t high) {
  return static_cast<std::uint32_t>(rng.between(low, high));
}

struct Point {
  ArchSpec arch;
  Program program;
};

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : rng_(seed) {}

  Point make() {
    ChunkSpec chunk = draw_chunk();
    draw_loops(chunk);
    draw_tensors();
    draw_rings(chunk);
    Program& program = point_.program;
    const bool systolic = chunk.interconnect == Interconnect::systolic;
    program.bypass_buffer = {!systolic && rng_.below(5) == 0, rng_.below(2) == 0, false};
    program.buffer_tiles = {between(rng_, 1, 2), between(rng_, 1, 2), between(rng_, 1, 2)};
    point_.arch.chunks = {chunk};
    draw_memory();
    point_.arch.chunks[0].fifo_buffered.psum = rng_.below(6) == 0;
    return std::move(point_);
  }

 private:
  ChunkSpec draw_chunk() {
    ChunkSpec chunk;
    chunk.lanes = between(rng_, 1, 3);
    chunk.pipeline_depth = between(rng_, 1, 6);
    chunk.config_cycles = rng_.below(2) == 0 ? 0 : rng_.below(30);
    chunk.double_buffered = {rng_.below(2) == 0, rng_.below(2) == 0, rng_.below(2) == 0};
    chunk.bus_words_per_cycle = {between(rng_, 1, 8), between(rng_, 1, 8), between(rng_, 1, 8),
                                 between(rng_, 1, 8)};
    chunk.spatial_reduction = one_of(rng_, {SpatialReduction::chain, SpatialReduction::adder_tree});
    chunk.prefetch_fifo_bytes = 64 * one_of<std::uint32_t>(rng_, {1, 2, 3, 8, 1000});
    chunk.dma_outstanding = one_of<std::uint32_t>(rng_, {1, 2, 4, 16, 200, 200});
    if (rng_.below(3) == 0) {
      chunk.interconnect = Interconnect::systolic;
      chunk.dataflow = static_cast<Dataflow>(rng_.below(3));
      chunk.overlap_folds = rng_.below(2) == 0;
    }
    return chunk;
  }

  static bool on_rows(const ChunkSpec& chunk, Dim d) {
    return d == (chunk.dataflow == Dataflow::os ? Dim::P : Dim::C);
  }
  static bool on_columns(const ChunkSpec& chunk, Dim d) {
    return d == (chunk.dataflow == Dataflow::is ? Dim::P : Dim::K);
  }

  void draw_loops(ChunkSpec& chunk) {
    Program& program = point_.program;
    const bool systolic = chunk.interconnect == Interconnect::systolic;
    const bool streams = rng_.below(2) == 0;  // from DRAM while it computes
    chunk.rows = chunk.cols = 1;
    for (const Dim d : {Dim::K, Dim::P, Dim::C}) {
      std::uint64_t& bound = program.operation.bounds[d];
      const auto add = [&](std::vector<Loop>& level, std::uint32_t most) {
        const std::uint32_t trips = between(rng_, 1, most);
        if (trips > 1) level.push_back({d, trips});
        bound *= trips;
        return trips;
      };
      if (streams) add(program.dram, 4);
      add(program.buffer, 5);
      if (!systolic || on_columns(chunk, d)) chunk.cols *= add(program.spatial_x, 4);
      if (!systolic || on_rows(chunk, d)) chunk.rows *= add(program.spatial_y, 4);
      add(program.rf, 6);
    }
    if (rng_.below(2) == 0 && program.dram.size() > 1)  // C stays innermost
      if (program.dram[1].dim == Dim::P) std::swap(program.dram[0], program.dram[1]);
    for (std::size_t i = program.buffer.size(); i > 1; --i)
      std::swap(program.buffer[i - 1], program.buffer[rng_.below(i)]);
    if (systolic) {
      chunk.rows += between(rng_, 0, 2);
      chunk.cols += between(rng_, 0, 2);
    }
  }

  TensorAccess tensor(Dim a, Dim b, bool parameter) {
    if (!parameter && rng_.below(2) == 0) std::swap(a, b);
    const auto bound = [&](Dim d) {
      return static_cast<std::int64_t>(point_.program.operation.bounds[d]);
    };
    TensorAccess access;
    access.used = true;
    access.is_parameter = parameter;
    access.words = static_cast<std::uint64_t>(bound(a) * bound(b));
    access.axes = {{{{a, 1}}, 0, bound(a), bound(b)}, {{{b, 1}}, 0, bound(b), 1}};
    return access;
  }

  void draw_tensors() {
    Program& program = point_.program;
    Operation& operation = program.operation;
    operation.name = "regular";
    operation.of(Operand::input) = tensor(Dim::P, Dim::C, false);
    operation.of(Operand::weight) = tensor(Dim::K, Dim::C, rng_.below(2) == 0);
    operation.of(Operand::output) = tensor(Dim::K, Dim::P, false);
    for (std::size_t o = 0; o < kOperands; ++o)
      program.placement[o] = {o << 20, one_of<std::uint32_t>(rng_, {4, 8, 16})};
    program.psum = {std::uint64_t{3} << 20, one_of<std::uint32_t>(rng_, {16, 24, 32})};
  }

  // Register files that are one ring of words, for one to three tiles and a half.
  void draw_rings(ChunkSpec& chunk) {
    const auto trips = [&](Dim d) {
      for (const Loop& loop : point_.program.rf)
        if (loop.dim == d) return static_cast<std::uint32_t>(loop.trips);
      return std::uint32_t{1};
    };
    const auto words = [&](Dim a, Dim b) {
      const std::uint32_t tile = trips(a) * trips(b);
      return tile * between(rng_, 1, 3) + tile / 2;
    };
    chunk.fifo_buffered.input = rng_.below(4) == 0;
    chunk.fifo_buffered.weight = rng_.below(4) == 0;
    chunk.register_file_words.input = words(Dim::P, Dim::C);
    chunk.register_file_words.weight = words(Dim::K, Dim::C);
  }

  void draw_memory() {
    GlobalBufferSpec& buffer = point_.arch.global_buffer;
    buffer.ports = 6;  // one for each requester
    buffer.banks = 1 << 20;
    buffer.word_bytes = one_of<std::uint32_t>(rng_, {1, 2, 4, 8, 8, 16, 32});
    buffer.latency_cycles = between(rng_, 0, 5);
    buffer.write_latency_cycles = between(rng_, 0, 3);
    buffer.max_burst_beats = one_of<std::uint32_t>(rng_, {1, 4, 16, 1000});
    DramSpec& dram = point_.arch.dram;
    dram.latency_cycles = rng_.below(80);
    const double units = one_of<double>(
        rng_, {12345, 3 * 65536.0, 16 * 65536.0, 1234567, 64 * 65536.0, 100 * 65536.0});
    dram.bandwidth_bytes_per_cycle = units / 65536;
  }

  Rng rng_;
  Point point_;
};

std::string describe(const Point& point) {
  return to_json(point.arch).dump() + "\n" + print_program(point.program);
}

std::string simulated(const Point& point) {
  const auto results = run_jobs(point.arch, {{0, &point.program, 0}});
  return fmt::format("end {} busy {}", results[0].report.end,
                     results[0].report.cycles_by_cause[static_cast<std::size_t>(Cause::busy)]);
}

std::string simulated_end(const Point& point) {
  return std::to_string(run_jobs(point.arch, {{0, &point.program, 0}})[0].report.end);
}

class ClosedFormOf : public testing::TestWithParam<std::uint64_t> {};

struct Drawn {
  Point point;
  std::optional<ClosedForm> expected;
};
Drawn draw_uncontended(std::uint64_t number) {
  Drawn drawn;
  for (std::uint64_t draw = 0; !drawn.expected && draw < kMostDraws; ++draw) {
    drawn.point = Draw(number * kMostDraws + draw).make();
    drawn.expected = closed_form(drawn.point.arch, drawn.point.program);
  }
  return drawn;
}

TEST_P(ClosedFormOf, EqualsTheSimulation) {
  for (std::uint64_t number = GetParam(); number < GetParam() + kPointsOfATest; ++number) {
    const Drawn drawn = draw_uncontended(number);
    const Point& point = drawn.point;
    const auto& expected = drawn.expected;
    ASSERT_TRUE(expected) << "point " << number << " has contention in every draw";
    const ChildResult result = in_child([&] { return simulated(point); }, 60);
    EXPECT_TRUE(result.ok) << result.text;
    EXPECT_EQ(result.text, fmt::format("end {} busy {}", expected->end, expected->busy))
        << "point " << number << "\n"
        << describe(point);
  }
}

// A machine that is worse in one respect is never faster. Where requests meet this is not so: a DMA
// that may fetch further ahead (a longer FIFO, a second buffer tile) can put lines of weights
// before the lines of inputs that are needed first. But where nothing met, and the DMA's first
// lines keep their turns, everything happened at its earliest: a worse machine can only be later,
// whatever meets there.
struct Change {
  const char* name;
  void (*make)(Point&);
};
constexpr Change kWorse[] = {
    {"input bus", [](Point& p) { p.arch.chunks[0].bus_words_per_cycle.input = 1; }},
    {"weight bus", [](Point& p) { p.arch.chunks[0].bus_words_per_cycle.weight = 1; }},
    {"psum bus", [](Point& p) { p.arch.chunks[0].bus_words_per_cycle.psum_in = 1; }},
    {"output bus", [](Point& p) { p.arch.chunks[0].bus_words_per_cycle.output = 1; }},
    {"lanes", [](Point& p) { p.arch.chunks[0].lanes = 1; }},
    {"pipeline", [](Point& p) { p.arch.chunks[0].pipeline_depth += 3; }},
    {"input registers", [](Point& p) { p.arch.chunks[0].double_buffered.input = false; }},
    {"weight registers", [](Point& p) { p.arch.chunks[0].double_buffered.weight = false; }},
    {"psum registers", [](Point& p) { p.arch.chunks[0].double_buffered.psum = false; }},
    {"lines in flight", [](Point& p) { p.arch.chunks[0].dma_outstanding = 1; }},
    {"configuration", [](Point& p) { p.arch.chunks[0].config_cycles += 5; }},
    {"DRAM bandwidth", [](Point& p) { p.arch.dram.bandwidth_bytes_per_cycle /= 2; }},
    {"DRAM latency", [](Point& p) { p.arch.dram.latency_cycles += 9; }},
    {"buffer latency", [](Point& p) { p.arch.global_buffer.latency_cycles += 2; }},
    {"write latency", [](Point& p) { p.arch.global_buffer.write_latency_cycles += 2; }},
    {"buffer words", [](Point& p) { p.arch.global_buffer.word_bytes = 1; }},
    {"ports", [](Point& p) { p.arch.global_buffer.ports = 1; }},
    {"banks", [](Point& p) { p.arch.global_buffer.banks = 2; }},
};

class WorseMachine : public testing::TestWithParam<std::uint64_t> {};

TEST_P(WorseMachine, IsNeverFaster) {
  std::array<int, std::size(kWorse)> slower{};
  for (std::uint64_t number = GetParam(); number < GetParam() + kPointsOfATest; ++number) {
    const Drawn drawn = draw_uncontended(number);
    const Point& point = drawn.point;
    const auto& expected = drawn.expected;
    ASSERT_TRUE(expected);
    for (std::size_t c = 0; c < std::size(kWorse); ++c) {
      Point worse = point;
      kWorse[c].make(worse);
      const ChildResult result = in_child([&] { return simulated_end(worse); }, 60);
      ASSERT_TRUE(result.ok) << result.text;
      EXPECT_GE(std::stoull(result.text), expected->end)
          << "point " << number << ", worse: " << kWorse[c].name << "\n"
          << describe(point);
      slower[c] += std::stoull(result.text) > expected->end ? 1 : 0;
    }
  }
  for (std::size_t c = 0; c < std::size(kWorse); ++c)
    EXPECT_GT(slower[c], 0) << kWorse[c].name << " never matters";
}

INSTANTIATE_TEST_SUITE_P(Points, WorseMachine,
                         testing::Range<std::uint64_t>(0, 4 * kPointsOfATest, kPointsOfATest));

// What is drawn again until nothing meets must still reach what the recurrences say.
TEST(ClosedFormPoints, ReachEveryRecurrence) {
  std::map<std::string, int> points;
  for (std::uint64_t number = 0; number < kPoints / 4; ++number) {
    const Point point = draw_uncontended(number).point;
    const ChunkSpec& chunk = point.arch.chunks[0];
    const Program& program = point.program;
    const auto has = [](const std::vector<Loop>& loops, Dim d) {
      return std::any_of(loops.begin(), loops.end(), [&](const Loop& l) { return l.dim == d; });
    };
    points["several tiles from DRAM"] += !program.dram.empty();
    points["several tiles to DRAM"] += has(program.dram, Dim::K) || has(program.dram, Dim::P);
    points["psums read back"] += has(program.buffer, Dim::C) && program.buffer.size() > 1 &&
                                 program.buffer.back().dim != Dim::C;
    points["systolic"] += chunk.interconnect == Interconnect::systolic;
    points["systolic folds overlap"] += chunk.overlap_folds;
    points["through a FIFO"] += program.bypass_buffer[1];
    points["through a short FIFO"] +=
        program.bypass_buffer[1] && chunk.prefetch_fifo_bytes < 512 && has(program.buffer, Dim::K);
    points["single buffered"] += !chunk.double_buffered.input || !chunk.double_buffered.weight;
    points["ring of words"] += chunk.fifo_buffered.input || chunk.fifo_buffered.weight;
    points["FIFOs of psums"] += chunk.fifo_buffered.psum;
    points["writes that take time"] += point.arch.global_buffer.write_latency_cycles > 0;
    points["few lines in flight"] += chunk.dma_outstanding <= 4;
    points["slow link"] += point.arch.dram.bandwidth_bytes_per_cycle < 64;
    points["spatial reduction"] += has(program.spatial_x, Dim::C) || has(program.spatial_y, Dim::C);
    points["short bursts"] += point.arch.global_buffer.max_burst_beats <= 4;
  }
  for (const auto& [name, count] : points) EXPECT_GE(count, 10) << name;
}

INSTANTIATE_TEST_SUITE_P(Points, ClosedFormOf,
                         testing::Range<std::uint64_t>(0, kPoints, kPointsOfATest));

}  // namespace
}  // namespace chasm
