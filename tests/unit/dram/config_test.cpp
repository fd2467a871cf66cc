// DRAM configurations: what ships, what can be changed, and what is refused.
#include <gtest/gtest.h>

#include "models/memory/dram/dram_config.h"

namespace chasm {
namespace {

std::string problems_of(const std::string& changes, const std::string& name = "DDR4-2400") {
  Diagnostics problems;
  const auto config = load_dram(name, Json::parse(changes), "changed", problems);
  EXPECT_EQ(config.has_value(), problems.ok());
  return problems.to_string();
}

void expect_refused(const std::string& changes, const std::string& text) {
  const std::string problems = problems_of(changes);
  EXPECT_NE(problems.find(text), std::string::npos) << problems << "does not say: " << text;
}

TEST(DramConfig, EveryShippedOneIsRight) {
  EXPECT_GE(dram_names().size(), 6U);
  for (const std::string& name : dram_names()) EXPECT_EQ(problems_of("{}", name), "") << name;
}

TEST(DramConfig, EveryValueNamesItsSource) {
  for (const std::string& name : dram_names()) {
    const Json root = Json::parse(dram_text(name));
    if (root.contains("extends")) continue;
    for (const auto& [key, value] : root.at("timing").items()) {
      ASSERT_TRUE(value.is_object()) << name << " " << key;
      EXPECT_FALSE(value.at("source").get<std::string>().empty()) << name << " " << key;
    }
    EXPECT_FALSE(root.at("organisation").at("source").get<std::string>().empty());
    for (const Json& rail : root.at("power").at("rails"))
      EXPECT_FALSE(rail.at("source").get<std::string>().empty()) << name;
    EXPECT_FALSE(root.at("power").at("io_read_pj_per_bit").at("source").get<std::string>().empty());
  }
}

TEST(DramConfig, ChangesAreMerged) {
  Diagnostics problems;
  const auto config =
      load_dram("LPDDR4-3200",
                Json::parse(R"({"timing":{"nRCD":40,"nDQSCK":0},"command_cycles":{"activate":1},
                                "controller":{"page_policy":"closed"}})"),
                "", problems);
  ASSERT_TRUE(config) << problems.to_string();
  EXPECT_EQ(config->timing.nRCD, 40U);
  EXPECT_EQ(config->timing.nRCDWR, 40U);  // follows, where it is not given
  EXPECT_EQ(config->timing.nDQSCK, 0U);
  EXPECT_EQ(config->timing.nRP, 29U);
  EXPECT_EQ(config->command_cycles.activate, 1U);
  EXPECT_EQ(config->command_cycles.column, 4U);
  EXPECT_EQ(config->controller.page_policy, DramPagePolicy::closed);
}

TEST(DramConfig, ConstraintsThatCannotHoldAreNamed) {
  expect_refused(R"({"timing":{"nRC":54}})",
                 "/timing/nRC: error: nRC = 54 cycles is less than nRAS + nRP = 55");
  expect_refused(R"({"timing":{"nRAS":15,"nRC":60}})", "less than nRCD = 16");
  expect_refused(R"({"timing":{"nCCD_S":3}})", "less than nBL = 4");
  expect_refused(R"({"timing":{"nCCD_L":3}})", "less than nCCD_S = 4");
  expect_refused(R"({"timing":{"nWTR_L":2}})", "less than nWTR_S = 3");
  expect_refused(R"({"timing":{"nFAW":3}})", "less than nRRD_S = 4");
  expect_refused(R"({"timing":{"nRRD_L":3}})", "less than nRRD_S = 4");
  expect_refused(R"({"timing":{"nREFI":400}})", "leave no time for anything else");
  expect_refused(R"({"controller":{"refresh":"per-bank"}})", "has no per-bank refresh");
  expect_refused(R"({"controller":{"write_high":40}})", "more than /controller/write_queue = 32");
  expect_refused(R"({"controller":{"write_low":26}})", "is not below /controller/write_high = 26");
}

TEST(DramConfig, SizesArePowersOfTwoThatMakeALine) {
  expect_refused(R"({"organisation":{"rows":65535}})",
                 "/organisation/rows: error: 65535 is no power");
  expect_refused(R"({"organisation":{"ranks":3}})", "/organisation/ranks: error: 3 is no power");
  expect_refused(R"({"organisation":{"ranks":8}})", "128 banks a channel; at most 64");
  expect_refused(R"({"organisation":{"bus_bits":32}})", "it must be one 64-byte line");
  expect_refused(R"({"organisation":{"columns":4}})", "shorter than a burst of 8");
}

TEST(DramConfig, MappingsThatOverlapOrMissBitsAreNamed) {
  expect_refused(R"({"mapping":"RoBaCo"})", "lacks Bg (bank_group), which has 2 bits");
  expect_refused(R"({"mapping":"RoBaBgCoBa"})", "has Ba twice");
  expect_refused(R"({"mapping":"RoBaBgXx"})", "\"Xx\" is no field");
  expect_refused(R"({"mapping":"RoBaBgCoC"})", "is no field");
  const std::string rows = R"("row":[17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32])";
  expect_refused(R"({"mapping":{)" + rows +
                     R"(,"bank":[15,16],"bank_group":[6,15],"column":[8,9,10,11,12,13,14]}})",
                 "/mapping/bank_group/1: error: address bit 15 is already at /mapping/bank/0");
  expect_refused(R"({"mapping":{)" + rows +
                     R"(,"bank":[15,16],"bank_group":[6,15],"column":[8,9,10,11,12,13,14]}})",
                 "address bits 7 are in no field");
  expect_refused(R"({"mapping":{)" + rows +
                     R"(,"bank":[15,16],"bank_group":[5,33],"column":[8,9,10,11,12,13,14]}})",
                 "address bit 33 is not one of 6 to 32");
}

TEST(DramConfig, UnknownNamesAndKeysGetDidYouMean) {
  EXPECT_NE(problems_of("{}", "DDR4-2401").find("did you mean \"DDR4-2400\"?"), std::string::npos);
  expect_refused(R"({"timing":{"nRCDD":3}})", "did you mean \"nRCD\"?");
  expect_refused(R"({"controller":{"page_policy":"opne"}})", "/controller/page_policy");
}

}  // namespace
}  // namespace chasm
