// Searched mappings, kept between runs: an SQLite file of (key, value) texts that many processes
// may use at once; of a key there is only its hash. What is found there must be what a search would
// find again, so a key names all that a search depends on, the mapper's own code included
// (search_version()).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"

namespace chasm {

class ResultCache {
 public:
  // A file that cannot be opened or is no cache becomes a warning, and a cache that holds nothing
  // and keeps nothing: a search never fails for it. An empty path: no cache.
  ResultCache(const std::string& path, Diagnostics& warnings);
  ~ResultCache();
  ResultCache(const ResultCache&) = delete;
  ResultCache& operator=(const ResultCache&) = delete;

  // A value that is not, to the byte, what was stored is none.
  std::optional<std::string> find(const std::string& key) const;
  // All of them or, when the file refuses (full disk, locked for long), none, with a warning.
  void store(const std::vector<std::pair<std::string, std::string>>& entries,
             Diagnostics& warnings);
  bool is_open() const { return database_ != nullptr; }

 private:
  struct Close;
  class Statement;
  void open(const std::string& path, Diagnostics& warnings);
  bool execute(const char* sql) const;
  std::string path_;
  std::shared_ptr<void> database_;  // sqlite3
};

// Where the cache lies: $CHASM_CACHE ("off": nowhere), else chasm/mappings.sqlite in
// $XDG_CACHE_HOME or ~/.cache; empty where there is none of them.
std::string default_cache_path();

// A hash of the sources that decide what a search finds: keys of another version never match.
std::string search_version();

}  // namespace chasm
