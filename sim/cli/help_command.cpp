// chasm help, chasm version, and the texts of every --help.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/suggest.h"
#include "sim/cli/command.h"
#include "sim/cli/terminal.h"
#include "sim/report/tool_info.h"

namespace chasm {
namespace {

constexpr std::array kLater = {"search", "lut", "serve", "import"};

void help(const Arguments& arguments) {
  if (arguments.positional().empty()) return put(overview_help());
  const std::string& word = arguments.positional().front();
  const Command* command = find_command(word);
  if (command == nullptr) refuse_command(word);
  put(command_help(*command));
}

void version(const Arguments&) {
  const ToolInfo tool = tool_info();
  put(fmt::format(
      "chasm {} (git {})\nSystemC {}\nfmt {}\nnlohmann-json {}\nBoost {}\n{}, {} build\n",
      tool.version, tool.git, tool.systemc, tool.fmt, tool.nlohmann_json, tool.boost, tool.compiler,
      tool.build_type));
}

}  // namespace

Command help_command() {
  return {
      "help", "explain a command", {"help", "[COMMAND]", 0, 1, {}, {}}, "  chasm help run\n", help};
}

Command version_command() {
  return {"version",
          "print the version, and those of the libraries",
          {"version", "", 0, 0, {}, {}},
          "  chasm --version\n",
          version};
}

std::string overview_help() {
  std::string text =
      "chasm - chunk-based heterogeneous accelerator simulator and mapper\n\n"
      "Takes a network (which layers multiply, shift or add) and an accelerator (chunks of PEs "
      "that\n"
      "share a buffer and a DRAM), maps one onto the other and simulates it cycle by cycle.\n\n"
      "Start here, no file needed:\n"
      "  chasm run -a nasa-45nm -w nasa_hybrid_all_b_cifar10   latency, energy and stalls of every "
      "layer\n"
      "  chasm list archs                                      accelerators that come with the "
      "program\n"
      "  chasm list nets                                       networks that come with the "
      "program\n"
      "  chasm show nasa-45nm > my-arch.json                   a copy to change\n"
      "  chasm run -a my-arch.json -w resnet18 -o results      result.json, report.html, ...\n\n"
      "Commands (\"chasm COMMAND --help\" says more):\n";
  for (const Command& command : commands())
    text += fmt::format("  {:<10}{}\n", command.name, command.summary);
  return text +
         "\nExit codes: 0 ok, 2 usage, 3 invalid input, 4 infeasible, 5 simulation stopped, 6 "
         "comparison\n"
         "failed, 70 internal error, 130 interrupted.\n";
}

std::string command_help(const Command& command) {
  const Grammar& grammar = command.grammar;
  const bool any_options = !grammar.options.empty();
  std::string text = fmt::format("chasm {} - {}\n\nUsage: chasm {}{}{}\n\nOptions:\n", command.name,
                                 command.summary, command.name, any_options ? " [OPTIONS]" : "",
                                 grammar.positional.empty() ? "" : " " + grammar.positional);
  return text + options_help(grammar, stdout_style().width) + "\nExamples:\n" + command.examples;
}

void refuse_command(const std::string& word) {
  if (std::find(kLater.begin(), kLater.end(), word) != kLater.end())
    throw usage_error("", fmt::format("the command \"{}\" is not available in this version ({})",
                                      word, tool_info().version));
  std::vector<std::string> names;
  for (const Command& command : commands()) names.push_back(command.name);
  throw usage_error("", fmt::format("there is no command \"{}\"; {}", word, suggest(word, names)));
}

}  // namespace chasm
