// From a name or a path to the full document: "extends" chains, overrides, defaults.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/named_document.h"
#include "models/arch/arch_spec.h"
#include "models/arch/document_edit.h"

namespace chasm {
namespace {

namespace fs = std::filesystem;

bool is_preset(const std::string& name) { return !preset_text(name).empty(); }

// Where a name or path of an "extends" or of the command line leads.
struct Place {
  std::string name;  // as diagnostics name it: shipped name or path
  std::string id;    // equal for equal documents, however they were named
  fs::path folder;   // relative paths inside the document start here
};

Place locate(const std::string& name_or_path, const fs::path& folder) {
  if (is_preset(name_or_path)) return {name_or_path, "preset " + name_or_path, {}};
  const fs::path path =
      fs::path(name_or_path).is_absolute() ? fs::path(name_or_path) : folder / name_or_path;
  std::error_code ignored;
  const fs::path canonical = fs::weakly_canonical(path, ignored);
  return {path.string(), (canonical.empty() ? path : canonical).string(), path.parent_path()};
}

std::optional<Document> read_place(const Place& place, const std::string& asked, const Place* from,
                                   Diagnostics& diagnostics) {
  static constexpr ShippedDocuments kPresets{"architecture", "archs", preset_names, preset_text};
  const NamedPlace where = from == nullptr ? NamedPlace{} : NamedPlace{from->name, "/extends"};
  return load_named_document(asked, kPresets, diagnostics, where, place.name);
}

// The schema of a document that leaves out what it takes over: nothing is required but the names of
// chunks.
const Json& change_schema() {
  static const Json schema = [] {
    Json copy = parsed_arch_schema();
    copy.erase("required");
    copy["properties"]["chunks"]["items"]["required"] = Json::array({"name"});
    return copy;
  }();
  return schema;
}

// A second chunk of a name would be merged into the first one, or into the base's, without a word.
bool names_are_unique(const Document& document, Diagnostics& diagnostics) {
  std::vector<std::string> seen;
  const Json chunks = document.root.value("chunks", Json::array());
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const std::string name = chunks[i].at("name").get<std::string>();
    const auto same = std::find(seen.begin(), seen.end(), name);
    if (same != seen.end()) {
      diagnostics.error(document.file, fmt::format("/chunks/{}/name", i),
                        fmt::format("the name \"{}\" is already that of /chunks/{}/name", name,
                                    same - seen.begin()));
      return false;
    }
    seen.push_back(name);
  }
  return true;
}

// A relative path of a table is meant from the document's folder.
void anchor_energy_table(Json& root, const Place& place) {
  if (!root.contains("energy_table")) return;
  const std::string table = root.at("energy_table").get<std::string>();
  if (looks_like_path(table) && !fs::path(table).is_absolute())
    root["energy_table"] = (place.folder / table).string();
}

class Loader {
 public:
  explicit Loader(Diagnostics& diagnostics) : out_(diagnostics) {}

  // The document with its "extends" merged.
  std::optional<Json> load(const std::string& name_or_path, const fs::path& folder);

 private:
  bool in_circle(const Place&);
  std::optional<Json> extended(const Document&, const Place&);

  std::vector<Place> open_;  // documents whose "extends" is being followed, outermost first
  Diagnostics& out_;
};

bool Loader::in_circle(const Place& place) {
  const auto same =
      std::find_if(open_.begin(), open_.end(), [&](const Place& p) { return p.id == place.id; });
  if (same == open_.end()) return false;
  std::string circle;
  for (auto p = same; p != open_.end(); ++p) circle += p->name + " -> ";
  out_.error(open_.back().name, "/extends",
             "\"extends\" leads in a circle: " + circle + place.name);
  return true;
}

std::optional<Json> Loader::load(const std::string& name_or_path, const fs::path& folder) {
  const Place place = locate(name_or_path, folder);
  if (in_circle(place)) return std::nullopt;
  const Place* from = open_.empty() ? nullptr : &open_.back();
  std::optional<Document> document = read_place(place, name_or_path, from, out_);
  if (!document) return std::nullopt;
  open_.push_back(place);
  std::optional<Json> result = extended(*document, place);
  open_.pop_back();
  return result;
}

std::optional<Json> Loader::extended(const Document& document, const Place& place) {
  const bool is_change = document.root.is_object() && document.root.contains("extends");
  const Json& schema = is_change ? change_schema() : parsed_arch_schema();
  Json change = document.root;
  Diagnostics unresolved;
  resolve_measures(change, document.file, schema, unresolved);
  out_.add(unresolved);
  if (!validate_schema(change, document.file, schema, out_) || !unresolved.ok())
    return std::nullopt;
  if (!names_are_unique(document, out_)) return std::nullopt;
  anchor_energy_table(change, place);
  if (!is_change) return change;
  std::optional<Json> base = load(change.at("extends").get<std::string>(), place.folder);
  if (!base) return std::nullopt;
  change.erase("extends");
  merge_document(*base, change);
  return base;
}

struct Applied {
  std::string pointer;  // what the override set
  std::string option;
};

bool names_place(const std::string& text, const std::string& pointer) {
  for (std::size_t at = text.find(pointer); at != std::string::npos;
       at = text.find(pointer, at + 1)) {
    const std::size_t end = at + pointer.size();
    if (end == text.size() || text[end] == '/' || text[end] == ' ' || text[end] == ',' ||
        text[end] == ')')
      return true;
  }
  return false;
}

// The full document is checked; what an override brought about is reported under its option.
bool check_full(const Document& document, const std::vector<Applied>& applied,
                Diagnostics& diagnostics) {
  Diagnostics found;
  if (read_arch(document, found)) return true;  // warnings come from the caller's own read_arch
  for (const Diagnostic& d : found.all()) {
    if (d.severity != Diagnostic::Severity::error) continue;
    const auto cause = std::find_if(applied.rbegin(), applied.rend(), [&](const Applied& a) {
      return names_place(d.pointer, a.pointer) || names_place(d.message, a.pointer);
    });
    diagnostics.error(cause == applied.rend() ? d.file : cause->option, d.pointer, d.message,
                      d.hint);
  }
  return false;
}

bool resolves(Json& root) {
  Diagnostics problems;
  resolve_measures(root, "", parsed_arch_schema(), problems);
  return problems.ok();
}

}  // namespace

std::optional<Document> load_arch_document(const std::string& name_or_path,
                                           const std::vector<Override>& overrides,
                                           Diagnostics& diagnostics) {
  std::optional<Json> root = Loader(diagnostics).load(name_or_path, {});
  if (!root) return std::nullopt;
  Document document{name_or_path, std::move(*root)};
  fill_defaults(document.root, parsed_arch_schema());
  std::vector<Applied> applied;
  bool ok = true;
  for (const Override& o : overrides) {
    const std::string pointer = apply_override(document.root, o, diagnostics);
    ok = ok && !pointer.empty();
    if (!pointer.empty()) applied.push_back({pointer, option_text(o)});
  }
  fill_defaults(document.root, parsed_arch_schema());
  // What cannot be resolved is left to the check: it knows which override brought it about.
  if (Json resolved = document.root; resolves(resolved)) document.root = std::move(resolved);
  if (!check_full(document, applied, diagnostics) || !ok) return std::nullopt;
  return document;
}

}  // namespace chasm
