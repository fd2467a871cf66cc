#include "sim/cli/arguments.h"

#include <algorithm>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "base/parse.h"
#include "base/suggest.h"
#include "sim/report/tool_info.h"

namespace chasm {
namespace {

namespace po = boost::program_options;

using Words = std::vector<std::string>;

po::options_description described(const Grammar& grammar) {
  po::options_description all;
  const auto add = [&](const OptionSpec& o) {
    const std::string names = o.letter == 0 ? o.name : o.name + "," + o.letter;
    if (o.argument.empty())
      all.add_options()(names.c_str(), o.help.c_str());
    else
      all.add_options()(names.c_str(), po::value<Words>()->composing(), o.help.c_str());
  };
  for (const OptionSpec& o : grammar.options) add(o);
  for (const OptionSpec& o : grammar.later) add(o);
  all.add_options()("help,h", "this text");
  return all;
}

Words option_names(const Grammar& grammar) {
  Words names = {"--help"};
  for (const OptionSpec& o : grammar.options) names.push_back("--" + o.name);
  return names;
}

std::string value_hint(const Grammar& grammar, const std::string& name) {
  for (const OptionSpec& o : grammar.options)
    if (o.name == name) return fmt::format(": {} ({})", o.argument, o.help);
  return "";
}

// Boost's complaints in our words.
Error translated(const Grammar& grammar, const po::error& problem) {
  const auto refuse = [&](const std::string& text) { return usage_error(grammar.command, text); };
  if (const auto* unknown = dynamic_cast<const po::unknown_option*>(&problem)) {
    const std::string hint = suggest(unknown->get_option_name(), option_names(grammar));
    return refuse(fmt::format("unknown option \"{}\"{}", unknown->get_option_name(),
                              hint.starts_with("did") ? "; " + hint : ""));
  }
  if (const auto* syntax = dynamic_cast<const po::invalid_command_line_syntax*>(&problem)) {
    std::string name = syntax->get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    if (syntax->kind() == po::invalid_syntax::extra_parameter)
      return refuse(fmt::format("the option --{} takes no value", name));
    return refuse(fmt::format("the option --{} needs a value{}", name, value_hint(grammar, name)));
  }
  return refuse(problem.what());
}

po::parsed_options parse(const Grammar& grammar, const Words& words) {
  namespace style = po::command_line_style;
  try {
    return po::command_line_parser(words)
        .options(described(grammar))
        .style(style::unix_style & ~style::allow_guessing)
        .run();
  } catch (const po::error& problem) {
    throw translated(grammar, problem);
  }
}

void check_repetition(const Grammar& grammar, const std::string& name, std::size_t times) {
  for (const OptionSpec& o : grammar.options)
    if (o.name == name && !o.repeatable && times > 1)
      throw usage_error(grammar.command, fmt::format("the option --{} is given twice", name));
  for (const OptionSpec& o : grammar.later)
    if (o.name == name)
      throw usage_error(grammar.command,
                        fmt::format("the option --{} is not available in this version ({})", name,
                                    tool_info().version));
}

void check_positional(const Grammar& grammar, const Words& found) {
  if (found.size() > grammar.positional_max)
    throw usage_error(grammar.command,
                      fmt::format("unexpected argument \"{}\"", found[grammar.positional_max]));
  if (found.size() < grammar.positional_min)
    throw usage_error(grammar.command, fmt::format("expected {}", grammar.positional));
}

}  // namespace

Error usage_error(const std::string& command, const std::string& problem) {
  const std::string program = command.empty() ? "chasm" : "chasm " + command;
  return {ExitCode::usage,
          fmt::format("{}: error: {}\nTry \"{} --help\".\n", program, problem, program)};
}

Arguments parse_arguments(const Grammar& grammar, const Words& words) {
  Arguments arguments;
  arguments.command_ = grammar.command;
  for (const auto& option : parse(grammar, words).options) {
    if (option.position_key >= 0) {
      arguments.positional_.insert(arguments.positional_.end(), option.value.begin(),
                                   option.value.end());
      continue;
    }
    auto& values = arguments.values_[option.string_key];
    values.push_back(option.value.empty() ? "" : option.value.front());
    check_repetition(grammar, option.string_key, values.size());
  }
  if (!arguments.has("help")) check_positional(grammar, arguments.positional_);
  return arguments;
}

std::string Arguments::value(const std::string& option, const std::string& fallback) const {
  const auto found = values_.find(option);
  return found == values_.end() ? fallback : found->second.front();
}

std::vector<std::string> Arguments::values(const std::string& option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? Words{} : found->second;
}

std::uint64_t Arguments::number(const std::string& option, std::uint64_t fallback,
                                std::uint64_t least, std::uint64_t most) const {
  if (!has(option)) return fallback;
  const std::optional<std::uint64_t> number = parse_unsigned(value(option));
  if (number && *number >= least && *number <= most) return *number;
  throw usage_error(fmt::format("--{} must be a whole number from {} to {}, not \"{}\"", option,
                                least, most, value(option)));
}

std::string Arguments::choice(const std::string& option, const std::string& fallback,
                              const Words& words) const {
  const std::string word = value(option, fallback);
  if (std::find(words.begin(), words.end(), word) != words.end()) return word;
  throw usage_error(fmt::format("--{} cannot be \"{}\"; {}", option, word, suggest(word, words)));
}

Error Arguments::usage_error(const std::string& problem) const {
  return chasm::usage_error(command_, problem);
}

std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  std::string out, line;
  const auto flush = [&] {
    out += (out.empty() ? "" : "\n" + std::string(indent, ' ')) + line;
    line.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && indent + line.size() + 1 + word.size() > width) flush();
    line += (line.empty() ? "" : " ") + word;
    at = end + 1;
  }
  flush();
  return out;
}

std::string options_help(const Grammar& grammar, std::size_t width) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const OptionSpec& o : grammar.options) {
    const std::string letter = o.letter == 0 ? "    " : fmt::format("-{}, ", o.letter);
    rows.emplace_back(
        fmt::format("  {}--{}{}", letter, o.name, o.argument.empty() ? "" : " " + o.argument),
        o.help);
  }
  rows.emplace_back("  -h, --help", "this text");
  std::size_t column = 0;
  for (const auto& [left, right] : rows) column = std::max(column, left.size() + 2);
  std::string text;
  for (const auto& [left, right] : rows)
    text += fmt::format("{:<{}}{}\n", left, column, wrapped(right, column, width));
  return text;
}

}  // namespace chasm
