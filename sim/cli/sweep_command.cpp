// chasm sweep: many runs, each in a process of its own; nothing that is finished is ever lost.
#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <memory>
#include <unistd.h>

#include <fmt/format.h>

#include "base/files.h"
#include "base/parse.h"
#include "sim/cli/command.h"
#include "sim/cli/limit_options.h"
#include "sim/cli/output.h"
#include "sim/cli/terminal.h"
#include "sim/report/pretty_json.h"
#include "sim/sweep/run_sweep.h"
#include "sim/sweep/sweep_log.h"
#include "sim/sweep/sweep_page.h"
#include "sim/sweep/sweep_tables.h"

namespace chasm {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostWorkers = 256;  // each has two pipes
constexpr const char* kLogName = "points.jsonl";
const std::vector<std::string> kFiles = {kLogName, "points.csv", "pareto.csv", "pareto.json",
                                         "sweep.html"};

volatile std::sig_atomic_t interrupted = 0;  // by the signal of that number
void note_interrupt(int number) { interrupted = number; }

// While it lives, Ctrl-C and SIGTERM are a wish that is granted between two points, not an end.
class InterruptGuard {
 public:
  InterruptGuard()
      : before_{std::signal(SIGINT, note_interrupt), std::signal(SIGTERM, note_interrupt)} {}
  ~InterruptGuard() {
    std::signal(SIGINT, before_[0]);
    std::signal(SIGTERM, before_[1]);
  }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  std::array<void (*)(int), 2> before_;
};

Error interruption(const std::string& what) {
  const bool terminated = interrupted == SIGTERM;
  return {terminated ? ExitCode::terminated : ExitCode::interrupted,
          fmt::format("\nchasm: {}{}\n", terminated ? "terminated" : "interrupted", what)};
}

unsigned processors() {
  const long n = ::sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? static_cast<unsigned>(std::min<long>(n, kMostWorkers)) : 1;
}

SweepShard shard_of(const Arguments& arguments) {
  SweepShard shard;
  if (!arguments.has("shard")) return shard;
  const std::string text = arguments.value("shard");
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto number = parse_unsigned(text.substr(0, slash));
  const auto of = parse_unsigned(slash < text.size() ? text.substr(slash + 1) : "");
  if (!number || !of || *number < 1 || *number > *of || *of > kMostPoints)
    throw arguments.usage_error(fmt::format(
        "--shard takes K/N, the K-th of N parts, for example --shard 1/4, not \"{}\"", text));
  shard.number = static_cast<std::size_t>(*number);
  shard.of = static_cast<std::size_t>(*of);
  return shard;
}

// Everything but the points, which are there already.
void write_views(const std::string& folder, const SweepResult& result) {
  FileSet files;
  add_output_folder(files, folder,
                    {{"points.csv", sweep_csv(result)},
                     {"pareto.csv", front_csv(result)},
                     {"pareto.json", pretty_json(front_json(result))},
                     {"sweep.html", sweep_page(result)}});
  commit_output(files);
  say(fmt::format("wrote points.jsonl, points.csv, pareto.csv, pareto.json and sweep.html in {}\n",
                  folder));
}

void require_folder(const std::string& folder) {
  require_writable_folder(folder, kFiles);
  Diagnostics problems;
  if (!make_folder(folder, problems)) throw Error(ExitCode::invalid_input, problems);
}

struct Work {
  std::vector<SweepPoint> points;  // of this shard
  std::size_t all = 0;             // of the whole sweep
};

Work work_of(const SweepSpec& spec, const SweepShard& shard) {
  Work work;
  for (SweepPoint& point : sweep_points(spec)) {
    ++work.all;
    if (shard.holds(point.index)) work.points.push_back(std::move(point));
  }
  return work;
}

void require_rows_of(const std::vector<SweepPoint>& points, const std::map<std::size_t, Json>& rows,
                     const std::string& path) {
  Diagnostics problems;
  check_rows(rows, points, path, problems);
  if (!problems.ok()) throw Error(ExitCode::invalid_input, problems);
}

// Runs what is not there yet. Returns whether it came to the end.
bool run_missing(const Arguments& arguments, const SweepSpec& spec, const Work& work,
                 std::map<std::size_t, Json>& rows, SweepLog* log) {
  std::vector<SweepPoint> missing;
  for (const SweepPoint& point : work.points)
    if (rows.count(point.index) == 0) missing.push_back(point);
  Progress progress("sweeping", "points");
  InterruptGuard guard;
  SweepRunOptions options;
  options.jobs = static_cast<unsigned>(arguments.number("jobs", processors(), 1, kMostWorkers));
  std::size_t done = 0;
  options.stop = [&] {
    progress.update(done, missing.size());
    return interrupted != 0;
  };
  options.on_row = [&](const Json& row) {
    if (log != nullptr) log->append(row);
    rows[row.at("index").get<std::size_t>()] = row;
    ++done;
  };
  run_points(spec, missing, options);
  return done == missing.size();
}

// The command line's limits take the place of the file's.
SweepSpec load_spec(const Arguments& arguments) {
  const std::string& name = arguments.positional().front();
  Diagnostics problems;
  std::optional<SweepSpec> spec;
  if (const auto document = load_sweep_document(name, problems))
    spec = read_sweep(*document, problems);
  if (!spec || !problems.ok()) throw Error(exit_code(problems), problems);
  const Limits limits = limits_of(arguments);
  if (limits.seconds) spec->seconds = limits.seconds;
  if (arguments.has("max-memory")) spec->memory_bytes = limits.memory_bytes;
  return std::move(*spec);
}

// To standard output only; without a folder there is nothing to go on with.
void sweep_to_stdout(const Arguments& arguments, SweepSpec spec, const SweepShard& shard) {
  std::map<std::size_t, Json> rows;
  if (!run_missing(arguments, spec, work_of(spec, shard), rows, nullptr)) throw interruption("");
  put_document(pretty_json(sweep_json(make_result(std::move(spec), rows, shard))));
}

void sweep(const Arguments& arguments) {
  const SweepShard shard = shard_of(arguments);
  arguments.number("jobs", 1, 1, kMostWorkers);
  const bool to_stdout = arguments.value("output") == "-";
  if (to_stdout && arguments.has("resume"))
    throw arguments.usage_error("--resume needs a folder: -o DIR");
  SweepSpec spec = load_spec(arguments);
  if (to_stdout) return sweep_to_stdout(arguments, std::move(spec), shard);

  const std::string folder = arguments.value("output", spec.name);
  require_folder(folder);
  const Work work = work_of(spec, shard);
  SweepLog log((fs::path(folder) / kLogName).string(), sweep_log_header(spec, work.all, shard),
               arguments.has("resume"));
  std::map<std::size_t, Json> rows = log.rows();
  require_rows_of(work.points, rows, (fs::path(folder) / kLogName).string());
  if (!rows.empty())
    say(fmt::format("{} of {} points are there already\n", rows.size(), work.points.size()));
  if (!run_missing(arguments, spec, work, rows, &log))
    throw interruption(
        fmt::format(": {} of {} points are kept in {}; the same command with --resume goes on",
                    rows.size(), work.points.size(), folder));
  log.finish();
  const SweepResult result = make_result(std::move(spec), rows, shard);
  write_views(folder, result);
  put(sweep_summary(result, stdout_style()));
}

// ---- merging -----------------------------------------------------------------------------------

Json without_host(Json row) {
  row.erase("host");
  return row;
}

void add_part(const std::string& path, Json& header, std::map<std::size_t, Json>& rows,
              Diagnostics& problems) {
  const std::optional<std::string> text = read_file(path, problems);
  if (!text) return;
  const SweepLogContent part = parse_sweep_log(*text, path, problems);
  if (!problems.ok()) return;
  if (part.header.is_null()) return problems.error(path, "", "holds no points");
  if (header.is_null()) header = part.header;
  if (const std::string why = header_difference(header, part.header, true); !why.empty())
    return problems.error(path, "", "these points do not belong to those before: " + why);
  for (const auto& [index, row] : part.rows) {
    const auto [at, is_new] = rows.emplace(index, row);
    if (!is_new && without_host(at->second) != without_host(row))
      problems.error(path, "", fmt::format("point {} differs from that of another part", index));
  }
}

void require_all(const Json& header, const std::map<std::size_t, Json>& rows) {
  const auto points = header.at("points").get<std::size_t>();
  std::string missing;
  std::size_t count = 0;
  for (std::size_t i = 0; i < points; ++i) {
    if (rows.count(i) > 0) continue;
    if (++count <= 5) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", i);
  }
  if (count == 0) return;
  throw Error(ExitCode::invalid_input,
              fmt::format("chasm sweep: error: {} of {} points are missing: {}{}\n", count, points,
                          missing, count > 5 ? ", ..." : ""));
}

void merge(const Arguments& arguments) {
  for (const char* option : {"jobs", "shard", "resume"})
    if (arguments.has(option))
      throw arguments.usage_error(fmt::format("--merge runs nothing: --{} says nothing", option));
  Diagnostics problems;
  Json header;
  std::map<std::size_t, Json> rows;
  for (const std::string& folder : arguments.positional())
    add_part((fs::path(folder) / kLogName).string(), header, rows, problems);
  if (!problems.ok()) throw Error(ExitCode::invalid_input, problems);
  const std::string first = (fs::path(arguments.positional().front()) / kLogName).string();
  SweepSpec spec = reread_sweep({first, header.at("sweep")}, problems);
  if (!problems.ok()) throw Error(ExitCode::invalid_input, problems);
  const std::vector<SweepPoint> points = sweep_points(spec);
  if (header.at("points") != points.size()) {
    problems.error(
        first, "1:1",
        fmt::format("says {} points; its sweep has {}", header.at("points").dump(), points.size()));
    throw Error(ExitCode::invalid_input, problems);
  }
  require_rows_of(points, rows, first);
  require_all(header, rows);
  header["shard"] = {{"number", 1}, {"of", 1}};
  const std::string folder = arguments.value("output", spec.name);
  if (folder == "-")
    return put_document(pretty_json(sweep_json(make_result(std::move(spec), rows, {}))));
  require_folder(folder);
  SweepLog log((fs::path(folder) / kLogName).string(), header, false);
  log.finish_with(rows);
  const SweepResult result = make_result(std::move(spec), rows, {});
  write_views(folder, result);
  put(sweep_summary(result, stdout_style()));
}

void run(const Arguments& arguments) {
  if (arguments.has("merge")) return merge(arguments);
  if (arguments.positional().size() > 1)
    throw arguments.usage_error(
        fmt::format("unexpected argument \"{}\"", arguments.positional()[1]));
  sweep(arguments);
}

}  // namespace

Command sweep_command() {
  Grammar grammar{
      "sweep",
      "SWEEP.json | --merge DIR...",
      1,
      SIZE_MAX,
      {{"jobs", 'j', "N",
        "points at a time (default: as many as there are processors); results never depend "
        "on it",
        false},
       {"resume", 0, "", "go on with what is in the folder: nothing is lost or done twice", false},
       {"shard", 0, "K/N", "only every N-th point, beginning with the K-th: for N machines", false},
       {"merge", 0, "", "join the folders of all shards", false},
       {"output", 'o', "DIR|-",
        "where points.jsonl, points.csv, pareto.csv, pareto.json and sweep.html go (default: "
        "the sweep's name); - prints one JSON document, and nothing else",
        false}},
      {}};
  const std::vector<OptionSpec> limits = limit_option_specs("of each point: ");
  grammar.options.insert(grammar.options.end(), limits.begin(), limits.end());
  return {"sweep",
          "run many points of an experiment; Pareto front, tables and a page",
          grammar,
          "  chasm sweep nasa-buffer-size\n"
          "  chasm sweep my-sweep.json -j 8 -o results\n"
          "  chasm sweep my-sweep.json -j 8 -o results --resume\n"
          "  chasm sweep my-sweep.json --shard 1/2 -o part1\n"
          "  chasm sweep --merge part1 part2 -o whole\n",
          run,
          true};
}

}  // namespace chasm
