// chasm run: map a network onto an architecture, simulate it, report.
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/cli/command.h"
#include "sim/cli/inputs.h"
#include "sim/cli/map_options.h"
#include "sim/cli/output.h"
#include "sim/cli/terminal.h"
#include "sim/cli/trace_option.h"
#include "sim/report/html_report.h"
#include "sim/report/pretty_json.h"
#include "sim/report/result_json.h"
#include "sim/report/run_report.h"
#include "sim/run/simulate.h"

namespace chasm {
namespace {

// A run keeps one row a layer and image.
constexpr std::uint64_t kMostImages = 10'000;
constexpr std::uint64_t kMostBufferBytes = std::uint64_t{1} << 32;  // as in the schema
const std::vector<std::string> kOutputFiles = {"mapping.json", "report.txt", "report.html",
                                               "result.json"};
const std::vector<std::string> kSchedules = {"sequential", "graph", "pipelined"};

SimOptions sim_options(const Arguments& arguments) {
  SimOptions options;
  options.images = arguments.number("images", 1, 1, kMostImages);
  options.seed = arguments.number("seed", 1, 0, UINT64_MAX);
  options.keep_on_chip_bytes = arguments.number("keep-on-chip", 0, 0, kMostBufferBytes);
  options.functional = arguments.has("functional");
  options.tensors_dir = arguments.value("tensors");
  options.max_cycles = max_cycles_of(arguments);
  if (arguments.has("tensors") && !options.functional)
    throw arguments.usage_error("--tensors works only with --functional");
  if (arguments.has("tensors") && options.tensors_dir.empty())
    throw arguments.usage_error("--tensors needs a folder");
  const std::string schedule = arguments.choice("schedule", "sequential", kSchedules);
  options.schedule = schedule == "graph"       ? Schedule::graph
                     : schedule == "pipelined" ? Schedule::pipelined
                                               : Schedule::sequential;
  return options;
}

// What is needed to repeat the run, beside architecture and mapping.
void record_inputs(const Arguments& arguments, const SimOptions& options, const Inputs& inputs,
                   RunResult& result) {
  result.workload = inputs.workload;
  result.options = {{"images", options.images},
                    {"schedule", arguments.value("schedule", "sequential")},
                    {"keep_on_chip_bytes", options.keep_on_chip_bytes},
                    {"functional", options.functional},
                    {"seed", options.seed}};
  if (arguments.has("mapping"))
    result.options["mapping"] = "given";
  else
    result.options["objective"] = arguments.value("objective", "edp"),
    result.options["search"] = arguments.value("search", "anneal");
}

void write_files(const std::string& target, const RunResult& result, TraceOption& traces) {
  FileSet files;
  Diagnostics problems;
  const bool has_folder = !target.empty() && target != "-";
  if (has_folder && !files.add_folder(target, problems))
    throw Error(ExitCode::invalid_input, problems);
  const auto file = [&](const char* name) -> FileWriter& {
    return files.add((std::filesystem::path(target) / name).string());
  };
  traces.write(result.cycles, static_cast<std::uint64_t>(result.clock_hz), files);
  if (has_folder) {
    file("mapping.json").append(pretty_json(result.mapping));
    file("report.txt").append(for_terminal(render_report(result, plain_style())));
    file("report.html").append(html_report(result));
    FileWriter& json = file("result.json");
    write_result(result, [&](std::string_view text) { json.append(text); });
  }
  commit_output(files);
  traces.say_written();
  if (has_folder) say(fmt::format("wrote {} in {}\n", fmt::join(kOutputFiles, ", "), target));
}

void emit(const std::string& target, const RunResult& result, TraceOption& traces) {
  write_files(target, result, traces);
  if (target == "-") return write_result(result, put_document);
  put(render_report(result, stdout_style()));
}

// What the mapping is made for: the buffer without the part for kept tensors.
Inputs inputs_for_tiles(const Arguments& arguments, const Inputs& inputs,
                        const SimOptions& options) {
  const std::uint64_t capacity = inputs.arch.global_buffer.capacity_bytes;
  if (options.keep_on_chip_bytes >= capacity)
    throw arguments.usage_error(
        fmt::format("--keep-on-chip {} leaves no room for tiles: the global buffer of {} has {} "
                    "bytes (global_buffer.capacity_bytes)",
                    options.keep_on_chip_bytes, inputs.arch.name, capacity));
  return {arch_for_tiles(inputs.arch, options.keep_on_chip_bytes), inputs.network, inputs.workload};
}

void run(const Arguments& arguments) {
  SimOptions options = sim_options(arguments);
  TraceOption traces(arguments);
  MapRequest request(arguments);
  request.options.images = options.images;
  for (const char* option : {"objective", "search", "budget", "dataflow", "constraints", "verify"})
    if (arguments.has("mapping") && arguments.has(option))
      throw arguments.usage_error(fmt::format(
          "--{} steers the mapper, which --mapping replaces: give one of them", option));
  const std::string target = arguments.value("output", "-");
  if (target != "-") require_writable_folder(target, kOutputFiles);
  if (!options.tensors_dir.empty()) require_writable_folder(options.tensors_dir, {});
  traces.require_writable(target);
  const Inputs inputs = load_inputs(arguments);
  const Inputs for_tiles = inputs_for_tiles(arguments, inputs, options);
  const Mapping mapping = arguments.has("mapping")
                              ? load_mapping(arguments.value("mapping"), for_tiles, options.images)
                              : find_mapping(for_tiles, for_tiles.arch, request,
                                             options.schedule != Schedule::sequential)
                                    .mapping(inputs.arch);
  RunResult result;
  {
    Progress progress("simulating");
    options.progress = [&](const SimProgress& at) {
      progress.update(at.layers_ended, at.layers, at.cycle, "cycles");
    };
    options.recorder = traces.recorder();
    result = simulate(inputs.arch, inputs.network, mapping, options);
  }
  record_inputs(arguments, options, inputs, result);
  emit(arguments.value("output"), result, traces);
}

}  // namespace

Command run_command() {
  Grammar grammar{"run", "", 0, 0, input_options(), {}};
  const std::vector<OptionSpec> own = {
      {"mapping", 'm', "FILE",
       "a mapping, as \"chasm map\" writes it, in place of the mapper's own", false},
      {"images", 0, "N", "images that go through (default 1)", false},
      {"schedule", 0, "sequential|graph|pipelined",
       "sequential: layer after layer (default); graph: independent layers of an image at once; "
       "pipelined: "
       "also layers of different images",
       false},
      {"keep-on-chip", 0, "BYTES",
       "set this much of the global buffer apart for intermediate tensors, which then need no DRAM "
       "(default 0)",
       false},
      {"functional", 0, "", "move and compute real integers, not only count: slower, same cycles",
       false},
      {"tensors", 0, "DIR",
       "with --functional: read <name>.npy where present, write every tensor used", false},
      {"output", 'o', "DIR|-",
       "write result.json, mapping.json, report.txt and report.html there; - prints the JSON "
       "result, and "
       "nothing else",
       false},
      TraceOption::spec()};
  const std::vector<OptionSpec> search = map_option_specs();
  grammar.options.insert(grammar.options.end(), own.begin(), own.end());
  grammar.options.insert(grammar.options.end(), search.begin(), search.end());
  return {
      "run", "simulate a network on an accelerator", grammar,
      "  chasm run -a nasa-45nm -w nasa_hybrid_all_b_cifar10\n"
      "  chasm run -a nasa-45nm -w resnet20_deepshift_cifar10 --functional\n"
      "  chasm run -a nasa-45nm -w nasa_hybrid_all_b_cifar10 --schedule pipelined --images 8\n"
      "  chasm run -a nasa-45nm -w resnet18 --set clock_mhz=500 -o results/fast\n"
      "  chasm run -a nasa-45nm -w toy_mixed3 --trace perfetto=trace.json --trace vcd=trace.vcd\n"
      "  chasm run -a tiny -w toy_mixed3 -o - | python3 -m json.tool\n",
      run};
}

}  // namespace chasm
