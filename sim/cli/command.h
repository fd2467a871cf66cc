// The subcommands of the program: what each is called, what it says about itself, what it does.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/cli/arguments.h"

namespace chasm {

struct Command {
  std::string name;
  std::string summary;            // one line of the overview
  Grammar grammar;                // what it accepts
  std::string examples;           // lines of its help, ready to be typed
  void (*run)(const Arguments&);  // throws Error
  bool limits_points = false;  // --max-seconds and --max-memory bound each point, not the command
};

// In the order of the overview.
std::span<const Command> commands();
const Command* find_command(const std::string& name);  // nullptr: there is none

// One a source file.
Command run_command();
Command map_command();
Command sweep_command();
Command report_command();
Command compare_command();
Command explain_command();
Command dram_command();
Command validate_command();
Command list_command();
Command show_command();
Command schema_command();
Command help_command();
Command version_command();

std::string overview_help();
std::string command_help(const Command&);
// Throws the usage error of a word that is no command.
[[noreturn]] void refuse_command(const std::string& word);

}  // namespace chasm
