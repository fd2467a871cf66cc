#include "base/named_document.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/suggest.h"

namespace chasm {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// "nasa-45nm.json", where there is no such file, may mean what comes with the program.
std::string shipped_hint(const std::string& path, const ShippedDocuments& kind) {
  const std::string stem = fs::path(path).stem().string();
  const std::vector<std::string> names = kind.names();
  const bool known = std::find(names.begin(), names.end(), stem) != names.end();
  const std::string near = known ? stem : nearest_word(stem, names);
  return near.empty() ? ""
                      : fmt::format("did you mean the {} \"{}\", which comes with the program?",
                                    kind.what, near);
}

}  // namespace

bool looks_like_path(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.ends_with(".json");
}

std::optional<Document> load_named_document(const std::string& name, const ShippedDocuments& kind,
                                            Diagnostics& diagnostics, const NamedPlace& where,
                                            const std::string& path) {
  if (const std::string_view text = kind.text(name); !text.empty())
    return parse_json(text, name, diagnostics);
  const std::string& file = path.empty() ? name : path;
  if (exists(file)) return read_json_file(file, diagnostics);
  if (!looks_like_path(name)) {
    report_unknown_document(name, kind, diagnostics, where, path);
    return std::nullopt;
  }
  diagnostics.error(file, "", "cannot read the file: there is none of that name",
                    shipped_hint(name, kind));
  return std::nullopt;
}

void report_unknown_document(const std::string& name, const ShippedDocuments& kind,
                             Diagnostics& diagnostics, const NamedPlace& where,
                             const std::string& path) {
  const std::vector<std::string> near = near_words(name, kind.names());
  const std::string hint = near.empty() ? suggest(name, kind.names())
                           : near.size() == 1
                               ? fmt::format("did you mean {}?", quoted_list(near))
                               : fmt::format("did you mean one of {}?", quoted_list(near));
  diagnostics.error(
      where.file, where.pointer,
      fmt::format("there is no {} \"{}\": neither a file \"{}\" nor one that comes with the "
                  "program (chasm list {})",
                  kind.what, name, path.empty() ? name : path, kind.list),
      hint);
}

}  // namespace chasm
