#include "sim/run/simulate.h"

#include <chrono>
#include <map>
#include <numeric>
#include <sys/resource.h>

#include <fmt/format.h>

#include "base/error.h"
#include "base/limits.h"
#include "workloads/golden.h"
#include "workloads/tensors.h"
#include "models/arch/area.h"
#include "models/arch/dram_link.h"
#include "models/arch/energy_bill.h"
#include "models/chunk/functional_unit.h"
#include "models/memory/line_map.h"
#include "sim/run/run_checks.h"
#include "sim/run/scheduler.h"

namespace chasm {
namespace {

void throw_if_bad(const Diagnostics& diagnostics) {
  if (!diagnostics.ok()) throw Error(exit_code(diagnostics), diagnostics);
}

// All tensors of an image are there at once, and the parameters of every layer.
void check_memory(const Network& network, Diagnostics& diagnostics) {
  const std::optional<std::uint64_t> limit = memory_limit();
  double words = 0;
  for (std::uint32_t t = 0; t < network.tensor_count(); ++t)
    words += static_cast<double>(network.tensor_shape(t).size());
  for (const Layer& layer : network.layers) words += static_cast<double>(layer.weights);
  const double bytes = words * sizeof(Tensor::value_type);
  if (limit && bytes > static_cast<double>(*limit))
    diagnostics.infeasible(
        network.name, "",
        fmt::format("--functional needs {:.1f} GB for the tensors and weights of an image, and may "
                    "take {:.1f} GB",
                    bytes / 1e9, static_cast<double>(*limit) / 1e9),
        "give more with --max-memory, or leave --functional out");
}

// The data of every image that is on its way: parameters are the same, inputs of later images come
// from other seeds.
class FunctionalRun {
 public:
  FunctionalRun(const Network& network, const QuantizationPlan& plan, const SimOptions& options)
      : network_(network), plan_(plan), options_(options) {
    Diagnostics diagnostics;
    check_arithmetic(network, plan, diagnostics);
    check_memory(network, diagnostics);
    throw_if_bad(diagnostics);
    auto data = load_or_make_tensors(network, plan, options.tensors_dir, options.seed, diagnostics);
    throw_if_bad(diagnostics);
    given_ = std::move(*data);
  }

  Scheduler::Values values() {
    return {
        [this](const Program& program, std::uint64_t image, Activity& activity) {
          return std::make_unique<FunctionalUnit>(program, network_, plan_,
                                                  image_data(image).tensors, activity);
        },
        [this](std::size_t layer, std::uint64_t image, bool last_part, std::uint64_t overflows) {
          ImageData& data = image_data(image);
          data.overflows[layer] += overflows;
          if (!last_part) return;
          compare(layer, data);
          if (++data.ended == network_.layers.size() && image != 0) images_.erase(image);
        }};
  }

  // The tensors of the first image.
  void write() {
    if (options_.tensors_dir.empty()) return;
    Diagnostics diagnostics;
    write_tensors(options_.tensors_dir, network_, plan_, images_.at(0).tensors, diagnostics);
    throw_if_bad(diagnostics);
  }

 private:
  struct ImageData {
    NetworkData tensors;
    std::vector<std::uint64_t> overflows;  // by layer
    std::size_t ended = 0;                 // layers
  };

  ImageData& image_data(std::uint64_t image) {
    const auto [entry, is_new] = images_.try_emplace(image);
    ImageData& data = entry->second;
    if (!is_new) return data;
    data.tensors = given_;
    data.overflows.assign(network_.layers.size(), 0);
    for (std::uint32_t t = 0; image > 0 && t < network_.inputs.size(); ++t)
      if (!network_.inputs[t].constant)
        data.tensors.tensors[t] = make_tensor(network_, plan_, t, options_.seed + image);
    return data;
  }

  void compare(std::size_t layer, const ImageData& data) const {
    const NetworkData& tensors = data.tensors;
    std::vector<const Tensor*> inputs;
    for (const std::uint32_t t : network_.layers[layer].inputs)
      inputs.push_back(&tensors.tensors[t]);
    const GoldenOutput golden =
        golden_layer(network_, plan_, layer, tensors.parameters[layer], inputs);
    const Tensor& output = tensors.tensors[network_.output_of(layer)];
    const std::string& name = network_.layers[layer].name;
    CHECK(output.size() == golden.output.size(), "{}: {} outputs, golden {}", name, output.size(),
          golden.output.size());
    for (std::size_t i = 0; i < output.size(); ++i)
      if (output[i] != golden.output[i])
        throw Error(
            ExitCode::internal,
            fmt::format("internal error: layer {}, output word {}: the machine computed {}, "
                        "the golden arithmetic {}",
                        name, i, output[i], golden.output[i]));
    CHECK(data.overflows[layer] == golden.overflows, "{}: {} overflows, golden {}", name,
          data.overflows[layer], golden.overflows);
  }

  const Network& network_;
  const QuantizationPlan& plan_;
  const SimOptions& options_;
  NetworkData given_;
  std::map<std::uint64_t, ImageData> images_;
};

// Operations count as cycles of a lane: reconfigurable PEs do several of some arithmetics in one.
void add_utilization(const ArchSpec& arch, const std::vector<double>& lane_cycles,
                     RunResult& result) {
  const auto share = [&](double used, double lanes) {
    const double all = lanes * static_cast<double>(result.cycles);
    return all > 0 ? used / all : 0.0;
  };
  double used = 0, all_lanes = 0;
  for (std::size_t c = 0; c < arch.chunks.size(); ++c) {
    const auto lanes = static_cast<double>(arch.chunks[c].pes() * arch.chunks[c].lanes);
    result.chunks[c].pe_utilization = share(lane_cycles[c], lanes);
    used += lane_cycles[c];
    all_lanes += lanes;
  }
  result.pe_utilization = share(used, all_lanes);
}

void sum_up(const ArchSpec& arch, const Network& network, const Lowered& lowered,
            RunResult& result) {
  std::uint64_t bursts = 0;
  std::vector<double> lane_cycles(arch.chunks.size(), 0);
  for (const ChunkSpec& chunk : arch.chunks)
    result.chunks.push_back({chunk.name, chunk.pes(), 0, chunk.peak_operations(), 0, {}});
  std::vector<Cycle> last_end(arch.chunks.size(), 0);
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    const LayerResult& layer = result.layers[i];
    const LoweredOperation& operation = lowered.operations[i % lowered.operations.size()];
    const Arithmetic arithmetic = network.layers[operation.layer].arithmetic;
    if (arithmetic != Arithmetic::none) result.operations.of(arithmetic) += layer.operations;
    result.dram_read_bytes += layer.activity.dram_read_bursts * kLineBytes;
    result.dram_write_bytes += layer.activity.dram_write_bursts * kLineBytes;
    bursts += layer.activity.dram_read_bursts + layer.activity.dram_write_bursts;
    ChunkResult& chunk = result.chunks[operation.chunk];
    chunk.operations += layer.operations;
    lane_cycles[operation.chunk] += static_cast<double>(layer.operations) /
                                    arch.chunks[operation.chunk].lane_operations(arithmetic);
    for (std::size_t c = 0; c < kCauses; ++c) chunk.cycles_by_cause[c] += layer.cycles_by_cause[c];
    last_end[operation.chunk] = std::max(last_end[operation.chunk], layer.end_cycle);
  }
  for (std::size_t c = 0; c < arch.chunks.size(); ++c) {
    CyclesByCause& causes = result.chunks[c].cycles_by_cause;
    const Cycle inside = std::accumulate(causes.begin(), causes.end(), Cycle{0});
    causes[static_cast<std::size_t>(Cause::wait_dependency)] = minus(last_end[c], inside);
    causes[static_cast<std::size_t>(Cause::idle)] = minus(result.cycles, last_end[c]);
  }
  add_utilization(arch, lane_cycles, result);
  result.dram_peak_bytes_per_cycle = dram_link(arch).bytes_per_cycle;
  const double peak = result.dram_peak_bytes_per_cycle * static_cast<double>(result.cycles);
  if (result.dram) {
    result.row_hit_rate = result.dram->row_hit_rate();
    const MachineClocks clocks = machine_clocks(arch);
    result.dram_bus_cycles =
        clocks.memory.cycle_at_or_after(clocks.core.tick_of(result.cycles)) * arch.dram.channels;
  }
  result.dram_bandwidth_utilization =
      peak > 0 ? static_cast<double>(bursts * kLineBytes) / peak : 0;
}

void add_energy(const ArchSpec& arch, const Network& network, const EnergyTable& table,
                const Lowered& lowered, RunResult& result) {
  std::vector<BillItem> items;
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    const LoweredOperation& operation = lowered.operations[i % lowered.operations.size()];
    items.push_back({&arch.chunks[operation.chunk], network.layers[operation.layer].arithmetic,
                     result.layers[i].activity, result.layers[i].widths});
  }
  EnergyBill bill =
      energy_bill(arch, table, items, result.cycles, result.dram ? &*result.dram : nullptr);
  result.shared_energy_pj = bill.leakage_pj + bill.clock_pj + bill.dram_upkeep_pj;
  for (std::size_t i = 0; i < items.size(); ++i) {
    result.layers[i].energy_pj = bill.item_pj[i];
    result.layers[i].energy_by_part_pj = bill.item_part_pj[i];
  }
  result.energy = std::move(bill.lines);
  result.area = area_lines(arch, table);
  result.area_mm2 = area_mm2(arch, table);
}

}  // namespace

ArchSpec arch_for_tiles(const ArchSpec& arch, std::uint64_t keep_on_chip_bytes) {
  CHECK(keep_on_chip_bytes < arch.global_buffer.capacity_bytes, "{} of {} bytes set apart",
        keep_on_chip_bytes, arch.global_buffer.capacity_bytes);
  ArchSpec tiles = arch;
  tiles.global_buffer.capacity_bytes -= keep_on_chip_bytes;
  return tiles;
}

RunResult simulate(const ArchSpec& arch, const Network& network, const Mapping& mapping,
                   const SimOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const Doing doing("simulating");
  Diagnostics diagnostics;
  const std::optional<EnergyTable> table = table_for(arch, diagnostics);
  const std::optional<Lowered> lowered =
      lower(arch_for_tiles(arch, options.keep_on_chip_bytes), network, mapping, diagnostics,
            "mapping", options.images);
  throw_if_bad(diagnostics);

  std::optional<FunctionalRun> functional;
  if (options.functional) functional.emplace(network, lowered->quantization, options);
  const Scheduler::Values values = functional ? functional->values() : Scheduler::Values{};

  RunResult result;
  result.architecture = to_json(arch);
  result.mapping = to_json(mapping);
  result.clock_hz = static_cast<double>(arch.clock_hz);
  result.images = options.images;
  {
    Scheduler scheduler("scheduler", arch, network, *lowered,
                        {options.schedule, options.images, options.keep_on_chip_bytes,
                         functional ? &values : nullptr, options.progress, options.recorder,
                         options.max_cycles.value_or(kNever), options.dram_commands});
    result.layers = scheduler.run();
    for (const LayerResult& layer : result.layers)
      result.cycles = std::max(result.cycles, layer.end_cycle);
    result.dram = scheduler.dram_stats(result.cycles);
    result.kernel_activations = scheduler.activations();
    result.engines = scheduler.engines(result.cycles);
  }
  sum_up(arch, network, *lowered, result);
  add_energy(arch, network, *table, *lowered, result);
  check_run(arch, network, *lowered, result);
  if (functional) functional->write();

  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  result.peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace chasm
