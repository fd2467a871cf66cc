// The order of activations in DRAM changes lines, and nothing else.
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

const std::vector<Override> kLast = {{"layout.activations", "channels_last"}};
const std::vector<Override> kBlocked = {{"layout.activations", "blocked"},
                                        {"layout.block_channels", "3"}};

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
