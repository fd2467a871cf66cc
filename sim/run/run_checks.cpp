#include "sim/run/run_checks.h"

#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "base/error.h"
#include "base/units.h"
#include "models/arch/dram_link.h"
#include "models/program/geometry.h"
#include "models/memory/line_map.h"

namespace chasm {
namespace {

template <class... Args>
void require(bool holds, fmt::format_string<Args...> what, Args&&... args) {
  if (!holds)
    throw Error(ExitCode::internal, "internal error: a law of every run is broken: " +
                                        fmt::format(what, std::forward<Args>(args)...));
}

template <std::size_t kParts>
std::uint64_t sum(const std::array<std::uint64_t, kParts>& cycles) {
  return std::accumulate(cycles.begin(), cycles.end(), std::uint64_t{0});
}

// Bytes that must cross the DRAM interface whatever the mapping: every word touched once, but those
// of tensors that are kept on chip.
std::uint64_t compulsory_bytes(const Program& program, const std::array<bool, kOperands>& kept) {
  std::uint64_t bytes = 0;
  for (const Operand operand : kAllOperands) {
    const TensorAccess& access = program.operation.of(operand);
    if (access.used && !kept[static_cast<std::size_t>(operand)])
      bytes += stored_words(access, program.operation.bounds) *
               program.placement[static_cast<std::size_t>(operand)].dram_units() /
               (8 * Placement::kUnitsOfABit);
  }
  return bytes;
}

// A kept tensor moves no DRAM word, and neither do the psums of a kept output.
void check_kept(const LayerResult& layer) {
  const auto moved = [&](WordKind kind) {
    return layer.activity.dram[kind].reads + layer.activity.dram[kind].writes;
  };
  for (const auto& [operand, kind] :
       {std::pair{Operand::input, WordKind::input}, std::pair{Operand::weight, WordKind::weight},
        std::pair{Operand::output, WordKind::output}, std::pair{Operand::output, WordKind::psum}})
    require(!layer.kept[static_cast<std::size_t>(operand)] || moved(kind) == 0,
            "layer {}: its {} is kept in the buffer, but {} words of kind {} moved to or from DRAM",
            layer.name, to_string(operand), moved(kind), to_string(kind));
}

void check_layer(const ArchSpec& arch, const LoweredOperation& operation,
                 const LayerResult& layer) {
  const Activity& activity = layer.activity;
  require(sum(layer.cycles_by_cause) == layer.cycles(),
          "layer {}: causes add up to {} of {} cycles", layer.name, sum(layer.cycles_by_cause),
          layer.cycles());
  require(layer.operations == operation.program.operation.iterations(),
          "layer {}: {} operations executed, {} asked for", layer.name, layer.operations,
          operation.program.operation.iterations());
  require(layer.cycles() * layer.peak_operations_per_cycle >= layer.operations,
          "layer {}: {} operations in {} cycles exceed {} a cycle", layer.name, layer.operations,
          layer.cycles(), layer.peak_operations_per_cycle);
  const double bandwidth = dram_link(arch).bytes_per_cycle;
  const double moved =
      static_cast<double>(kLineBytes * (activity.dram_read_bursts + activity.dram_write_bursts));
  const double needed = static_cast<double>(compulsory_bytes(operation.program, layer.kept));
  require(moved >= needed, "layer {}: {} bytes moved, {} are compulsory", layer.name, moved,
          needed);
  require(static_cast<double>(layer.cycles()) * bandwidth * (1 + 1e-4) >= moved,
          "layer {}: {} DRAM bytes in {} cycles exceed {} a cycle", layer.name, moved,
          layer.cycles(), bandwidth);
  // What leaves the array as output enters DRAM as output, every word once.
  const std::uint64_t outputs = stored_words(operation.program.operation.of(Operand::output),
                                             operation.program.operation.bounds);
  const bool kept = layer.kept[static_cast<std::size_t>(Operand::output)];
  require(activity.bus_words[WordKind::output] == outputs &&
              activity.dram[WordKind::output].writes == (kept ? 0 : outputs),
          "layer {}: {} outputs computed, {} drained, {} stored{}", layer.name, outputs,
          activity.bus_words[WordKind::output], activity.dram[WordKind::output].writes,
          kept ? ", but they are kept" : "");
  check_kept(layer);
  // Psums are read back as often as they are drained unfinished, here and in DRAM.
  const ReadsWrites& psums = activity.dram[WordKind::psum];
  require(psums.reads == psums.writes, "layer {}: {} psums spilled to DRAM, {} loaded", layer.name,
          psums.writes, psums.reads);
}

// A DRAM with banks has answered every request, and every cycle of its data buses has a use or a
// cause.
void check_dram(const RunResult& result) {
  if (!result.dram) return;
  const DramStats& stats = *result.dram;
  require((stats.bursts() + stats.forwarded) * kLineBytes ==
              result.dram_read_bytes + result.dram_write_bytes,
          "the DRAM moved {} bursts for {} bytes read and {} written", stats.bursts(),
          result.dram_read_bytes, result.dram_write_bytes);
  const Cycle lost = std::accumulate(stats.lost.begin(), stats.lost.end(), Cycle{0});
  require(stats.bus_busy + lost == result.dram_bus_cycles,
          "the DRAM's data bus was busy for {} and lost {} of {} cycles", stats.bus_busy, lost,
          result.dram_bus_cycles);
}

}  // namespace

void check_run(const ArchSpec& arch, const Network& network, const Lowered& lowered,
               const RunResult& result) {
  for (std::size_t i = 0; i < result.layers.size(); ++i)
    check_layer(arch, lowered.operations[i % lowered.operations.size()], result.layers[i]);
  for (const ChunkResult& chunk : result.chunks)
    require(sum(chunk.cycles_by_cause) == result.cycles,
            "chunk {}: causes add up to {} of {} cycles", chunk.name, sum(chunk.cycles_by_cause),
            result.cycles);
  for (const EngineReport& engine : result.engines)
    require(sum(engine.cycles) == result.cycles, "engine {}: states add up to {} of {} cycles",
            engine.name, sum(engine.cycles), result.cycles);
  const OperationCounts asked = network.operations();
  const std::uint64_t times = result.images * network.batch;
  require(result.operations.multiply == asked.multiply * times &&
              result.operations.shift == asked.shift * times &&
              result.operations.adder == asked.adder * times,
          "{} multiply, {} shift, {} adder operations executed, the network has {}, {}, {}",
          result.operations.multiply, result.operations.shift, result.operations.adder,
          asked.multiply * times, asked.shift * times, asked.adder * times);
  double layers_pj = 0;
  for (const LayerResult& layer : result.layers) layers_pj += layer.energy_pj;
  require(std::abs(layers_pj + result.shared_energy_pj - result.energy_pj()) <=
              1e-9 * result.energy_pj(),
          "the layers cost {} pJ, what they share {} pJ, the total is {} pJ", layers_pj,
          result.shared_energy_pj, result.energy_pj());
  check_dram(result);
}

}  // namespace chasm
