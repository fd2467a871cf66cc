#include "models/arch/area.h"

#include <algorithm>

#include "models/arch/energy_bill.h"

namespace chasm {
namespace {

// A reconfigurable PE uses one datapath in different ways: it is as large as what its largest
// arithmetic takes (the switches between them have no source and are left out).
std::optional<AreaLine> datapath(const ChunkSpec& c, const EnergyTable& table) {
  AreaLine largest{c.name + ".pe", 0, ""};
  for (const Arithmetic a : kAllArithmetics) {
    if (!c.runs(a)) continue;
    const std::optional<UnitArea> unit = table.pe_datapath_area(
        pe_operation(kind_for(a)), std::max(c.bits.input, c.bits.weight), c.bits.psum);
    if (!unit) return std::nullopt;
    const double mm2 = static_cast<double>(c.peak_operations(a)) * unit->mm2;
    if (mm2 > largest.mm2) largest.mm2 = mm2, largest.source = unit->source;
  }
  return largest;
}

std::optional<AreaLine> register_files(const ChunkSpec& c, const EnergyTable& table) {
  const auto input = table.register_file_area(c.register_file_words.input, c.bits.input);
  const auto weight = table.register_file_area(c.register_file_words.weight, c.bits.weight);
  const auto psum = table.register_file_area(c.register_file_words.psum, c.bits.psum);
  if (!input || !weight || !psum) return std::nullopt;
  return AreaLine{c.name + ".register_file",
                  static_cast<double>(c.pes()) * (input->mm2 + weight->mm2 + psum->mm2),
                  input->source};
}

}  // namespace

std::vector<AreaLine> area_lines(const ArchSpec& spec, const EnergyTable& table) {
  std::vector<AreaLine> lines;
  for (const ChunkSpec& c : spec.chunks) {
    const std::optional<AreaLine> pes = datapath(c, table);
    const std::optional<AreaLine> files = register_files(c, table);
    if (!pes || !files) return {};
    lines.push_back(*pes);
    lines.push_back(*files);
  }
  const GlobalBufferSpec& g = spec.global_buffer;
  const auto buffer = table.buffer_area({g.capacity_bytes, g.banks, g.word_bytes});
  if (!buffer) return {};
  lines.push_back({"global_buffer", buffer->mm2, buffer->source});
  return lines;
}

std::optional<double> area_mm2(const ArchSpec& spec, const EnergyTable& table) {
  const std::vector<AreaLine> lines = area_lines(spec, table);
  if (lines.empty()) return std::nullopt;
  double total = 0;
  for (const AreaLine& line : lines) total += line.mm2;
  return total;
}

}  // namespace chasm
