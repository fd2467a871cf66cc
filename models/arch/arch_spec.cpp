#include "models/arch/arch_spec.h"

#include <span>

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

bool ChunkSpec::runs(Arithmetic arithmetic) const {
  switch (arithmetic) {
    case Arithmetic::multiply:
      return pe_kind == PeKind::multiply;
    case Arithmetic::shift:
      return pe_kind == PeKind::shift;
    case Arithmetic::adder:
      return pe_kind == PeKind::adder;
    case Arithmetic::none:
      return pe_kind == PeKind::vector;
  }
  CHECK(false, "arithmetic {}", static_cast<int>(arithmetic));
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
