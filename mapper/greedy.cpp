#include "mapper/greedy.h"

#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "mapper/assign.h"
#include "mapper/build_program.h"
#include "mapper/map_jobs.h"

namespace chasm {
namespace {

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
    bool complete = true;
    for (const MapJob& job : map_jobs(arch_, network_, *chunks)) complete = map(job) && complete;
    if (!complete) return std::nullopt;
    return std::move(mapping_);
  }

 private:
  bool map(const MapJob& job) {
    const ChunkSpec& chunk = arch_.chunks[job.chunk];
    std::optional<LoopNest> nest =
        search_operation(job.prototype, chunk, share_, options_.objective);
    if (!nest && options_.side_by_side)
      nest = search_operation(job.prototype, chunk, arch_, options_.objective);
    if (!nest) {
      report(job);
      return false;
    }
    for (const std::string& name : job.names) mapping_.layers[name] = to_mapping(*nest, chunk.name);
    return true;
  }

  // The smallest mapping there is does not fit: the verifier says why.
  void report(const MapJob& job) {
    const ChunkSpec& chunk = arch_.chunks[job.chunk];
    const LoopNest smallest = smallest_nest(job.prototype);
    for (const std::string& name : job.names)
      diagnostics_.infeasible(
          arch_.name, "",
          fmt::format("layer {} has no mapping on chunk {}: even the smallest tiles do not fit",
                      name, chunk.name));
    const bool fits =
        verify_program(to_program(job.prototype, smallest), limits_of(chunk, arch_.global_buffer),
                       arch_.name, "", diagnostics_);
    CHECK(!fits, "{} fits {}, but the search found nothing", job.names.front(), chunk.name);
  }

  const ArchSpec& arch_;
  ArchSpec share_;  // what a chunk may use of it
  const Network& network_;
  const MapOptions& options_;
  Diagnostics& diagnostics_;
  Mapping mapping_;
};

}  // namespace

std::optional<Mapping> map_network(const ArchSpec& arch, const Network& network,
                                   const MapOptions& options, Diagnostics& diagnostics) {
  return NetworkMapper(arch, network, options, diagnostics).run();
}

}  // namespace chasm
