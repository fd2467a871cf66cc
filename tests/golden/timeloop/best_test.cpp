// On Timeloop's architecture, with its energies and by its counting rules, our search finds
// mappings no worse than the best of Timeloop's longest search (README.md). Each test prints its
// row of a table in docs/validation.md; seconds are those of the processor.
#include <ctime>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "mapper/build_program.h"
#include "mapper/search.h"
#include "tests/support/timeloop/nest.h"
#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

// Relative energies of a 16-bit word: SRAM 1 + 5 (KiB - 0.5) / 99.5, of up to half a KiB 1.
constexpr timeloop::UnitEnergies kEnergies{1, 1, 1 + 5 * 127.5 / 99.5, 200};
constexpr std::array<std::uint64_t, 3> kRegisterFiles = {12, 192, 16};
constexpr std::uint64_t kBufferWords = 128 * 1024 / 2;
constexpr std::array<bool, 3> kBypass = {false, false, false};
constexpr std::uint64_t kEvaluations = 100'000;

struct Machine {
  ArchSpec arch;
  Json layers;
};

Machine load_machine() {
  Diagnostics problems;
  const auto arch = load_arch_document(CHASM_TIMELOOP_DIR "/rs256.json", {}, problems);
  const auto best = read_json_file(CHASM_TIMELOOP_DIR "/best.json", problems);
  EXPECT_TRUE(arch && best) << problems.to_string();
  if (!arch || !best) return {};
  return {read_arch(*arch, problems).value(), best->root["layers"]};
}

Program program_of(const Json& layer, const ArchSpec& arch) {
  const auto kernel = layer["kernel"].get<std::array<std::uint64_t, 2>>();
  const auto outputs = layer["outputs"].get<std::array<std::uint64_t, 2>>();
  const auto channels = layer["in_channels"].get<std::uint64_t>();
  const std::string input = fmt::format(R"({{"name":"x","shape":[{},{},{}]}})", channels,
                                        outputs[0] + kernel[0] - 1, outputs[1] + kernel[1] - 1);
  const std::string text = fmt::format(
      R"({{"name":"l","type":"conv2d","arithmetic":"multiply","inputs":["x"],"out_channels":{},
           "kernel":[{},{}],"stride":[1,1],"padding":[0,0],"groups":{}}})",
      layer["out_channels"].get<std::uint64_t>(), kernel[0], kernel[1],
      layer.value("groups", std::uint64_t{1}));
  const Network network = network_of(input, text);
  const ChunkSpec& chunk = arch.chunks.at(0);
  return build_program(operations_of(network, 0).at(0), chunk, limits_of(chunk, arch.global_buffer),
                       {}, plan_quantization(network, {widths_of(chunk)}));
}

timeloop::Mapping as_there(const LoopNest& nest) {
  return timeloop::mapping_of(nest, kBypass, 1, kEnergies);
}

// What Timeloop would say of it, of what it would refuse as well: that only counts as far worse.
double judge(const LoopNest& nest) {
  const timeloop::Mapping mapping = as_there(nest);
  const bool fits = timeloop::fits(mapping, kRegisterFiles, kBufferWords);
  return timeloop::count(mapping).edp() * (fits ? 1 : 100);
}

// A row-stationary array, after what Timeloop's mappings look like: kernel rows and channels down
// the rows, output rows and filters across the columns, kernel columns whole in the PE.
MapConstraints row_stationary(const Program& program) {
  MapConstraints constraints;
  constraints.at(Level::x).dims = std::vector<Dim>{Dim::P, Dim::K};
  constraints.at(Level::y).dims = std::vector<Dim>{Dim::R, Dim::C, Dim::K, Dim::G};
  constraints.at(Level::rf).factors[Dim::S] = program.operation.bounds[Dim::S];
  constraints.at(Level::rf).factors[Dim::R] = 1;
  return constraints;
}

class TimeloopBest : public testing::TestWithParam<int> {
 protected:
  // Our EDP over Timeloop's.
  double ratio(bool in_rows) const {
    const Program program = program_of(layer_, machine_.arch);
    SearchOptions options;
    options.budget.evaluations = kEvaluations;
    options.weights = energy_weights(
        program, {kEnergies.operation, kEnergies.pe, 0, kEnergies.buffer, kEnergies.dram});
    options.judge = [](const LoopNest& nest, const Cost&) { return judge(nest); };
    if (in_rows) options.constraints = row_stationary(program);
    const std::clock_t start = std::clock();
    const auto result = search(program, machine_.arch.chunks[0], machine_.arch, options);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    if (!result) return 1e9;
    const timeloop::Mapping found = as_there(result->best.at(0).nest);
    EXPECT_TRUE(timeloop::fits(found, kRegisterFiles, kBufferWords));
    const timeloop::Counts counts = timeloop::count(found);
    const auto theirs = layer_["edp"].get<double>();
    fmt::print("| {} | {:.3e} | {:.3e} | {:.1f} | {} | {:.3f} | {:.2f} | {} |\n",
               layer_["name"].get<std::string>(), theirs, counts.edp(), counts.energy / 1e6,
               counts.cycles, counts.edp() / theirs, seconds, result->evaluations);
    return counts.edp() / theirs;
  }

 private:
  const Machine machine_ = load_machine();
  const Json& layer_ = machine_.layers.at(static_cast<std::size_t>(GetParam()));
};

TEST_P(TimeloopBest, IsNoBetterThanOurs) { EXPECT_LE(ratio(false), 1); }

// As much worse as the pointwise layer is (docs/validation.md, "Mappings").
TEST_P(TimeloopBest, IsHardlyBetterThanOursRowStationary) { EXPECT_LE(ratio(true), 1.01); }

INSTANTIATE_TEST_SUITE_P(Layers, TimeloopBest, testing::Range(0, 7));

}  // namespace
}  // namespace chasm
