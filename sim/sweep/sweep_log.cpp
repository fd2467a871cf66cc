#include "sim/sweep/sweep_log.h"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/parse.h"
#include "sim/report/tool_info.h"
#include "sim/sweep/sweep_tables.h"

namespace chasm {
namespace {

constexpr const char* kSchema = "chasm/sweep-points/1";

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Error(ExitCode::invalid_input, fmt::format("{}: error: {}\n", path, why));
}

std::string reason(int error) { return std::generic_category().message(error); }

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Values of the sweep's own file lie a few levels deeper here.
constexpr std::size_t kMostLevelsOfALine = kMostLevels + 4;

// A form of a line, by its name among the definitions of the schema of results.
Schema form_of(const char* name) {
  const Json all = Json::parse(sweep_result_schema());
  return Schema(Json{{"$ref", fmt::format("#/definitions/{}", name)},
                     {"definitions", all.at("definitions")}});
}

// Reads the lines of a file; the first problem ends it.
class LogReader {
 public:
  LogReader(std::string_view text, const std::string& path, Diagnostics& problems)
      : text_(text), path_(path), problems_(problems) {}

  SweepLogContent read() {
    for (std::size_t begin = 0; begin < text_.size();) {
      const std::size_t end = text_.find('\n', begin);
      if (end == std::string_view::npos) break;  // torn: the process ended while it was written
      ++number_;
      const std::string_view line = text_.substr(begin, end - begin);
      if (number_ > 1 && end + 1 == text_.size() && is_torn(line)) break;
      if (!(number_ == 1 ? header(line) : row(line))) break;
      begin = content_.whole_bytes = end + 1;
    }
    return std::move(content_);
  }

 private:
  // A power failure may leave the end of the file without some of its bytes.
  static bool is_torn(std::string_view line) {
    return !line.starts_with('{') || !line.ends_with('}');
  }

  bool refuse(const std::string& why, std::size_t column = 1) {
    problems_.error(path_, fmt::format("{}:{}", number_, column),
                    number_ == 1 ? "these are not the points of a sweep"
                                 : "this is not a point of a sweep: the file is damaged",
                    why);
    return false;
  }

  // The line as JSON of that form.
  std::optional<Json> parsed(std::string_view line, const Schema& form) {
    Diagnostics found;
    auto document = parse_json(line, path_, found, kMostLevelsOfALine);
    if (document && form.validate(document->root, path_, found)) return std::move(document->root);
    const Diagnostic& first = found.all().front();
    std::size_t column = 1;
    std::string place = first.pointer.empty() ? "" : first.pointer + ": ";
    if (!document && first.pointer.starts_with("1:"))
      column = parse_unsigned(first.pointer.substr(2)).value_or(1), place = "";
    refuse(place + first.message, column);
    return std::nullopt;
  }

  bool header(std::string_view line) {
    static const Schema kForm = form_of("header");
    std::optional<Json> json = parsed(line, kForm);
    if (!json) return false;
    const Json& shard = json->at("shard");
    points_ = json->at("points").get<std::uint64_t>();
    shard_ = {shard.at("number").get<std::size_t>(), shard.at("of").get<std::size_t>()};
    if (points_ > kMostPoints)
      return refuse(fmt::format("/points: is {}; a sweep has at most {}", points_, kMostPoints));
    if (shard_.number > shard_.of || shard_.of > kMostPoints)
      return refuse(fmt::format("/shard: there is no part {} of {}", shard_.number, shard_.of));
    content_.header = std::move(*json);
    return true;
  }

  bool row(std::string_view line) {
    static const Schema kForm = form_of("row");
    std::optional<Json> json = parsed(line, kForm);
    if (!json) return false;
    const auto index = json->at("index").get<std::uint64_t>();
    if (index >= points_)
      return refuse(fmt::format("/index: is {}; the sweep has {} points", index, points_));
    if (!shard_.holds(index))
      return refuse(
          fmt::format("/index: {} is not in part {} of {}", index, shard_.number, shard_.of));
    if (json->at("status") == "ok" && json->at("totals").is_null())
      return refuse("/totals: is null; the status is \"ok\"");
    if (!content_.rows.emplace(index, std::move(*json)).second)
      return refuse(fmt::format("/index: point {} is there already", index));
    return true;
  }

  std::string_view text_;
  const std::string& path_;
  Diagnostics& problems_;
  SweepLogContent content_;
  std::size_t number_ = 0;  // of the line
  std::uint64_t points_ = 0;
  SweepShard shard_;
};

}  // namespace

Json sweep_log_header(const SweepSpec& spec, std::size_t points, const SweepShard& shard) {
  const ToolInfo tool = tool_info();
  return {{"schema", kSchema},
          {"program", fmt::format("chasm {} ({})", tool.version, tool.git)},
          {"points", points},
          {"shard", {{"number", shard.number}, {"of", shard.of}}},
          {"inputs_hash", spec.inputs_hash},
          {"sweep", spec.document.root}};
}

std::string header_difference(const Json& a, const Json& b, bool ignore_shard) {
  for (const auto& [key, what] :
       {std::pair{"program", "another version of chasm made them"},
        std::pair{"sweep", "the sweep's file was another one"},
        std::pair{"inputs_hash", "an architecture, network, mapping or energy table was another"},
        std::pair{"points", "the sweep had another number of points"},
        std::pair{"shard", "they are another part (shard) of the sweep"}}) {
    if (std::string(key) == "shard" && ignore_shard) continue;
    if (a.value(key, Json()) != b.value(key, Json())) return what;
  }
  return "";
}

SweepLogContent parse_sweep_log(std::string_view text, const std::string& path,
                                Diagnostics& problems) {
  return LogReader(text, path, problems).read();
}

void check_rows(const std::map<std::size_t, Json>& rows, const std::vector<SweepPoint>& points,
                const std::string& path, Diagnostics& problems) {
  auto point = points.begin();  // both are in the order of their indices
  for (const auto& [index, row] : rows) {
    while (point != points.end() && point->index < index) ++point;
    if (point == points.end() || point->index != index)
      problems.error(path, "", fmt::format("there is no point {} in the sweep", index));
    else if (row.at("parameters") != point->parameters)
      problems.error(
          path, "",
          fmt::format("the parameters of point {} are not those that the sweep gives it", index),
          "the file is damaged");
  }
}

SweepLog::SweepLog(const std::string& path, const Json& header, bool resume)
    : path_(path), header_(header) {
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd_ < 0) refuse(path, "cannot write there: " + reason(errno));
  // A lock of the process, which children do not inherit: it ends with the process, however that
  // ends. Closing any descriptor of the file would end it too, so the file is read through this
  // one.
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (::fcntl(fd_, F_SETLK, &lock) != 0)
    refuse(path, "another chasm is at work on this sweep: wait for it, or give another folder");
  std::string text;
  char block[1 << 16];
  for (ssize_t got; (got = ::read(fd_, block, sizeof block)) > 0;)
    text.append(block, static_cast<std::size_t>(got));
  Diagnostics problems;
  SweepLogContent content = parse_sweep_log(text, path, problems);
  if (!problems.ok()) throw Error(ExitCode::invalid_input, problems);
  if (!content.header.is_null()) {
    if (!resume)
      refuse(path,
             "there are points of a sweep already; --resume goes on with them, -o gives "
             "another folder");
    if (const std::string why = header_difference(content.header, header, false); !why.empty())
      refuse(path, "these points cannot be gone on with: " + why);
    rows_ = std::move(content.rows);
  }
  if (::ftruncate(fd_, static_cast<off_t>(content.whole_bytes)) != 0 ||
      ::lseek(fd_, 0, SEEK_END) < 0)
    refuse(path, "cannot write there: " + reason(errno));
  if (content.header.is_null()) write_line(header_);
}

SweepLog::~SweepLog() {
  if (fd_ >= 0) ::close(fd_);
}

void SweepLog::write_line(const Json& json) {
  const std::string line = line_of(json);
  std::string_view left = line;
  while (!left.empty()) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse(path_, "cannot write there: " + reason(errno));
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  // What cannot be flushed (a pipe, some network disks) need not be; what fails to be is not kept.
  if (::fdatasync(fd_) != 0 && errno != EINVAL)
    refuse(path_, "cannot write there: " + reason(errno));
}

void SweepLog::append(const Json& row) {
  write_line(row);
  rows_[row.at("index").get<std::size_t>()] = row;
}

void SweepLog::finish_with(std::map<std::size_t, Json> rows) {
  rows_ = std::move(rows);
  finish();
}

void SweepLog::finish() {
  Diagnostics problems;
  FileWriter file(path_);
  file.append(line_of(header_));
  for (const auto& [index, row] : rows_) file.append(line_of(row));
  if (!file.commit(problems)) throw Error(ExitCode::invalid_input, problems);
}

}  // namespace chasm
