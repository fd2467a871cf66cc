// The random cases are worth something only if they reach every part of the contract: counted here
// on the reference machine, with wide margins.
#include "tests/support/oracle/random_case.h"

#include <map>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/oracle/oracle.h"

namespace chasm {
namespace {

constexpr std::uint64_t kSeeds = 300;

std::uint64_t of(const OracleLayer& layer, Cause cause) {
  return layer.causes[static_cast<std::size_t>(cause)];
}

class Features {
 public:
  void look_at(const RandomCase& point) {
    const std::vector<OracleLayer> layers = run_oracle(point.arch, point.jobs);
    for (std::size_t j = 0; j < layers.size(); ++j) {
      look_at_job(point.arch.chunks[point.jobs[j].chunk], point.jobs[j].program, layers[j]);
      for (std::size_t other = 0; other < j; ++other) {
        count("two chunks at work", layers[other].end > layers[j].start);
      }
    }
  }
  std::uint64_t operator[](const std::string& name) const {
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  void count(const std::string& name, bool present) { counts_[name] += present ? 1 : 0; }

  void look_at_job(const ChunkSpec& chunk, const Program& program, const OracleLayer& layer) {
    const Activity& a = layer.activity;
    count(to_string(program.operation.kind), true);
    count("systolic", chunk.interconnect == Interconnect::systolic);
    count("input bypass", program.bypass_buffer[0]);
    count("weight bypass", program.bypass_buffer[1]);
    count("psums read back", a.bus_words[WordKind::psum] > 0);
    count("psums spilled to DRAM", a.dram[WordKind::psum].reads > 0);
    count("spatial reduction", a.reduction_words > 0);
    count("multicast", a.bus_receivers[WordKind::weight] > a.bus_words[WordKind::weight] ||
                           a.bus_receivers[WordKind::input] > a.bus_words[WordKind::input]);
    count("input read again",
          a.dram[WordKind::input].reads > program.operation.of(Operand::input).words);
    count("many steps", layer.steps > 50);
    for (std::size_t c = 0; c < kCauses; ++c) {
      const Cause cause = static_cast<Cause>(c);
      count(to_string(cause), of(layer, cause) > 0);
    }
  }

  std::map<std::string, std::uint64_t> counts_;
};

TEST(RandomCase, ReachesEveryPartOfTheContract) {
  Features features;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) features.look_at(random_case(seed));
  for (const char* name : {"multiply_accumulate",
                           "shift_accumulate",
                           "adder_accumulate",
                           "max_pool",
                           "sum_pool",
                           "add",
                           "scale",
                           "copy",
                           "softmax",
                           "layer_norm",
                           "systolic",
                           "input bypass",
                           "weight bypass",
                           "psums read back",
                           "psums spilled to DRAM",
                           "spatial reduction",
                           "multicast",
                           "input read again",
                           "many steps",
                           "two chunks at work",
                           "busy",
                           "wait_input",
                           "wait_weight",
                           "wait_psum",
                           "wait_output",
                           "wait_dram",
                           "ramp"}) {
    EXPECT_GE(features[name], 10U) << name;
  }
}

TEST(RandomCase, FollowsFromItsSeed) {
  EXPECT_EQ(describe(random_case(7)), describe(random_case(7)));
  EXPECT_NE(describe(random_case(7)), describe(random_case(8)));
}

}  // namespace
}  // namespace chasm
