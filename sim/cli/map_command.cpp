// chasm map: find a mapping, without simulating the network as a whole.
#include <fmt/format.h>

#include "base/parse.h"
#include "sim/cli/allocation.h"
#include "sim/cli/command.h"
#include "sim/cli/inputs.h"
#include "sim/cli/map_options.h"
#include "sim/cli/output.h"
#include "sim/cli/terminal.h"
#include "sim/report/pretty_json.h"

namespace chasm {
namespace {

void emit(const std::string& target, const std::string& text, FileSet& files) {
  if (target != "-") files.add(target).append(text);
  commit_output(files);
  if (target == "-") put_document(text);
}

// The same of text for people.
void emit_table(const std::string& target, const std::string& table, FileSet& files) {
  if (target != "-") return emit(target, for_terminal(table), files);
  commit_output(files);
  put(table);
}

double area_of(const Arguments& arguments) {
  if (!arguments.has("area")) return 0;
  if (!arguments.has("allocate")) throw arguments.usage_error("--area belongs to --allocate");
  const auto mm2 = parse_double(arguments.value("area"));
  if (!mm2 || *mm2 <= 0 || *mm2 > 1e6)
    throw arguments.usage_error(fmt::format("--area takes square millimetres above 0, not \"{}\"",
                                            arguments.value("area")));
  return *mm2;
}

// With new arrays for the chunks; the architecture they belong to is one of the files.
void allocate_pes(const Arguments& arguments, Inputs& inputs, const MapRequest& request,
                  bool side_by_side, FileSet& files) {
  const double mm2 = area_of(arguments);
  if (!arguments.has("allocate")) return;
  const std::string method = arguments.choice("allocate", "eq8", {"eq8", "even", "cost"});
  if (!arguments.has("arch-output"))
    throw arguments.usage_error(
        "--allocate changes the architecture: name a file for it with --arch-output");
  const std::string target = arguments.value("arch-output");
  require_writable_file(target);
  say(allocate(inputs, method, mm2, request, side_by_side, plain_style()));
  files.add(target).append(pretty_json(to_json(inputs.arch)));
}

void run(const Arguments& arguments) {
  const MapRequest request(arguments);
  const bool side_by_side = arguments.choice("schedule", "sequential",
                                             {"sequential", "graph", "pipelined"}) != "sequential";
  if (arguments.has("combinations") && arguments.has("pareto"))
    throw arguments.usage_error("--combinations and --pareto are two tables: ask for one");
  const std::string target = arguments.value("output", "-");
  if (target != "-") require_writable_file(target);
  Inputs inputs = load_inputs(arguments);
  FileSet files;
  allocate_pes(arguments, inputs, request, side_by_side, files);
  if (arguments.has("combinations"))
    return emit_table(
        target, combinations_table(inputs, request, target == "-" ? stdout_style() : plain_style()),
        files);
  if (arguments.has("pareto"))
    return emit(target, fronts_csv(inputs, request, side_by_side), files);
  const MappedNetwork mapped = find_mapping(inputs, inputs.arch, request, side_by_side);
  emit(target, pretty_json(to_json(mapped.mapping(inputs.arch))), files);
}

}  // namespace

Command map_command() {
  Grammar grammar{"map", "", 0, 0, input_options(), {}};
  const std::vector<OptionSpec> search = map_option_specs();
  grammar.options.insert(grammar.options.end(), search.begin(), search.end());
  const std::vector<OptionSpec> own = {
      {"schedule", 0, "sequential|graph|pipelined",
       "what the mapping is for: beside sequential (default) chunks run side by side and share the "
       "buffer",
       false},
      {"allocate", 0, "eq8|even|cost",
       "first give the chunks new PEs, of the area they have: by operations (NASA's Eq. 8), the "
       "same number, or by what the layers cost on them",
       false},
      {"area", 0, "MM2", "another area for the PEs of --allocate", false},
      {"arch-output", 0, "FILE", "where the architecture of --allocate goes", false},
      {"combinations", 0, "",
       "no mapping, but a table of every combination of rs, is, ws and os on the chunks", false},
      {"pareto", 0, "",
       "no mapping, but of every different operation the mappings that no other one beats in both "
       "cycles and energy, as CSV",
       false},
      {"output", 'o', "FILE|-", "where the mapping goes (default -: standard output)", false}};
  grammar.options.insert(grammar.options.end(), own.begin(), own.end());
  return {"map", "find a mapping: the chunk and the loops of every layer", grammar,
          "  chasm map -a nasa-45nm -w nasa_hybrid_all_b_cifar10 -o mapping.json\n"
          "  chasm run -a nasa-45nm -w nasa_hybrid_all_b_cifar10 -m mapping.json\n"
          "  chasm map -a nasa-45nm -w resnet18 --search genetic --budget 30s -o mapping.json\n"
          "  chasm map -a nasa-45nm -w nasa_hybrid_all_b_cifar10 --combinations\n"
          "  chasm map -a nasa-45nm -w resnet18 --pareto -o fronts.csv\n"
          "  chasm map -a nasa-45nm -w nasa_hybrid_all_b_cifar10 --schedule pipelined \\\n"
          "    --allocate cost --arch-output my-nasa.json -o mapping.json\n",
          run};
}

}  // namespace chasm
