#include "sim/cli/output.h"

#include <cerrno>
#include <filesystem>
#include <stdlib.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/error.h"

namespace chasm {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Error(ExitCode::invalid_input,
              fmt::format("{}: error: cannot write there: {}\n", path, why));
}

std::string reason(int error) { return std::generic_category().message(error); }

// Permission bits do not tell the truth for root or on read-only file systems, so a file is really
// made, and removed.
void probe_folder(const std::string& folder, const std::string& path) {
  std::string name = (fs::path(folder.empty() ? "." : folder) / ".chasm-probe-XXXXXX").string();
  const int fd = ::mkstemp(name.data());
  if (fd < 0) refuse(path, reason(errno));
  ::close(fd);
  ::unlink(name.c_str());
}

}  // namespace

void require_writable_file(const std::string& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status)) refuse(path, "it is a folder");
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    if (::access(path.c_str(), W_OK) != 0) refuse(path, reason(errno));
    return;
  }
  const std::string folder = fs::path(path).parent_path().string();
  if (!folder.empty() && !fs::is_directory(folder, ignored))
    refuse(path, fmt::format("there is no folder \"{}\"", folder));
  probe_folder(folder, path);
}

void require_writable_folder(const std::string& path, const std::vector<std::string>& names) {
  std::error_code ignored;
  if (path.empty()) refuse("\"\"", "the name is empty");
  if (fs::exists(path, ignored) && !fs::is_directory(path, ignored))
    refuse(path, "it is not a folder");
  for (const std::string& name : names)
    if (fs::is_directory(fs::path(path) / name, ignored))
      refuse((fs::path(path) / name).string(), "it is a folder");
  fs::path existing = path;
  while (!existing.empty() && !fs::exists(existing, ignored)) existing = existing.parent_path();
  if (!existing.empty() && !fs::is_directory(existing, ignored))
    refuse(path, fmt::format("\"{}\" is not a folder", existing.string()));
  probe_folder(existing.string(), path);
}

void add_output_folder(FileSet& out, const std::string& path, const std::vector<NamedText>& files) {
  Diagnostics problems;
  if (!out.add_folder(path, problems)) throw Error(ExitCode::invalid_input, problems);
  for (const auto& [name, text] : files) out.add((fs::path(path) / name).string()).append(text);
}

void commit_output(FileSet& files) {
  Diagnostics problems;
  if (!files.commit(problems)) throw Error(ExitCode::invalid_input, problems);
}

}  // namespace chasm
