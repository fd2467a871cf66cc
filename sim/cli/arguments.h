// The arguments of a subcommand: declared once, for parsing, for help and for did-you-mean.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace chasm {

struct OptionSpec {
  std::string name;      // without the dashes
  char letter = 0;       // its short form, or 0
  std::string argument;  // what help calls its value; empty for a switch
  std::string help;
  bool repeatable = false;
};

struct Grammar {
  std::string command;     // the subcommand's name
  std::string positional;  // what help calls them ("FILE..."); empty where there are none
  std::size_t positional_min = 0, positional_max = 0;
  std::vector<OptionSpec> options;
  // Options of the documented command line that this version does not have (docs/formats.md,
  // "Command line").
  std::vector<OptionSpec> later;
};

class Arguments {
 public:
  bool has(const std::string& option) const { return values_.count(option) > 0; }
  // The value of an option that may be given once; `fallback` where it was not.
  std::string value(const std::string& option, const std::string& fallback = {}) const;
  std::vector<std::string> values(const std::string& option) const;
  // A whole number from `least` to `most`, or a usage error.
  std::uint64_t number(const std::string& option, std::uint64_t fallback, std::uint64_t least,
                       std::uint64_t most) const;
  // One of the words, or a usage error with did-you-mean.
  std::string choice(const std::string& option, const std::string& fallback,
                     const std::vector<std::string>& words) const;
  const std::vector<std::string>& positional() const { return positional_; }

  // `chasm run: error: <problem>`, and where to read more.
  Error usage_error(const std::string& problem) const;

 private:
  friend Arguments parse_arguments(const Grammar&, const std::vector<std::string>&);
  std::string command_;
  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> positional_;
};

// Throws Error (usage): an unknown, unavailable, repeated or incomplete option; too many or too few
// others.
Arguments parse_arguments(const Grammar&, const std::vector<std::string>& words);

Error usage_error(const std::string& command, const std::string& problem);
// The options as aligned lines of help, wrapped at the width.
std::string options_help(const Grammar&, std::size_t width);
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width);

}  // namespace chasm
