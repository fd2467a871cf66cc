// chasm map: find a mapping, without simulating it.
#include "sim/cli/command.h"
#include "sim/cli/inputs.h"
#include "sim/cli/output.h"
#include "sim/cli/terminal.h"
#include "sim/report/pretty_json.h"

namespace chasm {
namespace {

void run(const Arguments& arguments) {
  MapOptions options;
  options.objective = objective_of(arguments);
  const std::string target = arguments.value("output", "-");
  if (target != "-") require_writable_file(target);
  const std::string text = pretty_json(to_json(map_inputs(load_inputs(arguments), options)));
  if (target == "-")
    put(text);
  else
    write_output_file(target, text);
}

}  // namespace

Command map_command() {
  Grammar grammar{"map",
                  "",
                  0,
                  0,
                  input_options(),
                  {{"search", 0, "METHOD", "", false},
                   {"dataflow", 0, "KIND", "", false},
                   {"budget", 0, "AMOUNT", "", false}}};
  grammar.options.push_back(objective_option());
  grammar.options.push_back(
      {"output", 'o', "FILE|-", "where the mapping goes (default -: standard output)", false});
  return {"map", "find a mapping: the chunk and the loops of every layer", grammar,
          "  chasm map -a nasa-45nm -w nasa_hybrid_all_b_cifar10 -o mapping.json\n"
          "  chasm run -a nasa-45nm -w nasa_hybrid_all_b_cifar10 -m mapping.json\n",
          run};
}

}  // namespace chasm
