#include "sim/cli/program.h"

#include <array>
#include <exception>
#include <new>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/cli/command.h"
#include "sim/cli/limit_options.h"
#include "sim/cli/terminal.h"

namespace chasm {
namespace {

void dispatch(const std::vector<std::string>& words) {
  if (words.empty() || words.front() == "--help" || words.front() == "-h")
    return put(overview_help());
  if (words.front() == "--version" || words.front() == "-V")
    return version_command().run(parse_arguments(version_command().grammar, {}));
  if (words.front().starts_with("-"))
    throw usage_error("",
                      fmt::format("unknown option \"{}\"; a command comes first", words.front()));
  const Command* command = find_command(words.front());
  if (command == nullptr) refuse_command(words.front());
  const Arguments arguments = parse_arguments(command->grammar, {words.begin() + 1, words.end()});
  if (arguments.has("help")) return put(command_help(*command));
  set_limits(command->limits_points ? limits_of({}) : limits_of(arguments));
  command->run(arguments);
}

// Diagnostics say themselves what they are.
std::string error_text(const std::string& what) {
  const bool is_complete = what.find("error: ") != std::string::npos;
  return (is_complete ? "" : "chasm: error: ") + what + (what.ends_with('\n') ? "" : "\n");
}

// What no machine has; what this one has not ends the program elsewhere (base/limits.h).
int too_large(const char* what) {
  say(fmt::format("chasm: error: more memory is needed than there can be ({})\n", what));
  return static_cast<int>(ExitCode::simulation_stopped);
}

}  // namespace

std::span<const Command> commands() {
  static const std::array all = {
      run_command(),     map_command(),  sweep_command(),    report_command(), compare_command(),
      explain_command(), dram_command(), validate_command(), list_command(),   show_command(),
      schema_command(),  help_command(), version_command()};
  return all;
}

const Command* find_command(const std::string& name) {
  for (const Command& command : commands())
    if (command.name == name) return &command;
  return nullptr;
}

int run_program(const std::vector<std::string>& words) {
  try {
    dispatch(words);
    return static_cast<int>(ExitCode::ok);
  } catch (const Error& error) {
    const bool by_signal =
        error.code() == ExitCode::interrupted || error.code() == ExitCode::terminated;
    say(by_signal ? error.what() : error_text(error.what()));
    return static_cast<int>(error.code());
  } catch (const std::length_error& error) {
    return too_large(error.what());
  } catch (const std::bad_alloc& error) {
    return too_large(error.what());
  } catch (const std::exception& error) {
    say(fmt::format(
        "chasm: internal error: {}\nThis is a bug of chasm, not of your input; please report it.\n",
        error.what()));
    return static_cast<int>(ExitCode::internal);
  }
}

}  // namespace chasm
