// ArchSpec <-> JSON.
#include "base/check.h"
#include "base/json.h"
#include "models/arch/arch_check.h"
#include "models/arch/arch_fields.h"
#include "models/arch/arch_spec.h"
#include "models/arch/document_edit.h"

namespace chasm {

std::optional<ArchSpec> read_arch(const Document& document, Diagnostics& diagnostics) {
  const Json& schema = parsed_arch_schema();
  Json full = document.root;
  Diagnostics unresolved;
  resolve_measures(full, document.file, schema, unresolved);
  diagnostics.add(unresolved);
  if (!validate_schema(full, document.file, schema, diagnostics) || !unresolved.ok())
    return std::nullopt;
  if (document.root.contains("extends")) {
    diagnostics.error(document.file, "/extends", "\"extends\" was not resolved",
                      "give the architecture by its name or path");
    return std::nullopt;
  }
  fill_defaults(full, schema);
  ArchSpec spec;
  FieldReader reader(full);
  machine_fields(reader, spec);
  for (const Json& item : full.at("chunks")) {
    FieldReader chunk_reader(item);
    chunk_fields(chunk_reader, spec.chunks.emplace_back());
  }
  if (!check_arch(spec, document.file, diagnostics)) return std::nullopt;
  return spec;
}

Json to_json(const ArchSpec& spec) {
  ArchSpec copy = spec;  // the field list is shared with the reader, which writes to it
  Json root;
  FieldWriter writer(root);
  machine_fields(writer, copy);
  Json& chunks = root["chunks"] = Json::array();
  for (ChunkSpec& chunk : copy.chunks) {
    Json item;
    FieldWriter chunk_writer(item);
    chunk_fields(chunk_writer, chunk);
    chunks.push_back(std::move(item));
  }
  return root;
}

const Json& parsed_arch_schema() {
  static const Json schema = [] {
    Diagnostics diagnostics;
    std::optional<Document> document = parse_json(arch_schema(), "arch.schema.json", diagnostics);
    CHECK(document.has_value(), "{}", diagnostics.to_string());
    return std::move(document->root);
  }();
  return schema;
}

}  // namespace chasm
