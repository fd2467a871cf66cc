// chasm dram: replay a trace of memory requests through the DRAM model alone.
#include <algorithm>
#include <bit>
#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "base/doing.h"
#include "base/files.h"
#include "base/suggest.h"
#include "models/arch/document_edit.h"
#include "traces/memory_trace_reader.h"
#include "models/memory/dram/replay.h"
#include "sim/cli/command.h"
#include "sim/cli/limit_options.h"
#include "sim/cli/output.h"
#include "sim/cli/terminal.h"
#include "sim/report/dram_report.h"
#include "sim/report/pretty_json.h"

namespace chasm {
namespace {

constexpr std::size_t kLook = 1024;  // requests between two looks at the clock

// Commands as lines `cycle,command,bank_group,bank,row,burst,rank,channel`.
class CommandFile final : public DramCommandLog {
 public:
  explicit CommandFile(FileWriter& file) : file_(file) {
    text_ = "cycle,command,bank_group,bank,row,burst,rank,channel\n";
  }
  void command(Cycle at, DramCommand command, const DramLocation& l) override {
    fmt::format_to(std::back_inserter(text_), "{},{},{},{},{},{},{},{}\n", at, to_string(command),
                   l.bank_group, l.bank, l.row, l.line, l.rank, l.channel);
    if (text_.size() > kPiece) flush();
  }
  void flush() {
    file_.append(text_);
    text_.clear();
  }

 private:
  static constexpr std::size_t kPiece = 1 << 16;
  FileWriter& file_;
  std::string text_;
};

// The --set options as one merge patch; unknown keys are found by the schema.
Json changes_of(const Arguments& arguments) {
  Json changes = Json::object();
  for (const std::string& given : arguments.values("set")) {
    const std::size_t split = given.find('=');
    if (split == 0 || split == std::string::npos)
      throw arguments.usage_error(
          fmt::format("--set needs PATH=VALUE, for instance timing.nRCD=20, not \"{}\"", given));
    Json value = parse_value(given.substr(split + 1));
    std::string path = given.substr(0, split);
    for (std::size_t dot = path.rfind('.'); dot != std::string::npos; dot = path.rfind('.')) {
      value = Json{{path.substr(dot + 1), std::move(value)}};
      path.resize(dot);
    }
    changes.merge_patch(Json{{path, std::move(value)}});
  }
  return changes;
}

DramConfig load_config(const Arguments& arguments) {
  if (!arguments.has("config")) {
    const std::vector<std::string> known = dram_names();
    throw arguments.usage_error("--config is needed: one of " + quoted_list(known) + ", or a file");
  }
  Diagnostics problems;
  auto config = load_dram(arguments.value("config"), changes_of(arguments), "--set", problems);
  if (!problems.ok()) throw Error(ExitCode::invalid_input, problems);
  CHECK(config, "a DRAM was refused without a diagnostic");
  return std::move(*config);
}

// Cycles of all ranks together are below 2^63.
unsigned cycle_bits(const DramOrganisation& o) {
  const auto ranks = static_cast<unsigned>(std::bit_width(std::uint64_t{o.channels} * o.ranks - 1));
  return std::min(60U, 63 - ranks);
}

DramRun replay(const Arguments& arguments, const DramConfig& config, DramCommandLog* log) {
  const auto begin = std::chrono::steady_clock::now();
  Diagnostics problems;
  const DramAddressMap map = DramAddressMap::of_checked(config);
  MemoryTraceReader trace(arguments.positional().front(), map.capacity_bytes(),
                          cycle_bits(config.organisation), problems);
  DramReplay replay(config, map, log);
  MemoryRequest request;
  const Doing doing("replaying the trace");
  Progress progress("replaying", "requests");
  std::size_t requests = 0;
  while (trace.next(request)) {
    replay.offer({request.cycle, request.write, request.address});
    if (++requests % kLook != 0) continue;
    note_progress(requests, "requests");
    progress.update(requests, 0);
  }
  if (!problems.ok()) throw Error(ExitCode::invalid_input, problems);
  DramRun run;
  run.config = config;
  run.cycles = replay.finish();
  run.stats = replay.stats();
  run.latency_from_due = replay.read_latency_from_due();
  run.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return run;
}

void run(const Arguments& arguments) {
  const std::string target = arguments.value("output");
  const std::string commands = arguments.value("command-trace");
  if (arguments.has("command-trace") && (commands.empty() || commands == "-"))
    throw arguments.usage_error("--command-trace needs a file");
  const DramConfig config = load_config(arguments);
  if (!target.empty() && target != "-") require_writable_file(target);
  FileSet files;
  std::unique_ptr<CommandFile> log;
  if (!commands.empty()) {
    require_writable_file(commands);
    log = std::make_unique<CommandFile>(files.add(commands));
  }
  const DramRun result = replay(arguments, config, log.get());
  if (log) log->flush();
  const std::string json = target.empty() ? "" : pretty_json(to_json(result));
  if (!target.empty() && target != "-") files.add(target).append(json);
  commit_output(files);
  if (target == "-") return put_document(json);
  put(render_report(result, stdout_style()));
}

}  // namespace

Command dram_command() {
  Grammar grammar{
      "dram",
      "TRACE",
      1,
      1,
      {{"config", 'c', "NAME|FILE", "the DRAM: a shipped name (\"chasm list drams\") or a file",
        false},
       {"set", 0, "PATH=VALUE",
        "change a key of the DRAM, e.g. mapping=RoBaBgCo or controller.page_policy=closed; "
        "repeatable",
        true},
       {"command-trace", 0, "FILE", "also write every command of the DRAM, a line each", false},
       {"output", 'o', "FILE|-", "write the result as JSON; - prints it, and nothing else", false}},
      {}};
  const std::vector<OptionSpec> limits = limit_option_specs();
  grammar.options.insert(grammar.options.end(), limits.begin(), limits.end());
  return {"dram", "replay a memory trace through the DRAM model alone", grammar,
          "  chasm dram --config DDR4-2400 trace.csv\n"
          "  chasm dram --config LPDDR4-3200 trace.csv.gz -o - | python3 -m json.tool\n"
          "  chasm dram --config DDR4-2400 --set mapping=RoBaBgCo --command-trace commands.csv "
          "trace.csv\n",
          run};
}

}  // namespace chasm
