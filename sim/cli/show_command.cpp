// chasm show: print a document that comes with the program.
#include <fmt/format.h>

#include "base/suggest.h"
#include "sim/cli/command.h"
#include "sim/cli/shipped.h"
#include "sim/cli/terminal.h"

namespace chasm {
namespace {

void run(const Arguments& arguments) {
  const std::string& wanted = arguments.positional().front();
  std::vector<std::string> known;
  for (const ShippedKind& kind : shipped_kinds()) {
    for (const std::string& name : kind.names()) {
      if (name == wanted) return put_document(kind.text(name));
      known.push_back(name);
    }
  }
  const std::string near = nearest_word(wanted, known);
  throw Error(
      ExitCode::invalid_input,
      fmt::format(
          "chasm show: error: nothing of the name \"{}\" comes with the program; {}\n", wanted,
          near.empty() ? "\"chasm list\" names what does" : "did you mean \"" + near + "\"?"));
}

}  // namespace

Command show_command() {
  return {"show",
          "print a shipped architecture, network, sweep, DRAM or energy table",
          {"show", "NAME", 1, 1, {}, {}},
          "  chasm show nasa-45nm > my-arch.json\n"
          "  chasm show resnet18\n",
          run};
}

}  // namespace chasm
