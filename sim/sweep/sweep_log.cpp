#include "sim/sweep/sweep_log.h"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "sim/report/tool_info.h"

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

// A row has at least what is read of it without looking.
bool is_row(const Json& json) {
  return json.is_object() && json.contains("index") && json["index"].is_number_unsigned() &&
         json.contains("status") && json["status"].is_string() && json.contains("parameters") &&
         json["parameters"].is_object() && json.contains("totals") && json.contains("pes") &&
         json.contains("area_mm2") && json.contains("diagnostic");
}

bool is_header(const Json& json) {
  return json.is_object() && json.value("schema", Json()) == kSchema && json.contains("sweep") &&
         json["sweep"].is_object() && json.contains("points") &&
         json["points"].is_number_unsigned();
}

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
  SweepLogContent content;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) break;  // torn: the process ended while it was written
    ++number;
    const Json line = Json::parse(text.substr(begin, end - begin), nullptr, false);
    const bool legal = number == 1 ? is_header(line) : is_row(line);
    if (!legal && number > 1 && end + 1 == text.size()) break;  // torn before a power failure
    if (!legal) {
      problems.error(path, fmt::format("{}:1", number),
                     number == 1 ? "these are not the points of a sweep"
                                 : "this is not a point of a sweep: the file is damaged");
      return content;
    }
    if (number == 1)
      content.header = line;
    else
      content.rows.emplace(line.at("index").get<std::size_t>(), line);
    begin = content.whole_bytes = end + 1;
  }
  return content;
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
  // Where the place cannot be flushed (a pipe, some network disks) there is nothing more to do.
  ::fdatasync(fd_);
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
