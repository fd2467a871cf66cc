#include "sim/cli/trace_option.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "base/suggest.h"
#include "traces/memory_trace.h"
#include "traces/perfetto.h"
#include "traces/vcd.h"
#include "sim/cli/output.h"
#include "sim/cli/terminal.h"

namespace chasm {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kKinds = {"perfetto", "vcd", "dram"};

bool is_in(const std::string& folder, const std::string& path) {
  if (folder.empty() || folder == "-") return false;
  const auto normal = [](const fs::path& p) {
    const fs::path full = fs::absolute(p).lexically_normal();
    return full.has_filename() ? full : full.parent_path();
  };
  return normal(normal(path).parent_path()) == normal(folder);
}

void write_trace(const std::string& kind, const Timeline& timeline, std::uint64_t clock_hz,
                 const TextSink& sink) {
  if (kind == "perfetto")
    write_perfetto(timeline, clock_hz, sink);
  else if (kind == "vcd")
    write_vcd(timeline, clock_hz, sink);
  else
    write_memory_trace(timeline, sink);
}

}  // namespace

OptionSpec TraceOption::spec() {
  return {"trace", 0, "KIND=FILE",
          "also write what happened when, once a kind: perfetto (for ui.perfetto.dev), vcd (for "
          "GTKWave), dram (the requests to memory)",
          true};
}

TraceOption::TraceOption(const Arguments& arguments) {
  for (const std::string& given : arguments.values("trace")) {
    const std::size_t split = given.find('=');
    const File file{given.substr(0, split),
                    split == std::string::npos ? "" : given.substr(split + 1)};
    if (std::find(kKinds.begin(), kKinds.end(), file.kind) == kKinds.end())
      throw arguments.usage_error(
          fmt::format("there is no trace \"{}\"; {}", file.kind, suggest(file.kind, kKinds)));
    if (file.path.empty() || file.path == "-")
      throw arguments.usage_error(
          fmt::format("--trace {} needs a file: --trace {}=FILE", file.kind, file.kind));
    for (const File& other : files_) {
      if (other.kind == file.kind)
        throw arguments.usage_error(fmt::format("the trace \"{}\" is given twice", file.kind));
      if (fs::path(other.path).lexically_normal() == fs::path(file.path).lexically_normal())
        throw arguments.usage_error(
            fmt::format("two traces go to the same file, \"{}\"", file.path));
    }
    files_.push_back(file);
  }
  if (files_.empty()) return;
  const auto requests = std::count_if(files_.begin(), files_.end(),
                                      [](const File& file) { return file.kind == "dram"; });
  timeline_ = std::make_unique<Timeline>(
      Timeline::Keep{files_.size() > static_cast<std::size_t>(requests), requests > 0});
}

void TraceOption::require_writable(const std::string& output_folder) const {
  for (const File& file : files_) {
    std::error_code ignored;
    if (is_in(output_folder, file.path) && !fs::exists(output_folder, ignored)) continue;
    require_writable_file(file.path);
  }
}

void TraceOption::write(Cycle end, std::uint64_t clock_hz, FileSet& files) {
  if (files_.empty()) return;
  timeline_->finish(end);
  for (const File& file : files_) {
    FileWriter& out = files.add(file.path);
    write_trace(file.kind, *timeline_, clock_hz, [&](std::string_view text) { out.append(text); });
    if (timeline_->error() == 0) continue;
    Diagnostics problems;
    problems.error(file.path, "",
                   "cannot write the trace: its temporary file: " +
                       std::generic_category().message(timeline_->error()));
    throw Error(ExitCode::invalid_input, problems);
  }
}

void TraceOption::say_written() const {
  for (const File& file : files_) say(fmt::format("wrote {}\n", file.path));
}

}  // namespace chasm
