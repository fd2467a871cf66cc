// Tables as files: what ships, and a table of faults.
#include "models/energy/energy_table.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "base/json.h"

namespace chasm {
namespace {

Json shipped(const std::string& name) {
  Diagnostics diagnostics;
  return parse_json(energy_table_text(name), name, diagnostics)->root;
}

TEST(EnergyTables, AreTheAgreedOnes) {
  EXPECT_EQ(energy_table_names(),
            (std::vector<std::string>{"cmos45-physical", "paper-normalised"}));
  for (const std::string& name : energy_table_names()) {
    Diagnostics diagnostics;
    const auto table = load_energy_table(name, diagnostics);
    ASSERT_TRUE(table) << diagnostics.to_string();
    EXPECT_EQ(table->name(), name);
    EXPECT_FALSE(table->description().empty());
  }
}

TEST(EnergyTables, EveryEntryNamesNodeUnitAndSource) {
  const std::function<std::size_t(const Json&)> entries = [&](const Json& at) -> std::size_t {
    if (!at.is_object()) return 0;
    if (at.contains("unit") && at.contains("source")) {
      EXPECT_FALSE(at.at("source").get<std::string>().empty());
      EXPECT_FALSE(at.at("node").get<std::string>().empty());
      return 1;
    }
    std::size_t count = 0;
    bool numbers = false;
    for (const auto& [key, value] : at.items()) {
      count += entries(value);
      numbers = numbers || value.is_number();
    }
    EXPECT_FALSE(numbers) << "a bare number in " << at.dump();
    return count;
  };
  for (const std::string& name : energy_table_names()) {
    const Json root = shipped(name);
    EXPECT_GE(entries(root.at("energy")), 10U);
    if (root.contains("area")) {
      EXPECT_EQ(entries(root.at("area")), 5U);
    }
  }
}

TEST(EnergyTables, UnknownNamesGetASuggestion) {
  Diagnostics diagnostics;
  EXPECT_FALSE(load_energy_table("cmos45-fysical", diagnostics));
  EXPECT_NE(diagnostics.to_string().find("did you mean \"cmos45-physical\"?"), std::string::npos);
  EXPECT_FALSE(load_energy_table("no/such.json", diagnostics));
  EXPECT_FALSE(load_energy_table("", diagnostics));
  EXPECT_EQ(diagnostics.error_count(), 3U);
}

struct Fault {
  const char* what;
  std::function<void(Json&)> plant;
  const char* expected;
};

class EnergyTableFault : public testing::TestWithParam<Fault> {};

TEST_P(EnergyTableFault, IsReportedAtItsPlace) {
  Json root = shipped("cmos45-physical");
  GetParam().plant(root);
  const auto path = std::filesystem::temp_directory_path() /
                    (std::string("chasm_energy_") + GetParam().what + ".json");
  std::ofstream(path) << root.dump();
  Diagnostics diagnostics;
  EXPECT_FALSE(load_energy_table(path.string(), diagnostics));
  std::filesystem::remove(path);
  EXPECT_NE(diagnostics.to_string().find(GetParam().expected), std::string::npos)
      << diagnostics.to_string();
}

INSTANTIATE_TEST_SUITE_P(
    All, EnergyTableFault,
    testing::Values(
        Fault{"unknown_key", [](Json& j) { j["energy"]["buss"] = 1; }, "did you mean \"bus\"?"},
        Fault{"missing_entry", [](Json& j) { j["energy"].erase("neighbour"); }, "neighbour"},
        Fault{"missing_clock", [](Json& j) { j["energy"].erase("clock"); }, "clock"},
        Fault{"negative_clock", [](Json& j) { j["energy"]["clock"]["per_pe"] = -0.1; },
              "/energy/clock/per_pe"},
        Fault{"missing_source", [](Json& j) { j["energy"]["bus"].erase("source"); }, "source"},
        Fault{"empty_source", [](Json& j) { j["energy"]["bus"]["source"] = ""; },
              "/energy/bus/source"},
        Fault{"missing_node", [](Json& j) { j["energy"]["bus"].erase("node"); }, "node"},
        Fault{"wrong_unit", [](Json& j) { j["energy"]["bus"]["unit"] = "nJ"; }, "/energy/bus/unit"},
        Fault{"negative", [](Json& j) { j["energy"]["bus"]["per_bit"] = -1; },
              "/energy/bus/per_bit"},
        Fault{"huge", [](Json& j) { j["energy"]["bus"]["per_bit"] = 1e300; },
              "/energy/bus/per_bit"},
        Fault{"uncharacterised", [](Json& j) { j["energy"]["datapath"].erase("shift"); },
              "/operations/shift/0/unit: error: uses \"shift\", but there is no entry"},
        Fault{"unused",
              [](Json& j) {
                j["operations"].erase("shift");
                j.erase("area");
              },
              "/energy/datapath/shift: error: no operation uses this entry"},
        Fault{"area_missing", [](Json& j) { j["area"]["datapath"].erase("multiply"); },
              "uses \"multiply\", but there is no entry /area/datapath/multiply"},
        Fault{"area_unused",
              [](Json& j) {
                j["operations"].erase("shift");
                j["energy"]["datapath"].erase("shift");
              },
              "/area/datapath/shift: error: no operation uses this entry"},
        Fault{"unknown_dram",
              [](Json& j) { j["energy"]["dram"]["DDR9"] = j["energy"]["dram"]["ideal"]; },
              "/energy/dram: error: unknown key \"DDR9\""},
        Fault{"descending",
              [](Json& j) {
                auto& points = j["energy"]["datapath"]["add"]["by_bits"];
                std::swap(points[1], points[2]);
              },
              "/energy/datapath/add/by_bits/2: error: 8 does not lie above 32"},
        Fault{"power_at_zero",
              [](Json& j) { j["energy"]["global_buffer"]["ports"][0]["read_by_kib"][0][0] = 0; },
              "must be above 0"},
        Fault{"ports_descend",
              [](Json& j) { j["energy"]["global_buffer"]["ports"][1]["bits"] = 8; },
              "/energy/global_buffer/ports/1/bits"},
        Fault{"no_points",
              [](Json& j) { j["energy"]["register_file"]["read_by_words"] = Json::array(); },
              "/energy/register_file/read_by_words"}),
    [](const auto& test) { return std::string(test.param.what); });

TEST(EnergyTables, WhatATableLeavesOutCannotBeLookedUp) {
  Json root = shipped("cmos45-physical");
  root["operations"].erase("adder");
  root["energy"]["dram"].erase("ideal");
  root.erase("area");
  const auto path = std::filesystem::temp_directory_path() / "chasm_energy_partial.json";
  std::ofstream(path) << root.dump();
  Diagnostics diagnostics;
  const auto table = load_energy_table(path.string(), diagnostics);
  std::filesystem::remove(path);
  ASSERT_TRUE(table) << diagnostics.to_string();
  EXPECT_FALSE(table->pe_operation(PeOperation::adder, 8, 16));
  EXPECT_FALSE(table->dram_read_bit("ideal"));
  EXPECT_FALSE(table->dram_write_bit("nothing"));
  EXPECT_FALSE(table->buffer_area({1024, 1, 8}));
  EXPECT_FALSE(table->pe_datapath_area(PeOperation::multiply, 8, 16));
}

}  // namespace
}  // namespace chasm
