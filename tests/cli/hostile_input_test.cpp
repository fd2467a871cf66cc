// Files made to hurt: texts without end, names that steer a terminal or a spreadsheet, too many of
// anything, networks that no memory holds.
#include <cmath>

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::chasm_on_terminal;
using testing_support::Ran;
using testing_support::TemporaryFolder;
using testing_support::text_of;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Json network() {
  return Json::parse(R"({"name":"n","inputs":[{"name":"image","shape":[4,8,8]}],"layers":[
    {"name":"conv","type":"conv2d","arithmetic":"multiply","inputs":["image"],"out_channels":8,
     "kernel":[3,3],"padding":[1,1]}]})");
}

Json architecture(const std::string& name) { return {{"extends", "tiny"}, {"name", name}}; }

// A text that is too long does not let anything else pass: not a missing list, name or arithmetic.
TEST(HostileInput, LongTextsHideNothing) {
  const TemporaryFolder folder;
  const std::string text(5000, 'A');
  std::vector<Json> networks;
  for (const char* key : {"inputs", "arithmetic", "name", "type", "kernel", "out_channels"}) {
    networks.push_back(network());
    networks.back()["notes"] = {text};
    networks.back()["layers"][0].erase(key);
  }
  for (const char* key : {"inputs", "layers", "name"}) {
    networks.push_back(network());
    networks.back()["name"] = text;
    networks.back().erase(key);
  }
  for (const char* key : {"inputs", "layers"}) {
    networks.push_back(network());
    networks.back()["notes"] = {text};
    networks.back()[key] = Json::array();
  }
  networks.push_back(network());
  networks.back()["layers"][0]["inputs"] = {text};
  networks.push_back(network());
  networks.back()["layers"][0][text] = 1;
  for (const Json& bad : networks) {
    const Ran ran = chasm({"validate", folder.file("n.json", bad.dump())});
    EXPECT_EQ(ran.code, 3) << ran.err.substr(0, 500);
    EXPECT_TRUE(ran.said("the longest allowed has 4096") || ran.said("missing key"));
  }
  for (const Json& bad :
       {Json{{"extends", "tiny"}, {"name", text}}, Json{{"chunks", 1}, {"name", text}},
        Json{{"layers", {{text, {{"chunk", "MUL"}}}}}},
        Json{{"layers", {{"conv", {{"chunk", text}}}}}},
        Json{{"schema", "chasm/constraints/1"}, {"layers", {{text, Json::object()}}}},
        Json{{"name", "s"}, {"base", {{"arch", text}, {"workload", 1}}}},
        Json{{"operations", text}, {"energy", 1}}, Json{{"timing", {{text, 1}}}},
        Json{{"schema", "chasm/result/1" + text}}}) {
    const Ran ran = chasm({"validate", folder.file("f.json", bad.dump())});
    EXPECT_EQ(ran.code, 3) << bad.dump().substr(0, 60) << ran.err.substr(0, 500);
    EXPECT_TRUE(ran.said("error: ")) << ran.err.substr(0, 500);
  }
}

TEST(HostileInput, NamesAreShownAndNotObeyed) {
  const TemporaryFolder folder;
  const std::string evil = "\033[2J\033]0;PWNED\007\u202ex";
  Json net = network();
  net["name"] = evil + "n";  // layers have names that files may have, too
  const std::string a = folder.file("a.json", architecture(evil).dump());
  const std::string n = folder.file("n.json", net.dump());
  const std::vector<std::string> run = {"run",      "-a",    a,          "-w", n,
                                        "--search", "quick", "--verify", "1"};
  std::vector<std::string> kept = run;
  kept.insert(kept.end(), {"-o", folder / "r"});
  const Ran first = chasm(kept);
  ASSERT_EQ(first.code, 0) << first.err;
  const std::vector<std::vector<std::string>> commands = {
      run,
      {"report", folder / "r"},
      {"report", folder / "r", "--roofline"},
      {"compare", folder / "r", folder / "r"},
      {"explain", "energy", folder / "r"},
      {"explain", "layer", "conv", folder / "r", "--no-repeat"},
      {"explain", "mapping", "conv", folder / "r"},
      {"explain", "layer", evil, folder / "r"},
      {"report", folder / "r", "--csv", "-"},
      {"report", folder / evil},
      {"validate", a, n},
      {"run", "-a", evil, "-w", evil}};
  for (const std::vector<std::string>& command : commands) {
    std::string text = chasm_on_terminal(command).out;
    for (const char* ours : {"\033[1m", "\033[2m", "\033[33m", "\033[0m", "\r\033[K"})
      for (std::size_t at; (at = text.find(ours)) != std::string::npos;)
        text.erase(at, std::string(ours).size());
    for (const char* part : {"\033", "\007", "\u202e"}) EXPECT_FALSE(has(text, part)) << text;
    const Ran piped = chasm(command);
    EXPECT_TRUE(command.back() == "-" || !has(piped.out + piped.err, "\033")) << command[0];
  }
  EXPECT_TRUE(has(text_of(folder / "r/report.txt"), "\\u001b[2J\\u001b]0;PWNED\\u0007\\u202ex"));
  EXPECT_FALSE(has(text_of(folder / "r/report.txt"), "\033"));
  // Documents hold the name itself.
  EXPECT_EQ(Json::parse(text_of(folder / "r/result.json"))["inputs"]["workload"]["name"],
            evil + "n");
}

TEST(HostileInput, TablesHoldNoFormulas) {
  const TemporaryFolder folder;
  folder.file("a.json", architecture("a").dump());
  folder.file("n.json", network().dump());
  const Json axis = {
      {"path", "arch.name"}, {"name", "=1+1"}, {"values", {"=2+3", "@SUM(1)", "-1", "+1"}}};
  const Json sweep = {{"name", "s"},
                      {"base", {{"arch", "a.json"}, {"workload", "n.json"}}},
                      {"axes", Json::array({axis})}};
  const Ran ran = chasm({"sweep", folder.file("s.json", sweep.dump()), "-o", folder / "sw"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const std::string table = text_of(folder / "sw/points.csv");
  for (const char* cell : {",'=1+1,", ",'=2+3,", ",'@SUM(1),", ",'-1,", ",'+1,"})
    EXPECT_TRUE(has(table, cell)) << cell << "\n" << table;
}

// What does not fit the DRAM is refused by every command that is given both, before any search.
TEST(HostileInput, NetworksThatNoDramHolds) {
  const TemporaryFolder folder;
  Json net = network();
  const auto sized = [&](std::uint64_t side) {
    net["inputs"][0]["shape"] = {1, side, side};
    net["layers"][0]["out_channels"] = 1;
    net["layers"][0]["kernel"] = {1, 1};
    net["layers"][0]["padding"] = {0, 0};
    return folder.file("n.json", net.dump());
  };
  const std::string mapping = folder / "m.json";
  const std::vector<std::string> quick = {"--search", "quick", "--verify", "1"};
  const auto code = [&](std::vector<std::string> words, const std::string& n) {
    words.insert(words.end(), {"-a", "nasa-45nm", "-w", n});
    const Ran ran = chasm(words);
    EXPECT_EQ(ran.code == 4, ran.said("/dram: error: ")) << ran.err;
    return ran.code;
  };
  std::string n = sized(200);
  EXPECT_EQ(code({"map", "--search", "quick", "--verify", "1", "-o", mapping}, n), 0);
  EXPECT_EQ(code({"validate", mapping}, n), 0);
  n = sized(40'000);
  EXPECT_EQ(code({"map", "--search", "quick", "--verify", "1"}, n), 4);
  EXPECT_EQ(code({"map"}, n), 4);
  EXPECT_EQ(code({"run"}, n), 4);
  Json large = Json::parse(text_of(mapping));
  large["layers"]["conv"] = {{"chunk", "CLP"},
                             {"dram", Json::parse(R"({"temporal":[["P",40000],["Q",40000]]})")}};
  folder.file("m.json", large.dump());
  EXPECT_EQ(code({"validate", mapping}, n), 4);
  EXPECT_EQ(code({"run", "-m", mapping}, n), 4);
  // Every image has tensors of its own.
  n = sized(2000);
  EXPECT_EQ(code({"run", "--images", "10000"}, n), 4);
}

TEST(HostileInput, ManyKeysTakeNoTimeAndFewLines) {
  const TemporaryFolder folder;
  std::string many;
  for (int i = 0; i < 50'000; ++i) many += ",\"key" + std::to_string(i) + "\":" + std::to_string(i);
  const std::string layer =
      R"({"name":"conv","type":"conv2d","arithmetic":"multiply","inputs":["image"])";
  for (const std::string& text :
       {R"({"name":"x","chunks":[])" + many + "}",
        R"({"name":"x","layers":[],"inputs":[])" + many + "}",
        R"({"name":"x","inputs":[{"name":"image","shape":[1,1,1]}],"layers":[)" + layer + many +
            "}]}"}) {
    const Ran ran = chasm({"validate", folder.file("f.json", text)});
    EXPECT_EQ(ran.code, 3);
    EXPECT_LT(ran.err.size(), 100'000u);
    EXPECT_TRUE(ran.said(" more\n")) << ran.err.substr(0, 1000);
  }
}

TEST(HostileInput, NamesOfNothingSayWhereToLookAndWhatIsNear) {
  const TemporaryFolder folder;
  const std::string sweep = folder.file(
      "s.json", R"({"name":"s","base":{"arch":"nasa-45","workload":"toy_mixd3"},"axes":[)"
                R"({"path":"arch.clock_mhz","values":[1]}]})");
  const std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> cases = {
      {{"run", "-a", "nasa-45", "-w", "toy"},
       {"neither a file \"nasa-45\" nor", "chasm list archs", "\"nasa-45nm\"", "\"toy_mixed3\"",
        "chasm list nets"}},
      {{"sweep", "nasa-buffer"}, {"chasm list sweeps", "nasa-buffer-size"}},
      {{"dram", "-c", "DDR4", "x.csv"}, {"chasm list drams", "DDR4-2400", "DDR4-3200"}},
      {{"run", "-a", "tiny", "-w", "toy_mixed3", "--set", "energy_table=cmos45"},
       {"chasm list energy-tables", "cmos45-physical"}},
      {{"sweep", sweep}, {"\"nasa-45nm\"", "\"toy_mixed3\""}},
      {{"run", "-a", "nasa-45nm.json", "-w", "toy_mixed3"},
       {"did you mean the architecture \"nasa-45nm\""}}};
  for (const auto& [words, parts] : cases) {
    const Ran ran = chasm(words);
    EXPECT_EQ(ran.code, 3) << ran.err;
    for (const std::string& part : parts) EXPECT_TRUE(ran.said(part)) << part << "\n" << ran.err;
  }
}

// Every bandwidth that the schema allows is one number to the model, its laws and the report.
TEST(Bandwidth, IsOneNumberEverywhere) {
  const TemporaryFolder folder;
  const std::string n = folder.file("n.json", network().dump());
  for (const std::string bandwidth :
       {"0.001", "0.0010070800781", "0.01", "0.3", "1", "25.6", "65536"}) {
    const Ran ran =
        chasm({"run", "-a", "tiny", "-w", n, "--search", "quick", "--verify", "1", "--set",
               "dram.bandwidth_bytes_per_cycle=" + bandwidth, "-o", folder / "r"});
    ASSERT_EQ(ran.code, 0) << bandwidth << ran.err;
    const Json dram = Json::parse(text_of(folder / "r/result.json"))["totals"]["dram"];
    const double peak = dram["peak_bytes_per_cycle"].get<double>();
    EXPECT_EQ(peak * 65536, std::round(std::stod(bandwidth) * 65536)) << bandwidth;
    EXPECT_EQ(has(ran.out, "; the link moves "), peak != std::stod(bandwidth)) << ran.out;
    const Ran explained = chasm({"report", folder / "r", "--roofline"});
    EXPECT_EQ(explained.code, 0) << explained.err;
  }
}

}  // namespace
}  // namespace chasm
