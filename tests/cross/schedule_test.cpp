// What every schedule must keep, read off a finished run: no layer starts before its inputs exist,
// no chunk runs two layers at once, the tiles of all running layers fit the buffer; and what makes
// the schedules differ.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "models/program/verify.h"
#include "mapper/lower.h"
#include "mapper/map_network.h"
#include "sim/run/simulate.h"

namespace chasm {
namespace {

constexpr std::uint64_t kImages = 5;

struct Finished {
  std::uint64_t images;
  ArchSpec arch;
  Network network;
  Lowered lowered;
  RunResult result;
};

Finished run(const char* arch_name, const char* network_name, Schedule schedule,
             std::uint64_t images = kImages) {
  Diagnostics diagnostics;
  Finished f;
  f.images = images;
  f.arch = *read_arch(*load_arch_document(arch_name, {}, diagnostics), diagnostics);
  f.network = *load_network(network_name, diagnostics);
  ArchSpec share = f.arch;
  if (schedule != Schedule::sequential) share.global_buffer.capacity_bytes /= share.chunks.size();
  const auto mapping = map_network(share, f.network, {}, diagnostics);
  EXPECT_TRUE(mapping) << diagnostics.to_string();
  f.lowered = *lower(f.arch, f.network, *mapping, diagnostics);
  SimOptions options;
  options.schedule = schedule;
  options.images = images;
  options.functional = true;
  f.result = simulate(f.arch, f.network, *mapping, options);
  return f;
}

// The row of an operation and image: rows come image by image in network order.
const LayerResult& row(const Finished& f, std::uint64_t image, std::size_t operation) {
  return f.result.layers[image * f.lowered.operations.size() + operation];
}

void expect_laws(const Finished& f) {
  const auto& operations = f.lowered.operations;
  std::map<Cycle, std::int64_t> held;  // change of buffer bytes at a cycle
  std::map<std::string, std::vector<std::pair<Cycle, Cycle>>> on_chunk;
  for (std::uint64_t image = 0; image < f.images; ++image)
    for (std::size_t o = 0; o < operations.size(); ++o) {
      const LayerResult& layer = row(f, image, o);
      ASSERT_EQ(layer.image, image);
      ASSERT_EQ(layer.name, operations[o].program.operation.name);
      for (const std::uint32_t tensor : f.network.layers[operations[o].layer].inputs)
        for (std::size_t p = 0; p < o; ++p)
          if (f.network.output_of(operations[p].layer) == tensor) {
            EXPECT_GT(layer.start_cycle, row(f, image, p).end_cycle) << layer.name;
          }
      on_chunk[layer.chunk].emplace_back(layer.start_cycle, layer.end_cycle);
      std::int64_t bytes = 0;
      for (const Operand operand : kAllOperands)
        bytes += static_cast<std::int64_t>(
            buffer_bytes(operations[o].program, operand, f.arch.global_buffer.word_bytes));
      held[layer.start_cycle] += bytes;
      held[layer.end_cycle] -= bytes;
    }
  for (auto& [chunk, times] : on_chunk) {
    std::sort(times.begin(), times.end());
    for (std::size_t i = 1; i < times.size(); ++i)
      EXPECT_GT(times[i].first, times[i - 1].second) << chunk;
  }
  std::int64_t now = 0;
  for (const auto& [cycle, change] : held) {
    now += change;
    EXPECT_LE(now, static_cast<std::int64_t>(f.arch.global_buffer.capacity_bytes)) << cycle;
  }
}

std::pair<Cycle, Cycle> span(const Finished& f, std::uint64_t image) {
  std::pair<Cycle, Cycle> span{UINT64_MAX, 0};
  for (std::size_t o = 0; o < f.lowered.operations.size(); ++o) {
    span.first = std::min(span.first, row(f, image, o).start_cycle);
    span.second = std::max(span.second, row(f, image, o).end_cycle);
  }
  return span;
}

Cycle cycles_of_all_layers(const Finished& f) {
  Cycle sum = 0;
  for (const LayerResult& layer : f.result.layers) sum += layer.cycles() + 1;
  return sum - 1;
}

TEST(Schedules, SequentialRunsOneLayerAtATime) {
  const Finished f = run("tiny", "toy_all_types", Schedule::sequential);
  expect_laws(f);
  EXPECT_EQ(f.result.cycles, cycles_of_all_layers(f));
}

TEST(Schedules, GraphOverlapsLayersOfOneImageOnly) {
  const Finished f = run("tiny", "toy_all_types", Schedule::graph);
  expect_laws(f);
  for (std::uint64_t image = 1; image < kImages; ++image)
    EXPECT_GT(span(f, image).first, span(f, image - 1).second);
  EXPECT_LT(f.result.cycles, cycles_of_all_layers(f));
}

TEST(Schedules, PipelinedOverlapsImages) {
  const Finished f = run("tiny", "toy_all_types", Schedule::pipelined);
  expect_laws(f);
  EXPECT_LT(span(f, 1).first, span(f, 0).second);
  // No chunk can be faster than its own layers: the slowest one bounds the throughput.
  std::map<std::string, Cycle> busy;
  for (const LayerResult& layer : f.result.layers) busy[layer.chunk] += layer.cycles();
  Cycle slowest = 0;
  for (const auto& [chunk, cycles] : busy) slowest = std::max(slowest, cycles);
  EXPECT_GE(f.result.cycles, slowest);
  EXPECT_LT(f.result.cycles, cycles_of_all_layers(f));
}

// Twice as many as all chunks, the vector unit among them, counted from the first image that has
// not ended.
TEST(Schedules, PipelinedHasTwoImagesPerChunkOnTheirWay) {
  const Finished f = run("nasa-45nm", "toy_mixed3", Schedule::pipelined, 20);
  std::uint64_t farthest = 0;
  for (std::uint64_t image = 0; image < f.images; ++image) {
    const Cycle start = span(f, image).first;
    std::uint64_t first_open = 0;
    while (span(f, first_open).second < start) ++first_open;
    farthest = std::max(farthest, image - first_open);
  }
  EXPECT_EQ(farthest, 2 * f.arch.chunks.size() - 1);
}

TEST(Schedules, PipelinedOnThreeKindsOfChunks) {
  const Finished f = run("nasa-45nm", "toy_mixed3", Schedule::pipelined);
  expect_laws(f);
  EXPECT_LT(span(f, 2).first, span(f, 0).second);  // three chunks, three images
}

}  // namespace
}  // namespace chasm
