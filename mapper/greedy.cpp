#include "mapper/greedy.h"

#include <map>
#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "mapper/assign.h"
#include "mapper/build_program.h"

namespace chasm {
namespace {

// What the search depends on: equal keys have equal mappings. Names and addresses are left out.
std::string search_key(Program program, std::uint32_t chunk) {
  program.operation.name.clear();
  program.operation.layer = 0;
  for (TensorAccess& access : program.operation.access) access.tensor = 0, access.base_word = 0;
  return fmt::format("{}\n{}", chunk, print_program(program));
}

class NetworkMapper {
 public:
  NetworkMapper(const ArchSpec& arch, const Network& network, const MapOptions& options,
                Diagnostics& diagnostics)
      : arch_(arch),
        share_(arch),
        network_(network),
        options_(options),
        diagnostics_(diagnostics) {}

  std::optional<Mapping> run() {
    const std::optional<std::vector<std::uint32_t>> chunks =
        assign_chunks(arch_, network_, diagnostics_);
    if (!chunks) return std::nullopt;
    if (options_.side_by_side)
      share_.global_buffer.capacity_bytes /= std::set(chunks->begin(), chunks->end()).size();
    std::vector<LayerWidths> widths;
    for (const std::uint32_t chunk : *chunks) widths.push_back(widths_of(arch_.chunks[chunk]));
    plan_ = plan_quantization(network_, widths);
    bool complete = true;
    for (std::size_t l = 0; l < network_.layers.size(); ++l) {
      for (const Operation& operation : operations_of(network_, l)) {
        complete =
            map_operation(operation_on(arch_.chunks[(*chunks)[l]], operation), (*chunks)[l]) &&
            complete;
      }
    }
    if (!complete) return std::nullopt;
    return std::move(mapping_);
  }

 private:
  bool map_operation(const Operation& operation, std::uint32_t chunk_index) {
    const ChunkSpec& chunk = arch_.chunks[chunk_index];
    const ProgramLimits limits = limits_of(chunk, arch_.global_buffer);
    Program prototype = build_program(operation, chunk, limits, {}, plan_);
    lay_out(prototype, arch_.layout, network_);
    const auto [entry, is_new] = searched_.try_emplace(search_key(prototype, chunk_index));
    if (is_new) entry->second = search_operation(prototype, chunk, share_, options_.objective);
    if (is_new && !entry->second && options_.side_by_side)
      entry->second = search_operation(prototype, chunk, arch_, options_.objective);
    if (!entry->second) {
      report(operation, chunk, limits, prototype);
      return false;
    }
    mapping_.layers[operation.name] = to_mapping(*entry->second, chunk.name);
    return true;
  }

  // The smallest mapping there is does not fit: the verifier says why.
  void report(const Operation& operation, const ChunkSpec& chunk, const ProgramLimits& limits,
              const Program& prototype) {
    const OperationMapping smallest = to_mapping(smallest_nest(prototype), chunk.name);
    const Program program = build_program(operation, chunk, limits, smallest, plan_);
    diagnostics_.infeasible(
        arch_.name, "",
        fmt::format("layer {} has no mapping on chunk {}: even the smallest tiles do "
                    "not fit",
                    operation.name, chunk.name));
    const bool fits = verify_program(program, limits, arch_.name, "", diagnostics_);
    CHECK(!fits, "{} fits {}, but the search found nothing", operation.name, chunk.name);
  }

  const ArchSpec& arch_;
  ArchSpec share_;  // what a chunk may use of it
  const Network& network_;
  const MapOptions& options_;
  Diagnostics& diagnostics_;
  QuantizationPlan plan_;
  std::map<std::string, std::optional<LoopNest>> searched_;
  Mapping mapping_;
};

}  // namespace

std::optional<Mapping> map_network(const ArchSpec& arch, const Network& network,
                                   const MapOptions& options, Diagnostics& diagnostics) {
  return NetworkMapper(arch, network, options, diagnostics).run();
}

}  // namespace chasm
