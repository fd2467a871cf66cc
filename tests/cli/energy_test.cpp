// Energy from a user's table to the report: what a table charges for is counted and shown, what it
// lacks or nobody uses is an error, and gating zeros saves energy but no cycle.
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
  const auto document = parse_json(text, "text", problems);
  EXPECT_TRUE(document) << problems.to_string() << text.substr(0, 500);
  return document ? document->root : Json();
}

Json shown(const std::string& name) { return parsed(chasm({"show", name}).out); }

// Energies stand in the entries as a value, or as the second number of points.
void scale(Json& entry, double factor) {
  for (auto& [key, value] : entry.items()) {
    if (value.is_object() || key == "ports") {
      scale(value, factor);
    } else if (key.find("by_") != std::string::npos) {
      for (Json& point : value) point[1] = point[1].get<double>() * factor;
    } else if (value.is_number() && key != "bits" && key != "word_bits") {
      value = value.get<double>() * factor;
    }
  }
}

class UsersTable : public testing::Test {
 protected:
  Ran run(const Json& table, const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"run",
                                      "-a",
                                      "tiny",
                                      "-w",
                                      "toy_mixed3",
                                      "--set",
                                      "energy_table=" + folder_.file("table.json", table.dump())};
    words.insert(words.end(), more.begin(), more.end());
    return chasm(words);
  }
  Json result(const Json& table, const std::string& name,
              const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"-o", folder_ / name};
    words.insert(words.end(), more.begin(), more.end());
    const Ran ran = run(table, words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return parsed(text_of(folder_ / name + "/result.json"));
  }

  const TemporaryFolder folder_;
  Json table_ = shown("cmos45-physical");
};

TEST_F(UsersTable, ClockIsCountedShownAndSummed) {
  table_["energy"]["clock"]["per_pe"] = 0.75;
  table_["energy"]["clock"]["fixed"] = 3;
  table_["energy"]["clock"]["source"] = "our own layout";
  const Json run = result(table_, "r");
  const auto cycles = run["totals"]["cycles"].get<std::uint64_t>();
  double sum = 0;
  int clocks = 0;
  for (const Json& line : run["energy"]) {
    sum += line["total_pj"].get<double>();
    const std::string component = line["component"];
    if (component.find("clock") == std::string::npos) continue;
    ++clocks;
    EXPECT_NE(line["source"].get<std::string>().find("our own layout"), std::string::npos);
    for (const Json& chunk : run["chunks"])
      if (component == chunk["name"].get<std::string>() + ".clock") {
        EXPECT_EQ(line["count"], cycles * chunk["pes"].get<std::uint64_t>());
      }
    if (component == "clock") {
      EXPECT_EQ(line["count"], cycles);
      EXPECT_EQ(line["total_pj"], 3.0 * static_cast<double>(cycles));
    }
  }
  EXPECT_EQ(clocks, 5) << "four chunks and the rest";
  EXPECT_EQ(run["totals"]["energy_j"].get<double>(), sum * 1e-12);
  const Ran explained = chasm({"explain", "energy", "MUL.clock", folder_ / "r"});
  EXPECT_NE(explained.out.find("pe_cycle"), std::string::npos) << explained.out;
  EXPECT_NE(explained.out.find("our own layout"), std::string::npos) << explained.out;
  EXPECT_NE(chasm({"explain", "energy", "clock", folder_ / "r"}).out.find("cycle"),
            std::string::npos);
  EXPECT_EQ(chasm({"report", folder_ / "r", "--csv", folder_ / "csv"}).code, 0);
  EXPECT_NE(text_of(folder_ / "csv/energy.csv").find("MUL.clock,pe_cycle,"), std::string::npos);
  EXPECT_NE(text_of(folder_ / "r/report.html").find("MUL.clock"), std::string::npos);
  EXPECT_NE(text_of(folder_ / "r/report.txt").find("clock"), std::string::npos);
}

TEST_F(UsersTable, TwiceTheUnitsAreTwiceTheJoulesOfTheSameRun) {
  table_["energy"]["clock"]["per_pe"] = 0.75;
  const Json once = result(table_, "once");
  scale(table_["energy"], 2);
  const Json twice = result(table_, "twice", {"-m", folder_ / "once/mapping.json"});
  EXPECT_EQ(once["totals"]["cycles"], twice["totals"]["cycles"]);
  ASSERT_EQ(once["energy"].size(), twice["energy"].size());
  for (std::size_t i = 0; i < once["energy"].size(); ++i) {
    EXPECT_EQ(once["energy"][i]["count"], twice["energy"][i]["count"]);
    EXPECT_EQ(2 * once["energy"][i]["total_pj"].get<double>(),
              twice["energy"][i]["total_pj"].get<double>())
        << once["energy"][i].dump();
  }
  for (std::size_t i = 0; i < once["layers"].size(); ++i)
    EXPECT_EQ(2 * once["layers"][i]["energy_pj"].get<double>(),
              twice["layers"][i]["energy_pj"].get<double>());
  EXPECT_EQ(once["totals"]["area_mm2"], twice["totals"]["area_mm2"]);
}

TEST_F(UsersTable, MissingAndUnusedEntriesAreErrors) {
  const auto refused = [&](const Json& table, const std::string& why) {
    const Ran ran = run(table, {"-o", folder_ / "refused"});
    EXPECT_EQ(ran.code, 3) << ran.out;
    EXPECT_TRUE(ran.said(why)) << ran.err;
  };
  Json missing = table_;
  missing["energy"].erase("clock");
  refused(missing, "/energy: error: ");
  Json no_dram = table_;
  no_dram["energy"]["dram"].erase("ideal");
  refused(no_dram, "the table has no energy of the DRAM \"ideal\"");
  Json no_adder = table_;
  no_adder["operations"].erase("adder");
  refused(no_adder, "the table has no energy of the PEs of chunk \"ADD\"");
  Json unused = table_;
  unused["operations"].erase("shift");
  refused(unused, "/energy/datapath/shift: error: no operation uses this entry");
}

// What is kept of a search belongs to the contents of a table, not to its path.
TEST_F(UsersTable, ACacheKnowsTheTableByItsContents) {
  const auto mapped = [&](const Json& table, const std::string& cache) {
    const Ran ran = chasm({"map", "-a", "tiny", "-w", "toy_mixed3", "--objective", "energy",
                           "--budget", "500", "--cache", cache, "--set",
                           "energy_table=" + folder_.file("table.json", table.dump())});
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.out;
  };
  Json other = table_;
  other["energy"]["register_file"]["read_by_words"] = {{1, 500}};
  other["energy"]["dram"]["ideal"]["read"] = other["energy"]["dram"]["ideal"]["write"] = 0;
  other["energy"]["bus"]["per_bit"] = 0;
  const std::string one = mapped(table_, "off"), two = mapped(other, "off");
  EXPECT_NE(one, two);
  EXPECT_EQ(mapped(table_, folder_ / "cache"), one);
  EXPECT_EQ(mapped(other, folder_ / "cache"), two);
  EXPECT_EQ(mapped(table_, folder_ / "cache"), one);
}

// A layer's own lines add up to what the layer is said to spend.
TEST_F(UsersTable, ALayerIsExplainedToTheLastLine) {
  const Json run = result(table_, "r");
  const std::string name = run["layers"][0]["name"];
  const Ran explained = chasm({"explain", "layer", name, folder_ / "r", "--no-repeat"});
  EXPECT_EQ(explained.code, 0) << explained.err;
  EXPECT_NE(explained.out.find("\n" + name + " "), std::string::npos);
  EXPECT_NE(explained.out.find(" 100.0%"), std::string::npos) << explained.out;
  const Ran area = chasm({"explain", "area", folder_ / "r"});
  EXPECT_EQ(area.code, 0) << area.err;
  for (const char* part : {"MUL.pe", "SHF.register_file", "global_buffer"})
    EXPECT_NE(area.out.find(part), std::string::npos) << area.out;
  double mm2 = 0;
  for (const Json& line : run["area"]) mm2 += line["mm2"].get<double>();
  EXPECT_EQ(run["totals"]["area_mm2"].get<double>(), mm2);
  EXPECT_EQ(chasm({"explain", "area", "MUL", folder_ / "r"}).code, 2);
}

TEST_F(UsersTable, GatedZerosCostNoCycleAndNoMultiplication) {
  Json net = shown("toy_mixed3");
  const std::string image = net["inputs"][0]["name"], first = net["layers"][0]["name"];
  const auto gated_run = [&](double zeros, const std::string& name, const char* gating) {
    net["zeros"] = {{image, zeros}};
    const std::string file = folder_.file("net.json", net.dump());
    std::vector<std::string> words = {
        "run",          "-a",    "tiny",
        "-w",           file,    "-o",
        folder_ / name, "--set", std::string("chunks.MUL.zero_gating=") + gating};
    if (name != "plain") words.insert(words.end(), {"-m", folder_ / "plain/mapping.json"});
    const Ran ran = chasm(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return parsed(text_of(folder_ / name + "/result.json"));
  };
  const Json plain = gated_run(0.25, "plain", "false");
  ASSERT_EQ(plain["layers"][0]["arithmetic"], "multiply");
  const auto operations = plain["layers"][0]["operations"].get<std::uint64_t>();
  const auto expect = [&](double zeros, const std::string& name, std::uint64_t gated) {
    const Json run = gated_run(zeros, name, "true");
    const Json& layer = run["layers"][0];
    EXPECT_EQ(run["totals"]["cycles"], plain["totals"]["cycles"]);
    EXPECT_EQ(run["totals"]["operations"], plain["totals"]["operations"]);
    EXPECT_EQ(layer["gated_operations"], gated);
    const Json &rf = layer["traffic_words"]["rf"], &was = plain["layers"][0]["traffic_words"]["rf"];
    EXPECT_EQ(rf["weight"]["reads"].get<std::uint64_t>() + gated,
              was["weight"]["reads"].get<std::uint64_t>());
    EXPECT_EQ(rf["input"], was["input"]);
    EXPECT_EQ(rf["output"], was["output"]);
    const double pe = layer["energy_by_part_pj"]["pe"],
                 pe_was = plain["layers"][0]["energy_by_part_pj"]["pe"];
    EXPECT_NEAR(pe,
                pe_was * static_cast<double>(operations - gated) / static_cast<double>(operations),
                1e-9 * pe_was);
    if (gated == operations) {
      EXPECT_EQ(pe, 0);
    }
    if (gated == 0) {
      EXPECT_EQ(run["energy"], plain["energy"]);
    }
  };
  expect(0, "none", 0);
  expect(0.25, "quarter", operations / 4);
  expect(1, "all", operations);
  const Ran explained = chasm({"explain", "layer", first, folder_ / "quarter", "--no-repeat"});
  EXPECT_NE(explained.out.find("gated: their input is zero"), std::string::npos) << explained.out;
  EXPECT_NE(text_of(folder_ / "quarter/report.txt").find("gated "), std::string::npos);
}

}  // namespace
}  // namespace chasm
