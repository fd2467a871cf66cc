// A value change dump read as IEEE 1364-2005, section 18, has it, on a run in which everything
// happens: what GTKWave and its like rely on.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::Ran;
using testing_support::TemporaryFolder;
using testing_support::text_of;

struct Variable {
  std::string scope, name, type;
  std::size_t bits = 0;
  std::string value;  // the last one
};

// Reads a whole file; every fault is a failure of the test.
class VcdReader {
 public:
  explicit VcdReader(const std::string& text) : in_(text) {}

  void read() {
    read_header();
    read_changes();
  }
  const std::map<std::string, Variable>& variables() const { return variables_; }
  std::uint64_t time() const { return time_; }
  std::uint64_t changes() const { return changes_; }
  const std::set<std::string>& scopes() const { return scopes_; }

 private:
  std::vector<std::string> until_end() {
    std::vector<std::string> words;
    for (std::string word; in_ >> word && word != "$end";) words.push_back(word);
    EXPECT_TRUE(in_) << "no $end";
    return words;
  }

  void read_header() {
    std::set<std::string> seen;
    std::string scope, word;
    while (in_ >> word && word != "$enddefinitions") {
      const std::vector<std::string> words = until_end();
      seen.insert(word);
      if (word == "$scope") {
        ASSERT_TRUE(words.size() == 2 && words[0] == "module" && scope.empty());
        scope = words[1];
        EXPECT_TRUE(scopes_.insert(scope).second) << scope;
      } else if (word == "$upscope") {
        ASSERT_TRUE(words.empty() && !scope.empty());
        scope.clear();
      } else if (word == "$var") {
        declare(scope, words);
      } else {
        EXPECT_TRUE(word == "$version" || word == "$comment" || word == "$timescale") << word;
      }
    }
    EXPECT_TRUE(until_end().empty() && scope.empty());
    EXPECT_EQ(seen.count("$timescale"), 1U);
  }

  void declare(const std::string& scope, const std::vector<std::string>& words) {
    ASSERT_EQ(words.size(), 4U) << "type, size, identifier, name without blanks";
    ASSERT_FALSE(scope.empty());
    const std::string& identifier = words[2];
    EXPECT_TRUE(std::all_of(identifier.begin(), identifier.end(),
                            [](char c) { return c >= '!' && c <= '~'; }));
    EXPECT_TRUE(words[0] == "wire" || words[0] == "integer") << words[0];
    EXPECT_TRUE(names_.insert(scope + " " + words[3]).second) << words[3];
    const Variable variable{scope, words[3], words[0], std::stoul(words[1]), ""};
    EXPECT_TRUE(variables_.emplace(identifier, variable).second) << "twice: " << identifier;
  }

  void read_changes() {
    bool dump = false, any_time = false;
    for (std::string word; in_ >> word;) {
      if (word == "$dumpvars") {
        dump = true;
        EXPECT_TRUE(any_time && time_ == 0);
      } else if (word == "$end") {
        EXPECT_TRUE(dump);
        dump = false;
        for (const auto& [identifier, variable] : variables_)
          EXPECT_FALSE(variable.value.empty()) << variable.name << " has no first value";
      } else if (word[0] == '#') {
        const std::uint64_t time = std::stoull(word.substr(1));
        EXPECT_TRUE(!any_time || time > time_) << word;
        time_ = time;
        any_time = true;
      } else {
        change(word);
      }
    }
    EXPECT_FALSE(dump);
  }

  void change(const std::string& word) {
    std::string value = word.substr(0, 1), identifier = word.substr(1);
    if (word[0] == 'b') {
      value = word.substr(1);
      in_ >> identifier;
    }
    const auto found = variables_.find(identifier);
    ASSERT_NE(found, variables_.end()) << word << " of no variable";
    Variable& variable = found->second;
    EXPECT_EQ(word[0] == 'b', variable.bits > 1) << variable.name;
    EXPECT_EQ(value.find_first_not_of("01"), std::string::npos) << value;
    EXPECT_LE(value.size(), variable.bits) << variable.name;
    EXPECT_NE(value, variable.value) << variable.name << " does not change at " << time_;
    variable.value = value;
    ++changes_;
  }

  std::istringstream in_;
  std::map<std::string, Variable> variables_;  // by identifier
  std::set<std::string> scopes_, names_;
  std::uint64_t time_ = 0, changes_ = 0;
};

TEST(VcdFormat, IsWhatTheStandardSays) {
  const TemporaryFolder folder;
  const Ran ran =
      chasm({"run", "-a", "nasa-45nm", "-w", "toy_all_types", "--schedule", "pipelined", "--images",
             "3", "--search", "quick", "-o", "-", "--trace", "vcd=" + (folder / "t.vcd")});
  ASSERT_EQ(ran.code, 0) << ran.err;
  VcdReader reader(text_of(folder / "t.vcd"));
  reader.read();
  // The last window of a rate is a whole one, of 256 cycles.
  const auto cycles = Json::parse(ran.out)["totals"]["cycles"].get<std::uint64_t>();
  EXPECT_GE(reader.time(), cycles);
  EXPECT_LT(reader.time(), cycles + 256);
  EXPECT_GT(reader.changes(), 1000U);
  EXPECT_GT(reader.variables().size(), 40U);
  for (const char* scope : {"chunk_CLP", "chunk_SLP", "chunk_ALP", "chunk_VEC", "global_buffer"})
    EXPECT_EQ(reader.scopes().count(scope), 1U) << scope;
  // When all is over nothing is busy; which image was last stays written where nothing is.
  for (const auto& [identifier, variable] : reader.variables())
    EXPECT_EQ(variable.value.find('1'), std::string::npos)
        << variable.scope << " " << variable.name;
}

}  // namespace
}  // namespace chasm
