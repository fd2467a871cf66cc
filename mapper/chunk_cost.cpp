#include "mapper/chunk_cost.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/parallel.h"
#include "mapper/cost_model.h"

namespace chasm {
namespace {

std::set<std::uint32_t> chunks_of(const std::vector<MapJob>& jobs) {
  std::set<std::uint32_t> chunks;
  for (const MapJob& job : jobs) chunks.insert(job.chunk);
  return chunks;
}

// A machine that one chunk could have, and what of the resource it takes.
struct Variant {
  ArchSpec arch;
  std::uint32_t chunk = 0;
  double resource = 0;
};

// The best choice of one variant of every chunk among them, in the order of chunks.
std::optional<std::vector<const Variant*>> best_variants(const std::vector<Variant>& variants,
                                                         const std::vector<MapJob>& jobs,
                                                         double budget, const Balance& balance) {
  std::vector<std::optional<ChunkOption>> costs(variants.size());
  parallel_for(variants.size(), balance.threads, [&](std::size_t v) {
    costs[v] = chunk_cost(variants[v].arch, jobs, variants[v].chunk, balance.objective);
  });
  std::map<std::uint32_t, std::vector<const Variant*>> of_chunk;
  std::map<std::uint32_t, std::vector<ChunkOption>> options_of;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    std::vector<ChunkOption>& options = options_of[variants[v].chunk];
    if (!costs[v]) continue;
    of_chunk[variants[v].chunk].push_back(&variants[v]);
    options.push_back({variants[v].resource, costs[v]->cycles, costs[v]->energy});
  }
  std::vector<std::vector<ChunkOption>> options;
  for (auto& [chunk, of_it] : options_of) options.push_back(std::move(of_it));
  const auto chosen = choose_options(options, budget, balance.objective, balance.side_by_side);
  if (!chosen) return std::nullopt;
  std::vector<const Variant*> best;
  for (const auto& [chunk, of_it] : of_chunk) best.push_back(of_it[(*chosen)[best.size()]]);
  return best;
}

// Array sizes about a tenth apart, from a third of the PEs to three times as many, and `other`.
std::set<std::uint64_t> sizes_around(std::uint64_t pes, std::uint64_t other, std::uint64_t most) {
  constexpr double kStep = 1.1, kRange = 3;
  std::set<std::uint64_t> sizes = {1};
  const auto add = [&](std::uint64_t size) {
    if (size >= 1 && size <= most) sizes.insert(array_of(size).pes());
  };
  for (double factor = 1 / kRange; factor < kRange * kStep; factor *= kStep)
    add(static_cast<std::uint64_t>(static_cast<double>(pes) * factor));
  add(pes);
  add(other);
  return sizes;
}

}  // namespace

std::optional<ChunkOption> chunk_cost(const ArchSpec& arch, const std::vector<MapJob>& jobs,
                                      std::uint32_t chunk, Objective objective) {
  ChunkOption sum;
  for (const MapJob& job : jobs) {
    if (job.chunk != chunk) continue;
    const std::optional<LoopNest> nest =
        search_operation(job.prototype, arch.chunks[chunk], arch, objective);
    if (!nest) return std::nullopt;
    const Cost cost = CostModel(job.prototype, arch.chunks[chunk], arch).evaluate(*nest);
    const auto times = static_cast<double>(job.names.size());
    sum.cycles += times * cost.cycles;
    sum.energy += times * cost.energy;
  }
  return sum;
}

std::optional<std::vector<std::uint64_t>> share_buffer(const ArchSpec& arch,
                                                       const std::vector<MapJob>& jobs,
                                                       const Balance& balance) {
  constexpr std::uint64_t kParts = 16;
  const std::set<std::uint32_t> chunks = chunks_of(jobs);
  std::vector<std::uint64_t> bytes(arch.chunks.size(), 0);
  if (chunks.size() == 1) {
    bytes[*chunks.begin()] = arch.global_buffer.capacity_bytes;
    return bytes;
  }
  std::vector<Variant> variants;
  for (const std::uint32_t chunk : chunks) {
    // The others need one part each.
    for (std::uint64_t parts = 1; parts + chunks.size() <= kParts + 1; parts += parts < 4 ? 1 : 2) {
      Variant variant{arch, chunk, static_cast<double>(parts)};
      variant.arch.global_buffer.capacity_bytes =
          arch.global_buffer.capacity_bytes * parts / kParts;
      variants.push_back(std::move(variant));
    }
  }
  const auto best = best_variants(variants, jobs, static_cast<double>(kParts), balance);
  if (!best) return std::nullopt;
  for (const Variant* variant : *best)
    bytes[variant->chunk] = variant->arch.global_buffer.capacity_bytes;
  return bytes;
}

std::vector<std::uint64_t> allocate_by_cost(const ArchSpec& arch, const std::vector<MapJob>& jobs,
                                            const std::vector<PeDemand>& demands, double mm2,
                                            const Balance& balance) {
  const std::vector<std::uint64_t> by_operations = allocate_by_operations(demands, mm2);
  const std::vector<std::uint64_t> even = allocate_evenly(demands, mm2);
  std::set<std::uint32_t> chunks = chunks_of(jobs);
  ArchSpec share = arch;
  if (balance.side_by_side) share.global_buffer.capacity_bytes /= chunks.size();
  std::vector<Variant> variants;
  for (std::size_t d = 0; d < demands.size(); ++d) {
    const auto most = static_cast<std::uint64_t>(mm2 / demands[d].pe_mm2);
    const auto chunk = static_cast<std::uint32_t>(demands[d].chunk);
    chunks.erase(chunk);
    for (const std::uint64_t pes : sizes_around(by_operations[d], even[d], most))
      variants.push_back({with_pes(share, {demands[d]}, {pes}), chunk,
                          static_cast<double>(pes) * demands[d].pe_mm2});
  }
  for (const std::uint32_t chunk : chunks) variants.push_back({share, chunk, 0});
  const auto best = best_variants(variants, jobs, mm2, balance);
  if (!best) return by_operations;
  std::vector<std::uint64_t> pes;
  for (const PeDemand& demand : demands)
    for (const Variant* variant : *best)
      if (variant->chunk == demand.chunk) pes.push_back(variant->arch.chunks[demand.chunk].pes());
  return pes;
}

}  // namespace chasm
