// The cost model's estimate of DRAM lines against their exact count, where it matters most: for the
// mappings that a search finds best by it, since a search finds what is estimated too low.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "mapper/assign.h"
#include "mapper/line_counts.h"
#include "mapper/line_estimate.h"
#include "mapper/map_jobs.h"
#include "mapper/search.h"

namespace chasm {
namespace {

// Estimated over exact lines, sorted.
struct Ratios {
  std::vector<double> all;
  std::string worst;

  double at(double share) const {
    return all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
  }
  double rms_of_logs() const {
    double sum = 0;
    for (const double ratio : all) sum += std::log(ratio) * std::log(ratio);
    return std::sqrt(sum / static_cast<double>(all.size()));
  }
  std::string text() const {
    return fmt::format("{} mappings: rms {:.3f}, 5 % below {:.3f}, half {:.3f}, 95 % {:.3f}; {}",
                       all.size(), rms_of_logs(), at(0.05), at(0.5), at(0.95), worst);
  }
};

struct Case {
  const char* name;
  LayoutSpec layout;
  double compression;     // bits of a word of fmaps in DRAM by those it has
  double rms, low, high;  // of estimates over exact counts: the latter, of all but 5 % each
};

void compress_fmaps(Program& program, double compression) {
  for (const Operand o : {Operand::input, Operand::output}) {
    if (program.operation.of(o).is_parameter) continue;
    Placement& placement = program.placement[static_cast<std::size_t>(o)];
    const auto units = static_cast<double>(placement.dram_units());
    placement.compressed = static_cast<std::uint64_t>(units * compression);
  }
}

Ratios ratios(const Case& of, const std::string& net, const SearchOptions& options) {
  Diagnostics problems;
  ArchSpec arch = read_arch(*load_arch_document("nasa-45nm", {}, problems), problems).value();
  arch.layout = of.layout;
  const auto network = load_network(net, problems);
  const auto chunks = assign_chunks(arch, *network, problems);
  Ratios result;
  double farthest = 0;
  for (MapJob& job : map_jobs(arch, *network, *chunks)) {
    if (of.compression < 1) compress_fmaps(job.prototype, of.compression);
    const auto found = search(job.prototype, arch.chunks[job.chunk], arch, options);
    for (const Candidate& candidate : found->best) {
      const Program program = to_program(job.prototype, candidate.nest);
      const LineCounts exact = count_lines(program);
      const double ratio =
          candidate.cost.dram_lines() / static_cast<double>(exact.reads + exact.writes);
      result.all.push_back(ratio);
      if (std::abs(std::log(ratio)) <= farthest) continue;
      farthest = std::abs(std::log(ratio));
      result.worst = fmt::format("{:.3f} of\n{}", ratio, print_program(program));
    }
  }
  std::sort(result.all.begin(), result.all.end());
  return result;
}

class LineEstimates : public testing::TestWithParam<Case> {};

TEST_P(LineEstimates, OfTheBestMappingsAreNearTheExactCount) {
  SearchOptions options;
  options.method = SearchMethod::anneal;
  options.budget.evaluations = 2000;
  options.finalists = 10;
  for (const char* net : {"nasa_hybrid_adder_a_cifar10", "mobilenet_v2", "resnet18"}) {
    const Ratios found = ratios(GetParam(), net, options);
    EXPECT_LT(found.rms_of_logs(), GetParam().rms) << net << ", " << found.text();
    EXPECT_GT(found.at(0.05), GetParam().low) << net << ", " << found.text();
    EXPECT_LT(found.at(0.95), GetParam().high) << net << ", " << found.text();
    RecordProperty(net, found.text().substr(0, found.text().find(';')));
  }
}

// The best of few: hardly searched.
TEST_P(LineEstimates, OfRandomMappingsAreNearTheExactCount) {
  SearchOptions options;
  options.method = SearchMethod::random;
  options.budget.evaluations = 200;
  options.finalists = 20;
  for (const char* net : {"nasa_hybrid_adder_a_cifar10", "mobilenet_v2"}) {
    const Ratios found = ratios(GetParam(), net, options);
    EXPECT_LT(found.rms_of_logs(), 0.15) << net << ", " << found.text();
    EXPECT_GT(found.at(0.05), 0.85) << net << ", " << found.text();
    EXPECT_LT(found.at(0.95), 1.3) << net << ", " << found.text();
  }
}

LayoutSpec layout(ActivationOrder activations, std::uint32_t block = 16) {
  LayoutSpec spec;
  spec.activations = activations;
  spec.block_channels = block;
  return spec;
}
INSTANTIATE_TEST_SUITE_P(
    Layouts, LineEstimates,
    testing::Values(
        Case{"channel_major", layout(ActivationOrder::channel_major), 1, 0.05, 0.94, 1.12},
        Case{"channels_last", layout(ActivationOrder::channels_last), 1, 0.05, 0.94, 1.12},
        Case{"compressed", layout(ActivationOrder::channel_major), 0.37, 0.05, 0.94, 1.12},
        Case{"blocked_16", layout(ActivationOrder::blocked), 1, 0.1, 0.82, 1.2},
        Case{"blocked_6", layout(ActivationOrder::blocked, 6), 1, 0.1, 0.82, 1.2}),
    [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace chasm
