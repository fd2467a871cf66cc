// An architecture's file, one that it may extend, and --set: lines PATH=VALUE, then the file, then
// "base.json", divided by lines of "---".
#include "models/arch/arch_spec.h"
#include "models/arch/area.h"
#include "models/arch/energy_bill.h"
#include "tests/fuzz/driver.h"

namespace chasm::fuzz {
namespace {

std::vector<Override> overrides_of(std::string_view lines) {
  std::vector<Override> overrides;
  while (!lines.empty() && overrides.size() < 16) {
    const std::string line(lines.substr(0, lines.find('\n')));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    const std::size_t equals = line.find('=');
    if (equals == 0 || equals == line.npos) continue;
    overrides.push_back({line.substr(0, equals), line.substr(equals + 1)});
  }
  return overrides;
}

}  // namespace

void one_input(std::string_view bytes) {
  const std::vector<std::string_view> parts = parts_of(bytes, 3);
  if (parts.size() < 2) return;
  file_of(parts.size() > 2 ? parts[2] : "", "base.json");
  Diagnostics problems;
  const auto document = load_arch_document(file_of(parts[1]), overrides_of(parts[0]), problems);
  const auto arch = document ? read_arch(*document, problems) : std::nullopt;
  require_reason(arch, problems);
  if (!arch || !problems.ok()) return;
  const auto table = table_for(*arch, problems);
  require_reason(table, problems);
  if (table) area_lines(*arch, *table);
}

}  // namespace chasm::fuzz
