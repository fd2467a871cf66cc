// What a run leaves: JSON that conforms to its schema, adds up, and is the same every time.
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::Ran;
using testing_support::TemporaryFolder;
using testing_support::text_of;

Json parsed(const std::string& text) {
  Diagnostics problems;
  const auto document = parse_json(text, "stdout", problems);
  EXPECT_TRUE(document) << problems.to_string() << text.substr(0, 500);
  return document ? document->root : Json();
}

void expect_conforms(const std::string& text, const std::string& schema) {
  Diagnostics problems;
  EXPECT_TRUE(
      validate_schema(parsed(text), schema, parsed(chasm({"schema", schema}).out), problems))
      << problems.to_string();
}

// A result without what differs from machine to machine.
std::string without_host(const std::string& text) {
  Json result = parsed(text);
  result.erase("host");
  return result.dump();
}

std::vector<std::string> run_of(const std::string& arch, const std::string& net,
                                const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"run", "-a", arch, "-w", net};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// Mapped by the quick search: for what does not concern the mapper.
std::vector<std::string> quick_run_of(const std::string& arch, const std::string& net,
                                      const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = run_of(arch, net, more);
  words.insert(words.end(), {"--search", "quick"});
  return words;
}

TEST(Result, IsJsonOnStdoutThatConforms) {
  for (const std::string net : {"toy_mixed3", "toy_all_types"}) {
    const Ran ran = chasm(run_of("tiny", net, {"-o", "-"}));
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    expect_conforms(ran.out, "result");
    EXPECT_EQ(parsed(ran.out)["inputs"]["workload"]["name"], net);
  }
}

TEST(Result, SumsAreSums) {
  const Json result = parsed(chasm(quick_run_of("tiny", "toy_all_types", {"-o", "-"})).out);
  const Json& totals = result["totals"];
  double energy_pj = 0;
  for (const Json& entry : result["energy"]) {
    const double product = entry["count"].get<double>() * entry["unit_pj"].get<double>();
    EXPECT_EQ(entry["total_pj"].get<double>(), product) << entry.dump();
    EXPECT_FALSE(entry["source"].get<std::string>().empty()) << entry.dump();
    energy_pj += entry["total_pj"].get<double>();
  }
  EXPECT_GT(energy_pj, 0);
  EXPECT_EQ(totals["energy_j"].get<double>(), energy_pj * 1e-12);
  const auto sum_of = [](const Json& causes) {
    std::uint64_t sum = 0;
    for (const Json& cycles : causes) sum += cycles.get<std::uint64_t>();
    return sum;
  };
  for (const Json& layer : result["layers"]) {
    EXPECT_EQ(sum_of(layer["cycles_by_cause"]), layer["cycles"].get<std::uint64_t>())
        << layer["name"];
    EXPECT_LE(layer["pe_utilization"].get<double>(), 1.0) << layer["name"];
    double parts_pj = 0;
    for (const Json& part : layer["energy_by_part_pj"]) parts_pj += part.get<double>();
    EXPECT_EQ(parts_pj, layer["energy_pj"].get<double>()) << layer["name"];
  }
  for (const Json& chunk : result["chunks"])
    EXPECT_EQ(sum_of(chunk["cycles_by_cause"]), totals["cycles"].get<std::uint64_t>())
        << chunk["name"];
  std::set<std::string> engines;
  for (const Json& engine : result["engines"]) {
    EXPECT_EQ(sum_of(engine["cycles_by_state"]), totals["cycles"].get<std::uint64_t>())
        << engine["name"];
    engines.insert(engine["name"].get<std::string>());
  }
  // Four chunks with four buses and a DMA each, two ports, one channel.
  EXPECT_EQ(engines.size(), 4u * 5 + 2 + 1);
  for (const char* name :
       {"MUL.input_bus", "VEC.drain_bus", "ADD.dma", "global_buffer.port1", "dram.channel0"})
    EXPECT_EQ(engines.count(name), 1u) << name;
}

TEST(Result, OperationsAreThoseOfTheNetwork) {
  const Json result = parsed(chasm(run_of("tiny", "toy_mixed3", {"-o", "-", "--images", "2"})).out);
  const Json& operations = result["totals"]["operations"];
  EXPECT_EQ(operations["multiply"], 2 * 18432);
  EXPECT_EQ(operations["shift"], 2 * 8192);
  EXPECT_EQ(operations["adder"], 2 * 18432);
  EXPECT_EQ(result["totals"]["images"], 2);
  EXPECT_EQ(result["layers"].size(), 6u);
}

TEST(Result, SchedulesDoTheSameWorkInLessTime) {
  std::vector<std::uint64_t> cycles;
  std::string operations;
  for (const std::string schedule : {"sequential", "graph", "pipelined"}) {
    const Ran ran = chasm(quick_run_of("tiny", "toy_all_types",
                                       {"-o", "-", "--images", "4", "--schedule", schedule}));
    ASSERT_EQ(ran.code, 0) << ran.err;
    expect_conforms(ran.out, "result");
    const Json result = parsed(ran.out);
    const Json& totals = result["totals"];
    EXPECT_EQ(result["inputs"]["options"]["schedule"], schedule);
    EXPECT_GT(totals["steady_images_per_s"].get<double>(), 0);
    EXPECT_LE(totals["image_latency_s"].get<double>(), totals["latency_s"].get<double>());
    if (!operations.empty()) {
      EXPECT_EQ(totals["operations"].dump(), operations) << schedule;
    }
    operations = totals["operations"].dump();
    cycles.push_back(totals["cycles"].get<std::uint64_t>());
  }
  EXPECT_LE(cycles[1], cycles[0]);
  EXPECT_LT(cycles[2], cycles[0]);
}

TEST(Result, IsTheSameEveryTime) {
  const std::string first = without_host(chasm(run_of("tiny", "toy_all_types", {"-o", "-"})).out);
  EXPECT_EQ(first, without_host(chasm(run_of("tiny", "toy_all_types", {"-o", "-"})).out));
  EXPECT_EQ(first,
            without_host(chasm(run_of("tiny", "toy_all_types", {"-o", "-", "-j", "7"})).out));
}

TEST(Result, FunctionalModeChangesNoCycle) {
  const Json counted = parsed(chasm(run_of("tiny", "toy_mixed3", {"-o", "-"})).out);
  const Json computed =
      parsed(chasm(run_of("tiny", "toy_mixed3", {"-o", "-", "--functional"})).out);
  EXPECT_EQ(counted["totals"].dump(), computed["totals"].dump());
  EXPECT_EQ(counted["chunks"].dump(), computed["chunks"].dump());
}

TEST(Result, AFolderGetsFourFilesAndNoMore) {
  const TemporaryFolder folder;
  const Ran ran = chasm(run_of("tiny", "toy_mixed3", {"-o", folder / "a/b"}));
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(folder.content(),
            (std::vector<std::string>{"a", "a/b", "a/b/mapping.json", "a/b/report.html",
                                      "a/b/report.txt", "a/b/result.json"}));
  expect_conforms(text_of(folder / "a/b/result.json"), "result");
  expect_conforms(text_of(folder / "a/b/mapping.json"), "mapping");
  EXPECT_EQ(text_of(folder / "a/b/report.txt"), ran.out);
  const Ran check = chasm({"validate", folder / "a/b/result.json", folder / "a/b/mapping.json"});
  EXPECT_EQ(check.code, 0) << check.err;
  const std::string streamed = chasm(run_of("tiny", "toy_mixed3", {"-o", "-"})).out;
  EXPECT_EQ(without_host(text_of(folder / "a/b/result.json")), without_host(streamed));
}

TEST(Result, AMappingMayComeFromAFile) {
  const TemporaryFolder folder;
  const std::string m = folder / "m.json";
  const Ran map = chasm({"map", "-a", "tiny", "-w", "toy_mixed3", "-o", m});
  ASSERT_EQ(map.code, 0) << map.err;
  EXPECT_EQ(map.out, "");
  expect_conforms(text_of(m), "mapping");
  EXPECT_EQ(text_of(m), chasm({"map", "-a", "tiny", "-w", "toy_mixed3"}).out);
  const Json own = parsed(chasm(run_of("tiny", "toy_mixed3", {"-o", "-"})).out);
  const Json given = parsed(chasm(run_of("tiny", "toy_mixed3", {"-o", "-", "-m", m})).out);
  EXPECT_EQ(own["totals"].dump(), given["totals"].dump());
  EXPECT_EQ(own["inputs"]["mapping"].dump(), given["inputs"]["mapping"].dump());
}

TEST(Result, SaysWhatWasKeptOnChip) {
  const Ran ran = chasm(run_of("tiny", "toy_mixed3", {"-o", "-", "--keep-on-chip", "1500"}));
  expect_conforms(ran.out, "result");
  const Json result = parsed(ran.out);
  EXPECT_EQ(result["inputs"]["options"]["keep_on_chip_bytes"], 1500);
  std::size_t kept = 0;
  for (const Json& layer : result["layers"])
    for (const Json& operand : layer["kept"]) {
      const Json& words = layer["traffic_words"]["dram"][operand.get<std::string>()];
      EXPECT_EQ(words["reads"], 0) << layer["name"];
      EXPECT_EQ(words["writes"], 0) << layer["name"];
      ++kept;
    }
  EXPECT_GT(kept, 0U);
}

TEST(Result, ItsInputsRepeatTheRun) {
  const TemporaryFolder folder;
  const std::vector<std::string> options = {
      "-o", "-", "--set", "clock_mhz=400", "--set", "chunks.MUL.pe_array.rows=4"};
  const Json first = parsed(chasm(run_of("tiny", "toy_mixed3", options)).out);
  const Json& inputs = first["inputs"];
  EXPECT_EQ(inputs["architecture"]["clock_mhz"], 400);
  const std::string a = folder.file("a.json", inputs["architecture"].dump());
  const std::string w = folder.file("w.json", inputs["workload"].dump());
  const std::string m = folder.file("m.json", inputs["mapping"].dump());
  const Ran again = chasm(run_of(a, w, {"-o", "-", "-m", m}));
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(parsed(again.out)["totals"].dump(), first["totals"].dump());
}

}  // namespace
}  // namespace chasm
