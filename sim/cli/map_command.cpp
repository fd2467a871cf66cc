// chasm map: find a mapping, without simulating it.
#include "sim/cli/command.h"
#include "sim/cli/inputs.h"
#include "sim/cli/map_options.h"
#include "sim/cli/output.h"
#include "sim/cli/terminal.h"
#include "sim/report/pretty_json.h"

namespace chasm {
namespace {

void run(const Arguments& arguments) {
  const MapRequest request(arguments);
  const std::string target = arguments.value("output", "-");
  if (target != "-") require_writable_file(target);
  const Inputs inputs = load_inputs(arguments);
  const std::string text =
      pretty_json(to_json(find_mapping(inputs, inputs.arch, request, false).mapping(inputs.arch)));
  if (target == "-")
    put(text);
  else
    write_output_file(target, text);
}

}  // namespace

Command map_command() {
  Grammar grammar{"map", "", 0, 0, input_options(), {}};
  const std::vector<OptionSpec> search = map_option_specs();
  grammar.options.insert(grammar.options.end(), search.begin(), search.end());
  grammar.options.push_back(
      {"output", 'o', "FILE|-", "where the mapping goes (default -: standard output)", false});
  return {"map", "find a mapping: the chunk and the loops of every layer", grammar,
          "  chasm map -a nasa-45nm -w nasa_hybrid_all_b_cifar10 -o mapping.json\n"
          "  chasm run -a nasa-45nm -w nasa_hybrid_all_b_cifar10 -m mapping.json\n",
          run};
}

}  // namespace chasm
