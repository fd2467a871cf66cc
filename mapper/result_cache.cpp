#include "mapper/result_cache.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sqlite3.h>

#include <fmt/format.h>

#include "base/fingerprint.h"

#include "search_version.h"

namespace chasm {
namespace {

constexpr int kPatience_ms = 5000;  // for other processes that write
// Kept in the file's header: another program's database is not touched.
constexpr int kApplicationId = 0x4348534d;  // "CHSM"

sqlite3* handle(const std::shared_ptr<void>& database) {
  return static_cast<sqlite3*>(database.get());
}

// Stands before a value: what does not fit it is not what was stored.
std::string seal_of(const std::string& value) { return fnv1a128(value); }

}  // namespace

// One statement, its texts bound in order; outlived by what they point to.
class ResultCache::Statement {
 public:
  Statement(const std::shared_ptr<void>& database, const char* sql) {
    sqlite3_prepare_v2(handle(database), sql, -1, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(const std::string& text) {
    sqlite3_bind_text64(statement_, ++bound_, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
  }
  int step() { return statement_ == nullptr ? SQLITE_ERROR : sqlite3_step(statement_); }
  std::string text() {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, 0));
    const int size = sqlite3_column_bytes(statement_, 0);
    return bytes == nullptr ? "" : std::string(bytes, static_cast<std::size_t>(size));
  }
  int number() { return sqlite3_column_int(statement_, 0); }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

ResultCache::ResultCache(const std::string& path, Diagnostics& warnings) : path_(path) {
  if (path.empty()) return;
  open(path, warnings);
}

ResultCache::~ResultCache() = default;

void ResultCache::open(const std::string& path, Diagnostics& warnings) {
  const auto refuse = [&](const std::string& why) {
    database_.reset();
    warnings.warning(path, "", fmt::format("searched mappings are not kept: {}", why),
                     "name another file with --cache, or none: --cache off");
  };
  std::error_code failed;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  sqlite3* opened = nullptr;
  const int result =
      sqlite3_open_v2(path.c_str(), &opened,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  database_ = std::shared_ptr<void>(
      opened, [](void* database) { sqlite3_close_v2(static_cast<sqlite3*>(database)); });
  if (result != SQLITE_OK) return refuse(sqlite3_errstr(result));
  sqlite3_busy_timeout(opened, kPatience_ms);
  int id = -1, tables = -1;
  {
    Statement application(database_, "PRAGMA application_id");
    if (application.step() == SQLITE_ROW) id = application.number();
    Statement schema(database_, "SELECT count(*) FROM sqlite_master");
    if (schema.step() == SQLITE_ROW) tables = schema.number();
  }
  if (tables < 0) return refuse(sqlite3_errmsg(opened));
  if (tables > 0 && id != kApplicationId) return refuse("it is another program's database");
  const std::string mark = fmt::format("PRAGMA application_id = {}", kApplicationId);
  if (tables == 0 &&
      !(execute(mark.c_str()) &&
        execute("CREATE TABLE IF NOT EXISTS results(key TEXT PRIMARY KEY, value TEXT NOT NULL) "
                "WITHOUT ROWID")))
    return refuse(sqlite3_errmsg(opened));
}

bool ResultCache::execute(const char* sql) const {
  return sqlite3_exec(handle(database_), sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

std::optional<std::string> ResultCache::find(const std::string& key) const {
  if (!is_open()) return std::nullopt;
  Statement query(database_, "SELECT value FROM results WHERE key = ?");
  const std::string hash = fnv1a128(key);
  if (query.bind(hash).step() != SQLITE_ROW) return std::nullopt;
  const std::string text = query.text();
  const std::size_t seal = std::min(text.find('\n'), text.size());
  const std::string value = text.substr(std::min(seal + 1, text.size()));
  return text.substr(0, seal) == seal_of(value) ? std::optional(value) : std::nullopt;
}

void ResultCache::store(const std::vector<std::pair<std::string, std::string>>& entries,
                        Diagnostics& warnings) {
  if (!is_open() || entries.empty()) return;
  bool ok = execute("BEGIN IMMEDIATE");
  for (std::size_t e = 0; ok && e < entries.size(); ++e) {
    Statement insert(database_, "INSERT OR REPLACE INTO results(key, value) VALUES(?, ?)");
    const auto& [key, value] = entries[e];
    const std::string hash = fnv1a128(key), text = seal_of(value) + "\n" + value;
    ok = insert.bind(hash).bind(text).step() == SQLITE_DONE;
  }
  ok = ok && execute("COMMIT");
  if (ok) return;
  const std::string why = sqlite3_errmsg(handle(database_));
  execute("ROLLBACK");
  warnings.warning(path_, "", fmt::format("searched mappings could not be kept: {}", why),
                   "name another file with --cache, or none: --cache off");
}

std::string default_cache_path() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (const std::string given = variable("CHASM_CACHE"); !given.empty())
    return given == "off" ? "" : given;
  if (const std::string folder = variable("XDG_CACHE_HOME"); !folder.empty())
    return folder + "/chasm/mappings.sqlite";
  if (const std::string home = variable("HOME"); !home.empty())
    return home + "/.cache/chasm/mappings.sqlite";
  return "";
}

std::string search_version() { return CHASM_SEARCH_VERSION; }

}  // namespace chasm
