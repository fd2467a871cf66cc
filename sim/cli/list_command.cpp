// chasm list: the names that come with the program.
#include <algorithm>

#include "base/suggest.h"
#include "sim/cli/command.h"
#include "sim/cli/shipped.h"
#include "sim/cli/terminal.h"

namespace chasm {
namespace {

void run(const Arguments& arguments) {
  const std::string& word = arguments.positional().front();
  std::vector<std::string> words;
  for (const ShippedKind& kind : shipped_kinds()) words.push_back(kind.word);
  const auto at = std::find(words.begin(), words.end(), word);
  if (at == words.end())
    throw arguments.usage_error("there is no list \"" + word + "\"; " + suggest(word, words));
  const ShippedKind& kind = shipped_kinds()[static_cast<std::size_t>(at - words.begin())];
  std::string text;
  TextTable table({{"name"}, {"what it is"}});
  for (const std::string& name : kind.names()) {
    text += name + "\n";
    if (!arguments.has("names")) table.add_row({name, kind.about(name)});
  }
  put(arguments.has("names") ? text : table.to_string(stdout_style()));
}

}  // namespace

Command list_command() {
  return {"list",
          "name what comes with the program",
          {"list",
           "archs|nets|sweeps|energy-tables|drams",
           1,
           1,
           {{"names", 0, "", "only the names, one a line", false}},
           {}},
          "  chasm list archs\n"
          "  for net in $(chasm list nets --names); do chasm run -a nasa-45nm -w $net -o "
          "results/$net; done\n",
          run};
}

}  // namespace chasm
