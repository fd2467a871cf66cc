// What the layers of a chunk cost together under the quick search, for choices between variants of
// an architecture: shares of the buffer, PEs of an area.
#pragma once

#include <optional>
#include <vector>

#include "models/arch/arch_spec.h"
#include "mapper/allocate.h"
#include "mapper/choose_options.h"
#include "mapper/map_jobs.h"
#include "mapper/operation_search.h"

namespace chasm {

// The jobs of `chunk` on that architecture; none where one has no mapping there. Its resource is 0.
std::optional<ChunkOption> chunk_cost(const ArchSpec&, const std::vector<MapJob>&,
                                      std::uint32_t chunk, Objective);

struct Balance {
  Objective objective = Objective::edp;
  bool side_by_side = false;
  std::size_t threads = 1;
};

// Bytes of the buffer for each chunk that has jobs (0 for others), when all of them run at once:
// the best of shares in sixteenths. None where no shares let all of them be mapped.
std::optional<std::vector<std::uint64_t>> share_buffer(const ArchSpec&, const std::vector<MapJob>&,
                                                       const Balance&);

// PEs for each demand, within the area, by what the layers cost on so many PEs, stalls included:
// the best among arrays about a tenth apart. At least as good, by the quick search, as Eq. (8) and
// an even allocation. Chunks that do not compete keep their PEs.
std::vector<std::uint64_t> allocate_by_cost(const ArchSpec&, const std::vector<MapJob>&,
                                            const std::vector<PeDemand>&, double mm2,
                                            const Balance&);

}  // namespace chasm
