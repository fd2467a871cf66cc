// Words at every level equal those of Timeloop for ten mappings (README.md beside this file has the
// provenance and the conversions).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "mapper/word_counts.h"
#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

constexpr std::array<const char*, kOperands> kTensors = {"Inputs", "Weights", "Outputs"};
constexpr std::array kKinds = {WordKind::input, WordKind::weight, WordKind::output};

Json load_cases() {
  Diagnostics problems;
  const auto document = read_json_file(CHASM_TIMELOOP_CASES, problems);
  EXPECT_TRUE(document) << problems.to_string();
  return document ? document->root["cases"] : Json::array();
}

// What Timeloop counts at one level; nothing where the level does not keep the tensor.
struct Level {
  bool keeps = false;
  std::uint64_t reads = 0, fills = 0, updates = 0;
};

class Case {
 public:
  explicit Case(const Json& json) : json_(json) {
    program_.operation = operation();
    const Json& loops = json_["loops"];
    add(loops[0]["time"], program_.dram);
    add(loops[1]["time"], program_.buffer);
    add(loops[1]["columns"], program_.spatial_x);
    add(loops[1]["rows"], program_.spatial_y);
    for (std::size_t l = 2; l < loops.size(); ++l) add(loops[l]["time"], program_.rf);
    for (std::size_t o = 0; o < kOperands; ++o) {
      program_.bypass_buffer[o] = !at_buffer(o).keeps;
      program_.buffer_tiles[o] = 1;
    }
    WordCounter counter(program_);
    counts_ = counter.count(to_nest(program_));
    activity_ = to_activity(counts_, program_);
  }

  void compare() const {
    EXPECT_EQ(counts_.operations, number("macs"));
    EXPECT_EQ(issue_cycles(program_, ChunkSpec{}), number("cycles"));
    for (const std::size_t o : {0U, 1U}) compare_operand(o);
    compare_outputs();
  }

 private:
  std::uint64_t number(const char* key) const { return json_[key].get<std::uint64_t>(); }
  std::uint64_t dim(const char* name) const { return json_["dims"][name].get<std::uint64_t>(); }

  Operation operation() const {
    const bool depthwise = json_["depthwise"].get<bool>();
    const std::uint64_t stride = number("stride");
    const std::string input =
        fmt::format(R"({{"name":"x","shape":[{},{},{}]}})", dim("C"),
                    (dim("P") - 1) * stride + dim("R"), (dim("Q") - 1) * stride + dim("S"));
    const std::string layer = fmt::format(
        R"({{"name":"l","type":"conv2d","arithmetic":"multiply","inputs":["x"],"out_channels":{},
             "kernel":[{},{}],"stride":[{},{}],"padding":[0,0],"groups":{}}})",
        depthwise ? dim("C") : dim("K"), dim("R"), dim("S"), stride, stride,
        depthwise ? dim("C") : 1);
    return operation_of(input, layer, dim("N"));
  }

  void add(const Json& loops, std::vector<Loop>& level) const {
    for (const Json& loop : loops) {
      const auto name = loop[0].get<std::string>();
      const bool group = name == "C" && json_["depthwise"].get<bool>();
      level.push_back({group ? Dim::G : dim_from(name).value(), loop[1].get<std::uint64_t>()});
    }
  }

  static Level read(const Json& level, std::size_t operand) {
    const auto found = level.find(kTensors[operand]);
    if (found == level.end()) return {};
    const auto count = [&](std::size_t i) { return (*found)[i].get<std::uint64_t>(); };
    return {true, count(0), count(1), count(2)};
  }
  Level at_dram(std::size_t o) const { return read(json_["reads_fills_updates"]["DRAM"], o); }
  Level at_buffer(std::size_t o) const { return read(json_["reads_fills_updates"]["GB"], o); }
  Level at_pe(std::size_t o) const {
    for (const auto& [name, level] : json_["reads_fills_updates"].items())
      if (name != "DRAM" && name != "GB" && level.contains(kTensors[o])) return read(level, o);
    return {};
  }

  std::uint64_t spatial(Dim d) const {
    std::uint64_t pes = 1;
    for (const auto* loops : {&program_.spatial_x, &program_.spatial_y})
      for (const Loop& loop : *loops) pes *= loop.dim == d ? loop.trips : 1;
    return pes;
  }

  // Whether windows of neighbouring PEs share some words, but not all.
  bool overlap_in_part(std::size_t o) const {
    const DimArray<std::uint64_t> rf = rf_tile(program_);
    for (const Axis& axis : program_.operation.access[o].axes) {
      std::uint64_t words = 1, pes = 1;
      for (const Axis::Term& term : axis.terms) words *= rf[term.dim], pes *= spatial(term.dim);
      if (axis.terms.size() == 2 && words > 1 && pes > 1) return true;
    }
    return false;
  }

  // Deliveries where PEs share only what is the same as a whole.
  std::uint64_t deliveries(std::size_t o) const {
    if (!overlap_in_part(o)) return activity_.bus_words[kKinds[o]];
    std::uint64_t sharing = 1;
    for (const Dim d : kAllDims)
      if (!program_.operation.access[o].depends_on(d)) sharing *= spatial(d);
    return activity_.bus_receivers[kKinds[o]] / sharing;
  }

  void compare_operand(std::size_t o) const {
    const std::string what = kTensors[o];
    const WordKind kind = kKinds[o];
    const Level dram = at_dram(o), buffer = at_buffer(o), pe = at_pe(o);
    EXPECT_EQ(activity_.dram[kind].reads, dram.reads) << what;
    EXPECT_EQ(deliveries(o), buffer.keeps ? buffer.reads : dram.reads) << what;
    if (buffer.keeps) {
      EXPECT_EQ(activity_.buffer[kind].writes, buffer.fills) << what;
    }
    if (!pe.keeps) return;
    EXPECT_EQ(activity_.bus_receivers[kind], pe.fills) << what;
    EXPECT_EQ(activity_.register_file[kind].reads, pe.reads) << what;
  }

  void compare_outputs() const {
    const Level dram = at_dram(2), buffer = at_buffer(2), pe = at_pe(2);
    const OutputResidencies &drains = counts_.drains, &stores = counts_.stores;
    EXPECT_EQ(stores.complete_words + stores.spilled_words, dram.updates);
    EXPECT_EQ(stores.spilled_words, dram.reads);
    EXPECT_EQ(stores.spilled_words, buffer.fills);
    if (!pe.keeps) return;
    const std::uint64_t left = drains.complete_words + drains.spilled_words;
    EXPECT_EQ(left, buffer.updates);
    EXPECT_EQ(drains.spilled_words, buffer.reads);
    EXPECT_EQ(activity_.pe_operations, pe.updates);
    EXPECT_EQ(drains.spilled_words * (drains.held_words / left), pe.fills);
    EXPECT_EQ(activity_.register_file[WordKind::psum].reads,
              pe.reads + drains.held_words - (pe.fills - drains.spilled_words));
  }

  const Json& json_;
  Program program_;
  WordCounts counts_;
  Activity activity_;
};

class Timeloop : public testing::TestWithParam<int> {};

TEST_P(Timeloop, CountsTheSameWords) {
  const Json cases = load_cases();
  const Json& json = cases.at(static_cast<std::size_t>(GetParam()));
  SCOPED_TRACE(json["id"].get<std::string>());
  Case(json).compare();
}

TEST(TimeloopCases, AreTen) { EXPECT_EQ(load_cases().size(), 10U); }

INSTANTIATE_TEST_SUITE_P(Cases, Timeloop, testing::Range(0, 10));

}  // namespace
}  // namespace chasm
