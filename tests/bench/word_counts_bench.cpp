// How many mappings a second are counted exactly on the 3x3 layers of ResNet-50 on three levels:
// every order of the loops of one tiling, and every split of its loops between DRAM and buffer in
// one order; and how many of those orders are costed. `items_per_second` are mappings.
#include <algorithm>

#include <benchmark/benchmark.h>

#include "base/units.h"
#include "mapper/assign.h"
#include "mapper/build_program.h"
#include "mapper/cost_model.h"

namespace chasm {
namespace {

struct Point {
  ArchSpec arch;
  Program prototype;
};

Program layer_program(const Network& network, std::size_t l, const ChunkSpec& chunk,
                      const ArchSpec& arch) {
  const std::vector<LayerWidths> widths(network.layers.size(), widths_of(chunk));
  return build_program(operations_of(network, l).at(0), chunk, limits_of(chunk, arch.global_buffer),
                       {}, plan_quantization(network, widths));
}

// The first 3x3 layer with so many output rows.
Point point(std::uint64_t rows) {
  Diagnostics problems;
  const auto document = load_arch_document("nasa-45nm", {}, problems);
  const auto network = load_network("resnet50", problems);
  Point point{read_arch(*document, problems).value(), {}};
  for (std::size_t l = 0; l < network->layers.size(); ++l) {
    const Layer& layer = network->layers[l];
    if (layer.type != LayerType::conv2d || layer.kernel.y != 3 || layer.out_shape.h != rows)
      continue;
    point.prototype = layer_program(*network, l, point.arch.chunks[0], point.arch);
    break;
  }
  return point;
}

// A usual tiling of those layers: K and C on the array, the kernel and a few pixels in the PE; of
// every other loop a part of `inside` trips in the buffer.
LoopNest nest_of(const DimArray<std::uint64_t>& bounds, std::uint64_t inside) {
  LoopNest nest;
  nest.x[Dim::K] = 15, nest.y[Dim::C] = 7;
  nest.rf[Dim::R] = nest.rf[Dim::S] = 3, nest.rf[Dim::Q] = 4;
  constexpr std::array kLoops = {Dim::K, Dim::P, Dim::Q, Dim::C};
  const auto trips = [&](Dim d) { return ceil_div(bounds[d], nest.array(d)); };
  for (const Dim d : kLoops) nest.add(d, ceil_div(trips(d), inside));
  nest.dram = nest.count;
  for (const Dim d : kLoops) nest.add(d, std::min(trips(d), inside));
  return nest;
}

bool next_order(LoopNest& nest) {
  const auto before = [](const Loop& a, const Loop& b) { return a.dim < b.dim; };
  const auto begin = nest.loops.begin();
  const auto dram = begin + static_cast<std::ptrdiff_t>(nest.dram);
  const auto end = begin + static_cast<std::ptrdiff_t>(nest.count);
  return std::next_permutation(dram, end, before) || std::next_permutation(begin, dram, before);
}

std::vector<LoopNest> splits(const DimArray<std::uint64_t>& bounds) {
  std::vector<LoopNest> nests;
  for (std::uint64_t inside = 2; inside <= 6; ++inside) nests.push_back(nest_of(bounds, inside));
  return nests;
}

void count_orders(benchmark::State& state) {
  const Point p = point(static_cast<std::uint64_t>(state.range(0)));
  LoopNest nest = nest_of(p.prototype.operation.bounds, 4);
  WordCounter counter(p.prototype);
  const WordCounter::Prepared prepared = counter.prepare(nest);
  for (auto _ : state) {
    benchmark::DoNotOptimize(counter.count(nest, prepared));
    next_order(nest);
  }
  state.SetItemsProcessed(state.iterations());
}

void count_splits(benchmark::State& state) {
  const Point p = point(static_cast<std::uint64_t>(state.range(0)));
  const std::vector<LoopNest> nests = splits(p.prototype.operation.bounds);
  WordCounter counter(p.prototype);
  std::size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(counter.count(nests[at++ % nests.size()]));
  state.SetItemsProcessed(state.iterations());
}

void cost_orders(benchmark::State& state) {
  const Point p = point(static_cast<std::uint64_t>(state.range(0)));
  LoopNest nest = nest_of(p.prototype.operation.bounds, 4);
  const CostModel model(p.prototype, p.arch.chunks[0], p.arch);
  const CostModel::ArrayLevel array = model.array_level(nest);
  const CostModel::BufferLevel buffer = model.buffer_level(nest);
  for (auto _ : state) {
    benchmark::DoNotOptimize(model.evaluate(nest, array, buffer));
    next_order(nest);
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(count_orders)->Arg(56)->Arg(28)->Arg(14)->Arg(7);
BENCHMARK(count_splits)->Arg(56)->Arg(14);
BENCHMARK(cost_orders)->Arg(56)->Arg(28)->Arg(14)->Arg(7);

}  // namespace
}  // namespace chasm
