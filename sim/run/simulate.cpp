#include "sim/run/simulate.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>

#include "base/error.h"
#include "models/arch/area.h"
#include "models/arch/energy_bill.h"
#include "models/chunk/functional_unit.h"
#include "models/memory/line_map.h"
#include "sim/run/run_checks.h"
#include "sim/run/sequential_run.h"
#include "workloads/golden.h"
#include "workloads/tensors.h"

namespace chasm {
namespace {

void throw_if_bad(const Diagnostics& diagnostics) {
  if (!diagnostics.ok()) throw Error(exit_code(diagnostics), diagnostics);
}

// Data of every image: parameters are shared, inputs of later images come from other seeds.
class FunctionalRun {
 public:
  FunctionalRun(const Network& network, const QuantizationPlan& plan, const SimOptions& options)
      : network_(network), plan_(plan), options_(options) {
    Diagnostics diagnostics;
    check_arithmetic(network, plan, diagnostics);
    throw_if_bad(diagnostics);
    auto data = load_or_make_tensors(network, plan, options.tensors_dir, options.seed, diagnostics);
    throw_if_bad(diagnostics);
    data_ = std::move(*data);
  }

  SequentialRun::Values values() {
    return {[this](const LoweredOperation& operation, std::uint64_t image, Activity& activity) {
              enter(image);
              return std::make_unique<FunctionalUnit>(operation.program, network_, plan_, data_,
                                                      activity);
            },
            [this](const LoweredOperation& operation, std::uint64_t, bool last_part,
                   std::uint64_t overflows) {
              overflows_ += overflows;
              if (last_part) compare(operation.layer);
            }};
  }

  // The tensors of the first image.
  void write() {
    if (options_.tensors_dir.empty()) return;
    Diagnostics diagnostics;
    write_tensors(options_.tensors_dir, network_, plan_, first_ ? *first_ : data_, diagnostics);
    throw_if_bad(diagnostics);
  }

 private:
  void enter(std::uint64_t image) {
    if (image == image_) return;
    if (image_ == 0) first_ = data_;
    image_ = image;
    for (std::uint32_t t = 0; t < network_.inputs.size(); ++t)
      if (!network_.inputs[t].constant)
        data_.tensors[t] = make_tensor(network_, plan_, t, options_.seed + image);
  }

  void compare(std::size_t layer) {
    std::vector<const Tensor*> inputs;
    for (const std::uint32_t t : network_.layers[layer].inputs) inputs.push_back(&data_.tensors[t]);
    const GoldenOutput golden = golden_layer(network_, plan_, layer, data_.parameters[layer], inputs);
    const Tensor& output = data_.tensors[network_.output_of(layer)];
    CHECK(output.size() == golden.output.size(), "{}: {} outputs, golden {}",
          network_.layers[layer].name, output.size(), golden.output.size());
    for (std::size_t i = 0; i < output.size(); ++i)
      if (output[i] != golden.output[i])
        throw Error(ExitCode::internal,
                    fmt::format("internal error: layer {}, output word {}: the machine computed {}, "
                                "the golden arithmetic {}",
                                network_.layers[layer].name, i, output[i], golden.output[i]));
    CHECK(overflows_ == golden.overflows, "{}: {} overflows, golden {}",
          network_.layers[layer].name, overflows_, golden.overflows);
    overflows_ = 0;
  }

  const Network& network_;
  const QuantizationPlan& plan_;
  const SimOptions& options_;
  NetworkData data_;
  std::optional<NetworkData> first_;
  std::uint64_t image_ = 0, overflows_ = 0;
};

void sum_up(const ArchSpec& arch, const Network& network, const Lowered& lowered,
            RunResult& result) {
  std::uint64_t bursts = 0;
  result.cycles = result.layers.empty() ? 0 : result.layers.back().end_cycle;
  for (const ChunkSpec& chunk : arch.chunks)
    result.chunks.push_back({chunk.name, chunk.pes(), 0, chunk.pes() * chunk.lanes, {}});
  std::vector<Cycle> busy_until(arch.chunks.size(), 0);
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
    for (std::size_t c = 0; c < kCauses; ++c) chunk.cycles_by_cause[c] += layer.cycles_by_cause[c];
    chunk.cycles_by_cause[static_cast<std::size_t>(Cause::wait_dependency)] +=
        minus(layer.start_cycle, busy_until[operation.chunk]);
    busy_until[operation.chunk] = layer.end_cycle;
  }
  for (std::size_t c = 0; c < arch.chunks.size(); ++c)
    result.chunks[c].cycles_by_cause[static_cast<std::size_t>(Cause::idle)] +=
        minus(result.cycles, busy_until[c]);
  const double peak = arch.dram.bandwidth_bytes_per_cycle * arch.dram.channels *
                      static_cast<double>(result.cycles);
  result.dram_bandwidth_utilization =
      peak > 0 ? static_cast<double>(bursts * kLineBytes) / peak : 0;
}

void add_energy(const ArchSpec& arch, const EnergyTable& table, const Lowered& lowered,
                RunResult& result) {
  std::vector<BillItem> items;
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    const LoweredOperation& operation = lowered.operations[i % lowered.operations.size()];
    items.push_back(
        {&arch.chunks[operation.chunk], result.layers[i].activity, result.layers[i].widths});
  }
  EnergyBill bill = energy_bill(arch, table, items, result.cycles);
  for (std::size_t i = 0; i < items.size(); ++i) result.layers[i].energy_pj = bill.item_pj[i];
  result.energy = std::move(bill.lines);
  result.area_mm2 = area_mm2(arch, table);
}

}  // namespace

RunResult simulate(const ArchSpec& arch, const Network& network, const Mapping& mapping,
                   const SimOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  if (options.schedule != Schedule::sequential)
    throw Error(ExitCode::usage, "only the schedule \"sequential\" is built in this version");
  Diagnostics diagnostics;
  const std::optional<EnergyTable> table = load_energy_table(arch.energy_table, diagnostics);
  if (table) covers(*table, arch, diagnostics);
  const std::optional<Lowered> lowered = lower(arch, network, mapping, diagnostics);
  throw_if_bad(diagnostics);

  std::optional<FunctionalRun> functional;
  if (options.functional) functional.emplace(network, lowered->quantization, options);
  const SequentialRun::Values values = functional ? functional->values() : SequentialRun::Values{};

  RunResult result;
  result.architecture = to_json(arch);
  result.mapping = to_json(mapping);
  result.clock_hz = static_cast<double>(arch.clock_hz);
  result.images = options.images;
  {
    SequentialRun run(arch, network, *lowered, options.images, functional ? &values : nullptr,
                      options.progress);
    result.layers = run.run();
    result.kernel_activations = run.activations();
  }
  sum_up(arch, network, *lowered, result);
  add_energy(arch, *table, *lowered, result);
  check_run(arch, network, *lowered, result);
  if (functional) functional->write();

  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  result.peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  result.wall_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace chasm
