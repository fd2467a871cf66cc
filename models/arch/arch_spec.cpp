#include "models/arch/arch_spec.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/check.h"
#include "base/resource.h"

namespace chasm {

std::span<const Resource> arch_presets();
std::span<const Resource> arch_schemas();

const char* to_string(PeKind kind) {
  switch (kind) {
    case PeKind::multiply:
      return "multiply";
    case PeKind::shift:
      return "shift";
    case PeKind::adder:
      return "adder";
    case PeKind::vector:
      return "vector";
  }
  CHECK(false, "PE kind {}", static_cast<int>(kind));
}

PeKind kind_for(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::multiply:
      return PeKind::multiply;
    case Arithmetic::shift:
      return PeKind::shift;
    case Arithmetic::adder:
      return PeKind::adder;
    case Arithmetic::none:
      return PeKind::vector;
  }
  CHECK(false, "arithmetic {}", static_cast<int>(arithmetic));
}

std::uint32_t ChunkSpec::lane_operations(Arithmetic arithmetic) const {
  std::uint32_t given = 0;
  if (arithmetic == Arithmetic::multiply) given = reconfigurable.multiply;
  if (arithmetic == Arithmetic::shift) given = reconfigurable.shift;
  if (arithmetic == Arithmetic::adder) given = reconfigurable.adder;
  const bool own = pe_kind == kind_for(arithmetic);
  return given == 0 && own ? 1 : given;
}

bool ChunkSpec::runs(Arithmetic arithmetic) const { return lane_operations(arithmetic) > 0; }

bool ChunkSpec::is_reconfigurable() const {
  return reconfigurable.multiply > 0 || reconfigurable.shift > 0 || reconfigurable.adder > 0;
}

std::uint64_t ChunkSpec::peak_operations() const {
  std::uint64_t peak = 0;
  for (const Arithmetic a : kAllArithmetics) peak = std::max(peak, peak_operations(a));
  return peak;
}

std::string ChunkSpec::arithmetics() const {
  const auto one = [&](Arithmetic a) {
    const std::string times =
        lane_operations(a) == 1 ? "" : fmt::format(" x{}", lane_operations(a));
    return to_string(kind_for(a)) + times;
  };
  std::string text;
  for (const bool own : {true, false})
    for (const Arithmetic a : kAllArithmetics)
      if (runs(a) && (kind_for(a) == pe_kind) == own) text += (text.empty() ? "" : " + ") + one(a);
  return text;
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Resource& preset : arch_presets()) names.emplace_back(preset.name);
  return names;
}

std::string_view preset_text(std::string_view name) {
  const Resource* preset = find_resource(arch_presets(), name);
  return preset == nullptr ? std::string_view() : preset->text;
}

std::string_view arch_schema() {
  const Resource* schema = find_resource(arch_schemas(), "arch.schema");
  CHECK(schema != nullptr, "arch.schema.json is not compiled in");
  return schema->text;
}

}  // namespace chasm
