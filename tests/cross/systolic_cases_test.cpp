// The busy cycles of a systolic array equal those that SCALE-Sim reports where memory never stalls,
// layer by layer (systolic_cases.json; docs/microarchitecture.md, section 8), however the streaming
// dimension is cut into steps.
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/units.h"
#include "models/program/flatten.h"
#include "models/accelerator.h"
#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

struct Case {
  std::string name;
  Operation operation;  // flattened
  Dataflow dataflow = Dataflow::os;
  std::uint32_t rows = 1, cols = 1;
  Cycle cycles = 0;
};

std::vector<Case> read_cases() {
  std::ifstream file(CHASM_SYSTOLIC_CASES);
  const Json document = Json::parse(file);
  std::vector<Case> cases;
  for (const Json& c : document.at("cases")) {
    const auto number = [&](const char* key) { return c.at(key).get<std::uint64_t>(); };
    const std::uint64_t stride = number("stride");
    const auto r = c.at("filter")[0].get<std::uint64_t>();
    const auto s = c.at("filter")[1].get<std::uint64_t>();
    const std::uint64_t h = (c.at("ofmap")[0].get<std::uint64_t>() - 1) * stride + r;
    const std::uint64_t w = (c.at("ofmap")[1].get<std::uint64_t>() - 1) * stride + s;
    const Network network = network_of(
        fmt::format(R"({{"name":"x","shape":[{},{},{}]}})", number("channels"), h, w),
        fmt::format(R"({{"name":"l","type":"conv2d","arithmetic":"multiply","inputs":["x"],
                         "out_channels":{},"kernel":[{},{}],"stride":[{},{}]}})",
                    number("filters"), r, s, stride, stride));
    Case read;
    read.name = c.at("name").get<std::string>();
    read.operation = flattened(operations_of(network, 0).at(0));
    const auto dataflow = c.at("dataflow").get<std::string>();
    read.dataflow = dataflow == "os"   ? Dataflow::os
                    : dataflow == "ws" ? Dataflow::ws
                                       : Dataflow::is;
    read.rows = static_cast<std::uint32_t>(number("rows"));
    read.cols = static_cast<std::uint32_t>(number("cols"));
    read.cycles = number("cycles");
    cases.push_back(std::move(read));
  }
  return cases;
}

// What lies along the rows and the columns, and what streams.
struct Sides {
  Dim row, col, time;
};
Sides sides_of(Dataflow dataflow) {
  if (dataflow == Dataflow::os) return {Dim::P, Dim::K, Dim::C};
  if (dataflow == Dataflow::ws) return {Dim::C, Dim::K, Dim::P};
  return {Dim::C, Dim::P, Dim::K};
}

// The whole layer in the buffer, each fold streamed in so many steps.
Program program_of(const Case& c, std::uint64_t steps) {
  const Sides sides = sides_of(c.dataflow);
  const auto bound = [&](Dim d) { return c.operation.bounds[d]; };
  Program program;
  program.operation = c.operation;
  const std::uint64_t part = ceil_div(bound(sides.time), steps);
  const std::uint64_t rows = std::min<std::uint64_t>(c.rows, bound(sides.row));
  const std::uint64_t cols = std::min<std::uint64_t>(c.cols, bound(sides.col));
  program.buffer = {{sides.col, ceil_div(bound(sides.col), cols)},
                    {sides.row, ceil_div(bound(sides.row), rows)},
                    {sides.time, ceil_div(bound(sides.time), part)}};
  program.spatial_x = {{sides.col, cols}};
  program.spatial_y = {{sides.row, rows}};
  program.rf = {{sides.time, part}};
  program.buffer_tiles = {1, 1, 1};
  for (std::size_t o = 0; o < kOperands; ++o) program.placement[o] = {o << 32, 8};
  program.psum = {std::uint64_t{3} << 32, 32};
  return program;
}

ChunkSpec chunk_of(const Case& c, bool overlap) {
  ChunkSpec chunk;
  chunk.interconnect = Interconnect::systolic;
  chunk.dataflow = c.dataflow;
  chunk.overlap_folds = overlap;
  chunk.rows = c.rows;
  chunk.cols = c.cols;
  chunk.double_buffered = {true, true, true};
  chunk.bus_words_per_cycle = {1024, 1024, 1024, 1024};
  chunk.dma_outstanding = 64;
  return chunk;
}

// Busy cycles of folds that follow each other without a bubble: the array is filled once, and a
// stationary tile that takes longer to shift in than the fold before streams shows the difference.
Cycle overlapped(const Case& c) {
  const Sides sides = sides_of(c.dataflow);
  const std::uint64_t folds = ceil_div(c.operation.bounds[sides.row], c.rows) *
                              ceil_div(c.operation.bounds[sides.col], c.cols);
  const std::uint64_t time = c.operation.bounds[sides.time];
  const std::uint64_t preload = c.dataflow == Dataflow::os ? 0 : c.rows;
  return folds * time + preload + c.rows + c.cols - 2 +
         (folds - 1) * (preload > time ? preload - time : 0);
}

class SystolicCase : public testing::TestWithParam<Case> {};

TEST_P(SystolicCase, IsBusyForTheCyclesOfTheClosedForm) {
  const Case& c = GetParam();
  ArchSpec arch;
  arch.chunks = {chunk_of(c, false), chunk_of(c, false), chunk_of(c, true)};
  arch.global_buffer.word_bytes = 4096;
  arch.global_buffer.ports = 64;
  arch.global_buffer.banks = 1 << 20;
  arch.dram.bandwidth_bytes_per_cycle = 65536;
  const Program whole = program_of(c, 1), cut = program_of(c, 3);
  const auto results = run_jobs(arch, {{0, &whole, 0}, {1, &cut, 0}, {2, &whole, 0}});
  const auto busy = [&](std::size_t job) {
    return results[job].report.cycles_by_cause[static_cast<std::size_t>(Cause::busy)];
  };
  EXPECT_EQ(busy(0), c.cycles);
  EXPECT_EQ(busy(1), c.cycles);
  EXPECT_EQ(busy(2), overlapped(c));
  EXPECT_EQ(results[0].activity.pe_operations, c.operation.iterations());
}

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::string test_name(const testing::TestParamInfo<Case>& info) {
  const Case& c = info.param;
  static constexpr std::array kDataflows = {"os", "ws", "is"};
  std::string name = fmt::format("{}_{}_{}x{}_{}", info.index, c.name, c.rows, c.cols,
                                 kDataflows[static_cast<std::size_t>(c.dataflow)]);
  for (char& letter : name)
    if (!std::isalnum(static_cast<unsigned char>(letter))) letter = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, SystolicCase, testing::ValuesIn(read_cases()), test_name);

}  // namespace
}  // namespace chasm
