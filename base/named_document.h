// Documents as users name them: by a name that comes with the program, or by the path of a file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/json.h"

namespace chasm {

// A kind of document of which some come with the program.
struct ShippedDocuments {
  const char* what;  // "architecture"
  const char* list;  // what "chasm list" calls them: "archs"
  std::vector<std::string> (*names)();
  std::string_view (*text)(std::string_view name);  // empty: there is none of that name
};

// Whether it can only be a file: it has a "/" or ends in ".json".
bool looks_like_path(std::string_view name);

// The document of that name, or in that file. `path`: where the file is, if that is not its name.
// A name of neither is reported at the place where it stands, with where was looked and what is
// near.
struct NamedPlace {
  std::string file, pointer;
};
std::optional<Document> load_named_document(const std::string& name, const ShippedDocuments&,
                                            Diagnostics&, const NamedPlace& where = {},
                                            const std::string& path = {});
// Only that diagnostic.
void report_unknown_document(const std::string& name, const ShippedDocuments&, Diagnostics&,
                             const NamedPlace& where, const std::string& path = {});

}  // namespace chasm
