// Sweeps as users run them: what fails is a row, what is finished is kept, and the order in which
// points are run leaves no trace.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/rng.h"
#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::chasm_killed_after;
using testing_support::chasm_on_terminal;
using testing_support::Ran;
using testing_support::TemporaryFolder;
using testing_support::text_of;

const std::vector<std::string> kFiles = {"pareto.csv", "pareto.json", "points.csv", "points.jsonl",
                                         "sweep.html"};

std::string without_host(const std::string& text) {
  static const std::regex host(R"(,"host":\{[^}]*\})");
  return std::regex_replace(text, host, "");
}

// Every file, byte for byte, but for the figures of the host.
void expect_same(const TemporaryFolder& folder, const std::string& a, const std::string& b) {
  for (const std::string& file : kFiles) {
    const std::string one = without_host(text_of(folder / a + "/" + file));
    EXPECT_FALSE(one.empty()) << file;
    EXPECT_EQ(one, without_host(text_of(folder / b + "/" + file))) << file;
  }
}

std::vector<Json> rows_of(const std::string& folder) {
  std::vector<Json> rows;
  std::istringstream lines(text_of(folder + "/points.jsonl"));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) rows.push_back(Json::parse(line));
  return rows;
}

// 200 machines that simulate in milliseconds.
std::string two_hundred(const TemporaryFolder& folder) {
  return folder.file("sweep.json", R"({
    "name": "two-hundred", "base": {"arch": "tiny", "workload": "toy_mixed3"},
    "axes": [{"path": "arch.chunks.MUL.pe_array.rows", "name": "rows", "values": [1, 2, 3, 4]},
             {"path": "arch.dram.latency_cycles", "range": {"from": 0, "to": 90, "steps": 10}},
             {"path": "options.objective", "values": ["edp", "latency", "energy"]},
             {"path": "arch.clock_mhz", "values": [100, 250]}],
    "sampling": {"kind": "grid"}, "constraints": {"pes": {"max": 20}}})");
}

std::string small(const TemporaryFolder& folder, const std::string& more = "") {
  return folder.file("small.json",
                     R"({"name": "small", "base": {"arch": "tiny", "workload": "toy_mixed3"},
      "axes": [{"path": "arch.clock_mhz", "values": [100, 200, 300, 400, 500, 600]}])" +
                         more + "}");
}

// The address sanitizer needs more memory, and has its own words when there is none.
#ifdef CHASM_SANITIZED
constexpr bool kSanitized = true;
constexpr int kMemoryMb = 24;
#else
constexpr bool kSanitized = false;
constexpr int kMemoryMb = 16;
#endif

// What can go wrong with a point, among 200: each a row, and the sweep ends well.
TEST(Sweep, AFailedPointIsARowAmongTwoHundred) {
  ::setenv("ASAN_OPTIONS", "quarantine_size_mb=1", 0);  // freed memory counts as used meanwhile
  const TemporaryFolder folder;
  Json points = Json::array();
  for (int i = 0; i < 200; ++i) points.push_back({{"arch.dram.latency_cycles", i}});
  points[20] = {{"options.images", 10000}};                       // a row a layer and image
  points[77] = {{"workload", "vgg16"}, {"options.images", 100}};  // would take hours
  points[120] = {{"arch", "systolic-16x16"}};                     // has no shift chunk
  points[150] = {{"arch.chunks.MUL.pe_array.rows", 0}};
  points[190] = {{"arch.chunks.MUL.pe_array.rows", 100}};
  const Json sweep = {{"name", "mishaps"},
                      {"base", {{"arch", "tiny"}, {"workload", "toy_mixed3"}}},
                      {"points", points},
                      {"constraints", {{"pes", {{"max", 300}}}}},
                      {"limits", {{"seconds", 15}, {"memory_mb", kMemoryMb}}}};
  const Ran ran =
      chasm({"sweep", folder.file("s.json", sweep.dump()), "-j", "2", "-o", folder / "out"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const std::vector<Json> rows = rows_of(folder / "out");
  ASSERT_EQ(rows.size(), 200u);
  const std::map<std::size_t, std::pair<std::string, std::string>> expected = {
      {20, {"failed", "memory"}},
      {77, {"timeout", "took more than 15 s"}},
      {120, {"infeasible", "shift"}},
      {150, {"invalid", "allowed is 1 to 1024 PEs"}},
      {190, {"violates", "pes is 309, above the allowed 300"}}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].at("index"), i);
    const auto special = expected.find(i);
    EXPECT_EQ(rows[i].at("status"), special == expected.end() ? "ok" : special->second.first)
        << rows[i];
    if (special == expected.end()) {
      EXPECT_TRUE(rows[i].at("totals").is_object());
      continue;
    }
    EXPECT_TRUE(rows[i].at("totals").is_null());
    const std::string why = rows[i].at("diagnostic").get<std::string>();
    EXPECT_TRUE((kSanitized && i == 20) || why.find(special->second.second) != std::string::npos)
        << why;
  }
  EXPECT_NE(ran.out.find("195 ok, 1 violates, 1 infeasible, 1 invalid, 1 failed, 1 timeout"),
            std::string::npos)
      << ran.out;
  EXPECT_EQ(folder.content().size(), 2 + kFiles.size());
}

TEST(Sweep, KilledTenTimesAndResumedEqualsUninterrupted) {
  const TemporaryFolder folder;
  const std::string sweep = two_hundred(folder);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(chasm({"sweep", sweep, "-j", "2", "-o", folder / "whole"}).code, 0);
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  const auto most = static_cast<std::int64_t>(whole.count()) / 8;
  Rng rng(4711);
  std::size_t before = 0;
  int interrupted = 0;
  for (int i = 0; i < 10; ++i) {
    const auto milliseconds = static_cast<unsigned>(rng.between(most / 10, most));
    chasm_killed_after({"sweep", sweep, "-j", "2", "--resume", "-o", folder / "killed"},
                       milliseconds);
    const std::string log = text_of(folder / "killed/points.jsonl");
    const auto lines = static_cast<std::size_t>(std::count(log.begin(), log.end(), '\n'));
    EXPECT_GE(lines, before) << "points were lost";
    before = lines;
    interrupted += lines < 241 ? 1 : 0;
  }
  EXPECT_GT(before, 1u) << "no run got anywhere";
  EXPECT_GT(interrupted, 0) << "no run was interrupted";
  const Ran last = chasm({"sweep", sweep, "-j", "2", "--resume", "-o", folder / "killed"});
  EXPECT_EQ(last.code, 0) << last.err;
  EXPECT_TRUE(last.said(" of 240 points are there already")) << last.err;
  EXPECT_EQ(rows_of(folder / "killed").size(), 240u);
  expect_same(folder, "whole", "killed");
}

TEST(Sweep, TheNumberOfWorkersLeavesNoTrace) {
  const TemporaryFolder folder;
  const std::string sweep = small(folder);
  for (const char* jobs : {"1", "2", "5"})
    EXPECT_EQ(chasm({"sweep", sweep, "-j", jobs, "-o", folder / jobs}).code, 0);
  expect_same(folder, "1", "2");
  expect_same(folder, "1", "5");
}

TEST(Sweep, ShardsMergedEqualTheWhole) {
  const TemporaryFolder folder;
  const std::string sweep = small(folder);
  EXPECT_EQ(chasm({"sweep", sweep, "-o", folder / "whole"}).code, 0);
  for (const char* shard : {"1/4", "2/4", "3/4", "4/4"}) {
    const Ran ran =
        chasm({"sweep", sweep, "--shard", shard, "-o", folder / std::string(1, *shard)});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_NE(ran.out.find("(shard " + std::string(1, *shard) + " of 4)"), std::string::npos);
  }
  const Ran some = chasm({"sweep", "--merge", folder / "1", folder / "3", "-o", folder / "some"});
  EXPECT_EQ(some.code, 3);
  EXPECT_TRUE(some.said("3 of 6 points are missing: 1, 3, 5")) << some.err;
  const Ran all = chasm({"sweep", "--merge", folder / "4", folder / "2", folder / "1", folder / "3",
                         folder / "1", "-o", folder / "merged"});
  EXPECT_EQ(all.code, 0) << all.err;
  expect_same(folder, "whole", "merged");
}

TEST(Sweep, PartsOfDifferentSweepsAreNotMerged) {
  const TemporaryFolder folder;
  EXPECT_EQ(chasm({"sweep", small(folder), "--shard", "1/2", "-o", folder / "a"}).code, 0);
  const std::string other = small(folder, R"(, "limits": {"seconds": 99})");
  EXPECT_EQ(chasm({"sweep", other, "--shard", "2/2", "-o", folder / "b"}).code, 0);
  const Ran ran = chasm({"sweep", "--merge", folder / "a", folder / "b", "-o", folder / "c"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_TRUE(ran.said("do not belong to those before: the sweep's file was another one"))
      << ran.err;
}

TEST(Sweep, WhatIsThereIsNeitherOverwrittenNorMixed) {
  const TemporaryFolder folder;
  const std::string arch = folder.file("my.json", R"({"extends": "tiny", "name": "my"})");
  const std::string sweep =
      folder.file("s.json", R"({"name": "s", "base": {"arch": "my.json", "workload": "toy_mixed3"},
                    "axes": [{"path": "arch.clock_mhz", "values": [100]}]})");
  const std::vector<std::string> command = {"sweep", sweep, "-o", folder / "out"};
  EXPECT_EQ(chasm(command).code, 0);
  const std::string before = text_of(folder / "out/points.jsonl");
  const Ran again = chasm(command);
  EXPECT_EQ(again.code, 3);
  EXPECT_TRUE(again.said("--resume goes on with them")) << again.err;
  folder.file("my.json", R"({"extends": "tiny", "name": "my", "clock_mhz": 100})");
  const Ran mixed = chasm({"sweep", sweep, "--resume", "-o", folder / "out"});
  EXPECT_EQ(mixed.code, 3);
  EXPECT_TRUE(mixed.said("an architecture, network, mapping or energy table was another"))
      << mixed.err;
  EXPECT_EQ(text_of(folder / "out/points.jsonl"), before);
}

TEST(Sweep, ViewsAreMadeAgainFromThePointsAlone) {
  const TemporaryFolder folder;
  const std::string sweep = small(folder);
  EXPECT_EQ(chasm({"sweep", sweep, "-o", folder / "a"}).code, 0);
  EXPECT_EQ(chasm({"sweep", sweep, "-o", folder / "b"}).code, 0);
  testing_support::shell("rm b/points.csv b/sweep.html b/pareto.*", folder.path());
  EXPECT_EQ(chasm({"sweep", sweep, "--resume", "-o", folder / "b"}).code, 0);
  expect_same(folder, "a", "b");
}

TEST(Sweep, AnyPathCanBeAnAxis) {
  const TemporaryFolder folder;
  const std::string sweep = folder.file("s.json",
                                        R"({"name": "s",
          "base": {"arch": "tiny", "workload": "toy_mixed3",
                   "set": {"dram.latency_cycles": 30}, "options": {"images": 2}},
          "axes": [{"path": "workload", "values": ["toy_mixed3", "toy_all_types"]},
                   {"path": "arch", "values": ["tiny", "nasa-45nm"]},
                   {"path": "options.schedule", "values": ["sequential", "pipelined"]},
                   {"path": "workload.batch", "values": [1, 2]},
                   {"path": ["arch.global_buffer.ports", "arch.global_buffer.banks"],
                    "name": "ports", "values": [2, 4]}]})");
  EXPECT_EQ(chasm({"validate", sweep}).out, sweep + ": ok (sweep, 32 points)\n");
  const Ran ran = chasm({"sweep", sweep, "-o", folder / "out"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  std::map<std::string, Json> totals;
  for (const Json& row : rows_of(folder / "out")) {
    EXPECT_EQ(row.at("status"), "ok") << row;
    EXPECT_EQ(row.at("totals").at("images"), 2);
    totals[row.at("parameters").dump()] = row.at("totals");
  }
  // A point is what the run of the same settings is.
  const Ran run = chasm({"run",
                         "-a",
                         "nasa-45nm",
                         "-w",
                         "toy_all_types",
                         "--images",
                         "2",
                         "--schedule",
                         "pipelined",
                         "--search",
                         "quick",
                         "--verify",
                         "1",
                         "--set",
                         "dram.latency_cycles=30",
                         "--set",
                         "global_buffer.ports=4",
                         "--set",
                         "global_buffer.banks=4",
                         "-o",
                         "-"});
  EXPECT_EQ(
      Json::parse(run.out).at("totals"),
      totals.at(
          R"({"workload":"toy_all_types","arch":"nasa-45nm","options.schedule":"pipelined","workload.batch":1,"ports":4})"));
  const auto operations = [&](int batch) {
    return totals
        .at(R"({"workload":"toy_mixed3","arch":"tiny","options.schedule":"sequential","workload.batch":)" +
            std::to_string(batch) + R"(,"ports":2})")
        .at("operations")
        .at("multiply")
        .get<int>();
  };
  EXPECT_EQ(operations(2), 2 * operations(1));
}

TEST(Sweep, AGivenMappingIsUsed) {
  const TemporaryFolder folder;
  EXPECT_EQ(chasm({"map", "-a", "tiny", "-w", "toy_mixed3", "--objective", "energy", "--search",
                   "quick", "--verify", "1", "-o", folder / "m.json"})
                .code,
            0);
  const std::string sweep =
      folder.file("s.json", R"({"name": "s", "base": {"arch": "tiny", "workload": "toy_mixed3"},
                    "points": [{"options.mapping": "m.json"}, {"options.objective": "energy"},
                               {"options.keep_on_chip_bytes": 4096}]})");
  EXPECT_EQ(chasm({"sweep", sweep, "-o", folder / "out"}).code, 0);
  const std::vector<Json> rows = rows_of(folder / "out");
  EXPECT_EQ(rows.at(0).at("totals"), rows.at(1).at("totals"));
  EXPECT_TRUE(rows.at(0).at("totals").is_object());
  EXPECT_EQ(rows.at(2).at("status"), "infeasible");
}

TEST(Sweep, StdoutHasOneDocumentAndNothingElse) {
  const TemporaryFolder folder;
  const Ran ran = chasm({"sweep", small(folder), "-o", "-"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
  const Json document = Json::parse(ran.out);
  EXPECT_EQ(document.at("schema"), "chasm/sweep/1");
  EXPECT_EQ(document.at("points").size(), 6u);
  EXPECT_EQ(folder.content(), std::vector<std::string>{"small.json"});
}

TEST(Sweep, CtrlCKeepsFinishedPoints) {
  const TemporaryFolder folder;
  const std::string sweep = two_hundred(folder);
  const Ran ran =
      chasm_on_terminal({"sweep", sweep, "-j", "2", "-o", folder / "out"}, {}, " points/s, ETA ");
  EXPECT_EQ(ran.code, 130) << ran.out;
  EXPECT_NE(ran.out.find("interrupted: "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("--resume goes on"), std::string::npos) << ran.out;
  const std::size_t kept = rows_of(folder / "out").size();
  EXPECT_GT(kept, 0u);
  EXPECT_LT(kept, 240u);
  EXPECT_EQ(chasm({"sweep", sweep, "--resume", "-o", folder / "out"}).code, 0);
  EXPECT_EQ(rows_of(folder / "out").size(), 240u);
}

TEST(Sweep, MistakesOfTheCommandLine) {
  const TemporaryFolder folder;
  const std::string sweep = small(folder);
  for (const char* shard : {"0/2", "3/2", "1", "a/b", "1/"}) {
    const Ran ran = chasm({"sweep", sweep, "--shard", shard, "-o", folder / "x"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_TRUE(ran.said("--shard takes K/N")) << ran.err;
  }
  EXPECT_EQ(chasm({"sweep", sweep, "more"}).code, 2);
  EXPECT_EQ(chasm({"sweep", sweep, "-j", "0"}).code, 2);
  EXPECT_EQ(chasm({"sweep", sweep, "-o", "-", "--resume"}).code, 2);
  EXPECT_EQ(chasm({"sweep", "--merge", folder.path(), "--shard", "1/2"}).code, 2);
  const Ran unknown = chasm({"sweep", "nasa-bufer-size"});
  EXPECT_EQ(unknown.code, 3);
  EXPECT_TRUE(unknown.said("did you mean \"nasa-buffer-size\"?")) << unknown.err;
  EXPECT_EQ(chasm({"sweep", "--merge", folder / "nowhere"}).code, 3);
  EXPECT_EQ(folder.content(), std::vector<std::string>{"small.json"});
}

TEST(Sweep, ShippedOnesAreListedShownAndFitTheirSchema) {
  const Json schema = Json::parse(chasm({"schema", "sweep"}).out);
  std::istringstream names(chasm({"list", "sweeps", "--names"}).out);
  std::size_t count = 0;
  for (std::string name; std::getline(names, name); ++count) {
    Diagnostics problems;
    const auto document = parse_json(chasm({"show", name}).out, name, problems);
    ASSERT_TRUE(document) << problems.to_string();
    EXPECT_TRUE(validate_schema(document->root, name, schema, problems)) << problems.to_string();
  }
  EXPECT_GE(count, 4u);
}

}  // namespace
}  // namespace chasm
