// README.md shows the truth: every command of its ```console blocks is run and its output compared.
//
// A line that starts with "$ " is a command, the lines after it are its standard output; where
// there are none, the output is not shown and only the exit code counts. `./run` stands for the
// program (without arguments: the default run); commands of other programs are not run. Three
// things may differ:
//   - a line "..." stands for any number of lines,
//   - lines with versions (of the program, libraries, compiler) and
//   - runs of blanks.
#include <algorithm>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::shell;
using testing_support::TemporaryFolder;
using testing_support::text_of;

struct Shown {
  std::string command;
  std::vector<std::string> lines;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<Shown> shown_in(const std::string& readme) {
  std::vector<Shown> all;
  bool inside = false;
  std::size_t margin = 0;  // of a block inside a list
  for (const std::string& full : lines_of(readme)) {
    const std::size_t blanks = std::min(full.find_first_not_of(' '), full.size());
    if (full.compare(blanks, 3, "```") == 0) {
      inside = full.substr(blanks) == "```console";
      margin = blanks;
      continue;
    }
    if (!inside) continue;
    const std::string line = full.substr(std::min(margin, blanks));
    if (line.starts_with("$ "))
      all.push_back({line.substr(2), {}});
    else if (!all.empty())
      all.back().lines.push_back(line);
  }
  return all;
}

// The command for a shell that finds `chasm`; empty where it is not ours to run.
std::string ours(const std::string& command) {
  if (command == "./run") return "chasm run -a nasa-45nm -w nasa_hybrid_all_b_cifar10";
  if (command.starts_with("./run ")) return "chasm " + command.substr(6);
  return command.starts_with("chasm ") ? command : "";
}

std::string normalised(const std::string& line) {
  static const std::regex versions(R"(^(chasm|SystemC|fmt|nlohmann-json|Boost|GCC|Clang) \d.*)");
  static const std::regex blanks(R"( +)");
  if (std::regex_match(line, versions)) return "<version>";
  std::string text = std::regex_replace(line, blanks, " ");
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// Whether the shown lines match the printed ones, "..." standing for any number of them.
bool matches(const std::vector<std::string>& shown, std::size_t s,
             const std::vector<std::string>& printed, std::size_t p) {
  if (s == shown.size()) return p == printed.size();
  if (shown[s] == "...") {
    for (std::size_t skip = p; skip <= printed.size(); ++skip)
      if (matches(shown, s + 1, printed, skip)) return true;
    return false;
  }
  return p < printed.size() && normalised(shown[s]) == normalised(printed[p]) &&
         matches(shown, s + 1, printed, p + 1);
}

TEST(Readme, EveryCommandIsReal) {
  const TemporaryFolder folder;
  const std::vector<Shown> all = shown_in(text_of(CHASM_README));
  std::size_t tried = 0;
  for (const Shown& shown : all) {
    const std::string command = ours(shown.command);
    if (command.empty()) continue;
    ++tried;
    // Commands share what was mapped, as a user's do.
    const auto ran = shell("CHASM_CACHE=\"$PWD/.mappings.sqlite\"; " + command, folder.path());
    EXPECT_EQ(ran.code, 0) << shown.command << "\n" << ran.err;
    if (shown.lines.empty()) continue;
    EXPECT_TRUE(matches(shown.lines, 0, lines_of(ran.out), 0))
        << "README.md shows another output of: " << shown.command << "\n"
        << ran.out;
  }
  EXPECT_GE(tried, 1u) << "README.md has no console blocks";
}

TEST(Readme, TheComparisonIsStrict) {
  EXPECT_TRUE(matches({"a", "...", "d"}, 0, {"a", "b", "c", "d"}, 0));
  EXPECT_FALSE(matches({"a", "...", "d"}, 0, {"a", "b", "c"}, 0));
  EXPECT_FALSE(matches({"a"}, 0, {"a", "b"}, 0));
  EXPECT_TRUE(matches({"a  1"}, 0, {"a 1 "}, 0));
  EXPECT_TRUE(matches({"fmt 9.1.0"}, 0, {"fmt 10.2.0"}, 0));
}

}  // namespace
}  // namespace chasm
