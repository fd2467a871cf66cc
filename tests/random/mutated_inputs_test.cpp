// Any value of a file that the program reads back may be anything: each is made every other type
// and size in turn, and the commands end with 0, 3 or 4, or 5 where a limit was asked for. Never by
// a signal, a hang or an internal error.
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sqlite3.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/fingerprint.h"
#include "base/json.h"
#include "base/rng.h"
#include "sim/cli/program.h"

namespace chasm {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

#ifdef CHASM_LONG_TESTS
constexpr std::size_t kMutations = 100'000;  // of each kind of file: all there are
#else
constexpr std::size_t kMutations = 40;
#endif
constexpr unsigned kPatience_s = 60;

std::string text_of(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream(path).rdbuf();
  return all.str();
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

// The exit code of the command in a process of its own; 128 + signal where one ended it.
int code_of(const Words& words) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    ::alarm(kPatience_s);
    ::_exit(run_program(words));
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

const std::vector<Json>& other_values() {
  static const std::vector<Json> values = {nullptr,
                                           true,
                                           0,
                                           -1,
                                           2,
                                           1.5,
                                           1e300,
                                           UINT64_MAX,
                                           "",
                                           "x",
                                           "\033[2J",
                                           "quick",
                                           Json::array(),
                                           Json::array({nullptr}),
                                           Json::array({1, 2}),
                                           Json::object(),
                                           Json{{"x", 1}},
                                           std::string(5000, 'x')};
  return values;
}

// The places of all values, containers too.
void places_of(const Json& value, const std::string& at, std::vector<std::string>& places) {
  places.push_back(at);
  if (value.is_object())
    for (const auto& [key, item] : value.items()) places_of(item, child_pointer(at, key), places);
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i)
      places_of(value[i], child_pointer(at, i), places);
}

struct Mutation {
  std::string what;
  Json root;
};

// As many as are asked for, drawn; all of them if that is more than there are.
std::vector<Mutation> mutations_of(const Json& root, std::uint64_t seed) {
  std::vector<std::string> places;
  places_of(root, "", places);
  const std::size_t all = places.size() * other_values().size();
  Rng rng(seed);
  std::vector<Mutation> mutations;
  for (std::size_t i = 0; i < std::min(all, kMutations); ++i) {
    const std::size_t number = all <= kMutations ? i : static_cast<std::size_t>(rng.below(all));
    const std::string& place = places[number / other_values().size()];
    const Json& value = other_values()[number % other_values().size()];
    Mutation mutation{place + " = " + value.dump().substr(0, 40), root};
    mutation.root[Json::json_pointer(place)] = value;
    mutations.push_back(std::move(mutation));
  }
  return mutations;
}

class MutatedInputs : public testing::Test {
 protected:
  MutatedInputs() {
    std::string name = (fs::temp_directory_path() / "chasm-mutated-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
    write(at("n.json"),
          R"({"name":"n","inputs":[{"name":"image","shape":[4,8,8]}],"layers":[
              {"name":"conv","type":"conv2d","arithmetic":"multiply","inputs":["image"],
               "out_channels":4,"kernel":[3,3],"padding":[1,1]},
              {"name":"shift","type":"conv2d","arithmetic":"shift","inputs":["conv"],
               "out_channels":4,"kernel":[1,1]}]})");
  }
  ~MutatedInputs() override { fs::remove_all(folder_); }

  std::string at(const std::string& name) const { return folder_ + "/" + name; }
  Json json_at(const std::string& name) const { return Json::parse(text_of(at(name))); }
  Words inputs() const { return {"-a", "tiny", "-w", at("n.json")}; }

  // Makes valid files; the command must succeed.
  void make(Words words) { ASSERT_EQ(code_of(words), 0) << words.front(); }

  void expect_told(const Words& words, const std::string& what) {
    const int code = code_of(words);
    std::string line;
    for (const std::string& word : words) line += word + " ";
    EXPECT_TRUE(code == 0 || code == 3 || code == 4 || code == 5)
        << code << " of " << line << "with " << what;
    accepted_ += code == 0 ? 1 : 0;
    ++tried_;
  }

  std::string folder_;
  std::size_t tried_ = 0, accepted_ = 0;
};

Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST_F(MutatedInputs, Results) {
  make(Words{"run", "--search", "quick", "--verify", "1", "-o", at("r")} + inputs());
  const std::string bad = at("bad.json"), good = at("r/result.json");
  for (const Mutation& mutation : mutations_of(json_at("r/result.json"), 1)) {
    write(bad, mutation.root.dump());
    const std::size_t before = accepted_;
    expect_told({"report", bad, "--html", at("h.html"), "--csv", at("csv")}, mutation.what);
    if (accepted_ == before) continue;  // refused: the same reader refuses it everywhere
    expect_told({"report", bad}, mutation.what);
    expect_told({"report", bad, "--roofline"}, mutation.what);
    expect_told({"compare", good, bad}, mutation.what);
    expect_told({"explain", "energy", bad}, mutation.what);
    expect_told({"explain", "area", bad}, mutation.what);
    expect_told({"explain", "layer", "conv", bad, "--no-repeat"}, mutation.what);
    expect_told({"explain", "mapping", "conv", bad}, mutation.what);
  }
  EXPECT_LT(accepted_, tried_);
}

// What a result holds unread until something is explained: its inputs and options.
TEST_F(MutatedInputs, InputsOfResults) {
  make(Words{"run", "--search", "quick", "--verify", "1", "-o", at("r")} + inputs());
  const Json result = json_at("r/result.json");
  const std::string bad = at("bad.json");
  for (const Mutation& mutation : mutations_of(result.at("inputs"), 2)) {
    Json changed = result;
    changed["inputs"] = mutation.root;
    write(bad, changed.dump());
    expect_told({"explain", "mapping", "conv", bad}, mutation.what);
    expect_told({"explain", "layer", "conv", bad, "--no-repeat"}, mutation.what);
  }
  EXPECT_LT(accepted_, tried_);
}

TEST_F(MutatedInputs, Mappings) {
  make(Words{"map", "--search", "quick", "--verify", "1", "-o", at("m.json")} + inputs());
  const std::string bad = at("bad.json");
  for (const Mutation& mutation : mutations_of(json_at("m.json"), 3)) {
    write(bad, mutation.root.dump());
    expect_told(Words{"validate", bad} + inputs(), mutation.what);
    expect_told(Words{"run", "-m", bad, "--max-cycles", "1000000"} + inputs(), mutation.what);
  }
  EXPECT_LT(accepted_, tried_);
}

TEST_F(MutatedInputs, Journals) {
  write(at("s.json"), R"({"name":"s","base":{"arch":"tiny","workload":"n.json"},
                          "axes":[{"path":"arch.clock_mhz","values":[100,200]}]})");
  make({"sweep", at("s.json"), "-o", at("s")});
  std::istringstream lines(text_of(at("s/points.jsonl")));
  std::vector<std::string> good;
  for (std::string line; std::getline(lines, line);) good.push_back(line);
  ASSERT_EQ(good.size(), 3u);
  fs::create_directory(at("bad"));
  for (std::size_t number : {0u, 1u, 2u})
    for (const Mutation& mutation : mutations_of(Json::parse(good[number]), 4 + number)) {
      std::string text;
      for (std::size_t i = 0; i < good.size(); ++i)
        text += (i == number ? mutation.root.dump() : good[i]) + "\n";
      write(at("bad/points.jsonl"), text);
      expect_told({"sweep", "--merge", at("bad"), "-o", at("merged")}, mutation.what);
      fs::remove_all(at("merged"));
      expect_told({"sweep", at("s.json"), "-o", at("bad"), "--resume"}, mutation.what);
    }
  EXPECT_LT(accepted_, tried_);
}

void execute(const std::string& file, const std::string& sql, std::vector<std::string>* values) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  const auto add = [](void* list, int, char** columns, char**) {
    if (list != nullptr) static_cast<std::vector<std::string>*>(list)->emplace_back(columns[0]);
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), add, values, nullptr), SQLITE_OK) << sql;
  sqlite3_close(database);
}

// A value of the cache that is not what was kept is searched again, so nothing else comes out; one
// with a right seal that is still odd does no harm.
TEST_F(MutatedInputs, ValuesOfTheCache) {
  const Words map =
      Words{"map", "--search", "quick", "--verify", "1", "--cache", at("c.sqlite")} + inputs();
  make(map + Words{"-o", at("m.json")});
  const std::string mapping = text_of(at("m.json"));
  std::vector<std::string> values;
  execute(at("c.sqlite"), "SELECT value FROM results", &values);
  ASSERT_FALSE(values.empty());
  const auto put = [&](const std::string& value) {
    execute(at("c.sqlite"), "UPDATE results SET value='" + value + "'", nullptr);
  };
  for (const char* value : {"", "null", "[]", "{}", "0", "garbage", "{\"best\":[]}"}) {
    put(value);
    EXPECT_EQ(code_of(map + Words{"-o", at("again.json")}), 0) << value;
    EXPECT_EQ(text_of(at("again.json")), mapping) << value;
  }
  const std::string kept = values.front().substr(values.front().find('\n') + 1);
  for (const Mutation& mutation : mutations_of(Json::parse(kept), 7)) {
    const std::string value = mutation.root.dump();
    if (value.find('\'') != std::string::npos) continue;
    put(fnv1a128(value) + "\n" + value);
    EXPECT_EQ(code_of(map + Words{"-o", at("again.json")}), 0) << mutation.what;
    EXPECT_EQ(code_of(Words{"validate", at("again.json")} + inputs()), 0) << mutation.what;
  }
}

}  // namespace
}  // namespace chasm
