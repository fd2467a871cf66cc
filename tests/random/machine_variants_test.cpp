// Layouts, FIFO register files and reconfigurable PEs change no value: the networks run with real
// integers, and the simulation compares every layer with the golden arithmetic.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mapper/map_network.h"
#include "sim/run/simulate.h"
#include "tests/support/oracle/in_child.h"

namespace chasm {
namespace {

ArchSpec arch_of(const std::string& name, const std::vector<Override>& overrides) {
  Diagnostics diagnostics;
  const auto document = load_arch_document(name, overrides, diagnostics);
  const auto arch = document ? read_arch(*document, diagnostics) : std::nullopt;
  EXPECT_TRUE(arch) << diagnostics.to_string();
  return arch.value_or(ArchSpec{});
}

Mapping mapping_of(const ArchSpec& arch, const Network& network) {
  Diagnostics diagnostics;
  const auto mapping = map_network(arch, network, {}, diagnostics);
  EXPECT_TRUE(mapping) << diagnostics.to_string();
  return mapping.value_or(Mapping{});
}

Network network_named(const std::string& name) {
  Diagnostics diagnostics;
  return load_network(name, diagnostics).value_or(Network{});
}

struct Variant {
  const char* name;
  const char* arch;
  const char* network;
  std::vector<Override> overrides;
};
void PrintTo(const Variant& v, std::ostream* out) { *out << v.name << " " << v.network; }

class MachineVariant : public testing::TestWithParam<Variant> {};

TEST_P(MachineVariant, ComputesTheNetwork) {
  const Variant& v = GetParam();
  const ArchSpec arch = arch_of(v.arch, v.overrides);
  const Network network = network_named(v.network);
  SimOptions options;
  options.functional = true;
  options.images = 2;
  options.schedule = Schedule::pipelined;
  const RunResult result = simulate(arch, network, mapping_of(arch, network), options);
  EXPECT_EQ(result.operations.total(), 2 * network.batch * network.operations().total());
}

const std::vector<Override> kFifo = {
    {"chunks.MUL.double_buffered.input", "false"}, {"chunks.MUL.double_buffered.weight", "false"},
    {"chunks.MUL.fifo_buffered.input", "true"},    {"chunks.MUL.fifo_buffered.weight", "true"},
    {"chunks.VEC.double_buffered.input", "false"}, {"chunks.VEC.fifo_buffered.input", "true"}};
const std::vector<Override> kLast = {{"layout.activations", "channels_last"}};
const std::vector<Override> kBlocked = {{"layout.activations", "blocked"},
                                        {"layout.block_channels", "3"}};

const std::vector<Override> kSystolic = {{"layout.activations", "channels_last"},
                                         {"chunks.SYS.reconfigurable.shift", "2"},
                                         {"chunks.SYS.reconfigurable.adder", "3"}};

INSTANTIATE_TEST_SUITE_P(
    Toys, MachineVariant,
    testing::Values(Variant{"channels_last", "tiny", "toy_all_types", kLast},
                    Variant{"channels_last", "nasa-45nm", "toy_mixed3", kLast},
                    Variant{"blocked", "tiny", "toy_all_types", kBlocked},
                    Variant{"systolic", "systolic-16x16", "toy_mixed3", kSystolic},
                    Variant{"fifo", "tiny", "toy_all_types", kFifo},
                    Variant{"reconfigurable", "nasa-plus-45nm", "toy_mixed3", {}},
                    Variant{"reconfigurable", "nasa-plus-45nm", "toy_all_types", {}}));

// The same mapping in another layout moves the same words, in other lines.
TEST(Layout, ChangesLinesAndNoWords) {
  const Network network = network_named("toy_all_types");
  const Mapping mapping = mapping_of(arch_of("tiny", {}), network);
  const auto run = [&](const std::vector<Override>& overrides, bool bursts) {
    const ChildResult child = in_child(
        [&] {
          std::string text;
          for (const LayerResult& layer :
               simulate(arch_of("tiny", overrides), network, mapping, {}).layers) {
            text += layer.name;
            for (const ReadsWrites& words : layer.activity.dram.values)
              text += fmt::format(" {} {}", words.reads, words.writes);
            if (bursts)
              text += fmt::format(" bursts {} {}", layer.activity.dram_read_bursts,
                                  layer.activity.dram_write_bursts);
            text += "\n";
          }
          return text;
        },
        60);
    EXPECT_TRUE(child.ok) << child.text;
    return child.text;
  };
  EXPECT_EQ(run({}, false), run(kLast, false));
  EXPECT_EQ(run({}, false), run(kBlocked, false));
  EXPECT_NE(run({}, true), run(kLast, true));
  EXPECT_NE(run(kLast, true), run(kBlocked, true));
}

}  // namespace
}  // namespace chasm
