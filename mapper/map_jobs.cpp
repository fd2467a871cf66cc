#include "mapper/map_jobs.h"

#include <map>

#include <fmt/format.h>

#include "base/fingerprint.h"
#include "models/energy/energy_table.h"
#include "mapper/build_program.h"

namespace chasm {
namespace {

std::string operation_text(Program program) {
  program.operation.name.clear();
  program.operation.layer = 0;
  for (TensorAccess& access : program.operation.access) access.tensor = 0, access.base_word = 0;
  return print_program(program);
}

}  // namespace

std::vector<MapJob> map_jobs(const ArchSpec& arch, const Network& network,
                             const std::vector<std::uint32_t>& chunks) {
  std::vector<LayerWidths> widths;
  for (const std::uint32_t chunk : chunks) widths.push_back(widths_of(arch.chunks[chunk]));
  const QuantizationPlan plan = plan_quantization(network, widths);
  std::vector<MapJob> jobs;
  std::map<std::pair<std::uint32_t, std::string>, std::size_t> known;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const ChunkSpec& chunk = arch.chunks[chunks[l]];
    const ProgramLimits limits = limits_of(chunk, arch.global_buffer);
    for (const Operation& operation : operations_of(network, l)) {
      MapJob job{
          build_program(operation_on(chunk, operation), chunk, limits, {}, plan), chunks[l], {}};
      lay_out(job.prototype, arch.layout, network);
      gate_zeros(job.prototype, chunk, network);
      const auto [entry, is_new] =
          known.try_emplace({chunks[l], operation_text(job.prototype)}, jobs.size());
      if (is_new) jobs.push_back(std::move(job));
      jobs[entry->second].names.push_back(operation.name);
    }
  }
  return jobs;
}

std::string job_key(const MapJob& job, const ArchSpec& arch) {
  ArchSpec machine = arch;
  machine.name.clear();
  machine.description.clear();
  machine.chunks = {arch.chunks[job.chunk]};
  machine.chunks.front().name.clear();
  // A file of that name may have other contents by now, and may charge for the clock of all PEs;
  // what ships is in search_version, and does not.
  if (energy_table_text(arch.energy_table).empty()) {
    std::uint64_t pes = 0;
    for (const ChunkSpec& chunk : arch.chunks) pes += chunk.pes();
    machine.energy_table =
        fmt::format("{} {}", fnv1a64(energy_table_content(arch.energy_table)), pes);
  }
  return operation_text(job.prototype) + to_json(machine).dump();
}

}  // namespace chasm
