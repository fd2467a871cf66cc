#include "mapper/allocate.h"

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "models/arch/area.h"

namespace chasm {
namespace {

// One PE of a chunk with its register files.
std::optional<double> pe_mm2(const ArchSpec& arch, std::size_t chunk, const EnergyTable& table) {
  double total = 0;
  const std::string& name = arch.chunks[chunk].name;
  const std::vector<AreaLine> lines = area_lines(arch, table);
  if (lines.empty()) return std::nullopt;
  for (const AreaLine& line : lines)
    if (line.component == name + ".pe" || line.component == name + ".register_file")
      total += line.mm2;
  return total / static_cast<double>(arch.chunks[chunk].pes());
}

// Whole PEs, at least one; a little above a whole number is that number.
std::uint64_t whole(double pes) {
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::floor(pes + 1e-9)));
}

}  // namespace

std::optional<std::vector<PeDemand>> pe_demands(const ArchSpec& arch, const Network& network,
                                                const std::vector<std::uint32_t>& chunks,
                                                const EnergyTable& table) {
  std::vector<PeDemand> demands;
  for (std::size_t c = 0; c < arch.chunks.size(); ++c) {
    const ChunkSpec& chunk = arch.chunks[c];
    PeDemand demand{c, 0, 0};
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
      const Layer& layer = network.layers[l];
      if (chunks[l] == c && layer.arithmetic != Arithmetic::none)
        demand.operations += static_cast<double>(layer.operations) /
                             static_cast<double>(chunk.pe_operations(layer.arithmetic));
    }
    if (demand.operations == 0) continue;
    const std::optional<double> area = pe_mm2(arch, c, table);
    if (!area) return std::nullopt;
    demand.pe_mm2 = *area;
    demands.push_back(demand);
  }
  return demands;
}

double pe_area_mm2(const ArchSpec& arch, const std::vector<PeDemand>& demands) {
  double total = 0;
  for (const PeDemand& demand : demands)
    total += demand.pe_mm2 * static_cast<double>(arch.chunks[demand.chunk].pes());
  return total;
}

std::vector<std::uint64_t> allocate_by_operations(const std::vector<PeDemand>& demands,
                                                  double mm2) {
  double area = 0;  // of one PE an operation
  for (const PeDemand& demand : demands) area += demand.operations * demand.pe_mm2;
  std::vector<std::uint64_t> pes;
  for (const PeDemand& demand : demands) pes.push_back(whole(mm2 / area * demand.operations));
  return pes;
}

std::vector<std::uint64_t> allocate_evenly(const std::vector<PeDemand>& demands, double mm2) {
  double area = 0;  // of one PE of each
  for (const PeDemand& demand : demands) area += demand.pe_mm2;
  return std::vector<std::uint64_t>(demands.size(), demands.empty() ? 0 : whole(mm2 / area));
}

ArrayShape array_of(std::uint64_t pes) {
  constexpr std::uint64_t kWidest = 3;  // columns a row
  ArrayShape best;
  for (std::uint64_t rows = 1; rows * rows <= pes; ++rows) {
    const std::uint64_t cols = std::min(pes / rows, kWidest * rows);
    if (rows * cols >= best.pes())  // later ones are squarer
      best = {static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(cols)};
  }
  return best;
}

ArchSpec with_pes(ArchSpec arch, const std::vector<PeDemand>& demands,
                  const std::vector<std::uint64_t>& pes) {
  for (std::size_t d = 0; d < demands.size(); ++d) {
    const ArrayShape shape = array_of(pes[d]);
    arch.chunks[demands[d].chunk].rows = shape.rows;
    arch.chunks[demands[d].chunk].cols = shape.cols;
  }
  return arch;
}

}  // namespace chasm
