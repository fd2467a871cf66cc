// chasm dram as users meet it: what it prints, and what it says of files that are wrong.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::Ran;
using testing_support::shell;
using testing_support::TemporaryFolder;
using testing_support::text_of;

// Replays a trace, which must be refused with the text.
void expect_refused(const std::string& trace, const std::string& text) {
  const TemporaryFolder folder;
  const Ran ran = chasm({"dram", "--config", "DDR4-2400", folder.file("trace.csv", trace), "-o",
                         folder / "out.json", "--command-trace", folder / "commands.csv"});
  EXPECT_EQ(ran.code, 3) << ran.err;
  EXPECT_TRUE(ran.said("trace.csv: " + text)) << ran.err << "does not say: " << text;
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(folder.content(), std::vector<std::string>{"trace.csv"});
}

TEST(Dram, PrintsTheDocumentedKeys) {
  const TemporaryFolder folder;
  const std::string trace = folder.file("trace.csv", "0,R,0x40\n4,W,80\r\n1000,R,0x0\n");
  const Ran ran = chasm({"dram", "--config", "DDR4-2400", trace, "-o", "-"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json["reads"], 2);
  EXPECT_EQ(json["writes"], 1);
  EXPECT_EQ(json["cycles"], 1036);
  EXPECT_EQ(json["read_latency_cycles"]["mean"], 36);
  EXPECT_EQ(json["read_latency_cycles"]["p95"], 36);
  EXPECT_EQ(json["read_latency_cycles"]["max"], 36);
  EXPECT_EQ(json["row_hit_rate"], 0);
  EXPECT_NEAR(json["bandwidth_gb_per_s"].get<double>(), 3 * 64 * 1.2 / 1036, 1e-12);
  EXPECT_GT(json["energy_pj"].get<double>(), 0);
  EXPECT_EQ(json["data_bus_cycles"]["busy"], 12);
  const Ran text = chasm({"dram", "--config", "DDR4-2400", trace});
  EXPECT_EQ(text.code, 0);
  EXPECT_NE(text.out.find("row hits"), std::string::npos);
}

TEST(Dram, WritesEveryCommand) {
  const TemporaryFolder folder;
  const std::string trace = folder.file("trace.csv", "0,R,0x0\n1000,W,0x0\n9400,R,0x0\n");
  const Ran ran =
      chasm({"dram", "--config", "ddr4_M1", trace, "--command-trace", folder / "commands.csv"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(text_of(folder / "commands.csv"),
            "cycle,command,bank_group,bank,row,burst,rank,channel\n"
            "0,ACT,0,0,0,0,0,0\n16,RD,0,0,0,0,0,0\n1000,WR,0,0,0,0,0,0\n"
            "9363,PREA,0,0,0,0,0,0\n9379,REF,0,0,0,0,0,0\n"
            "9800,ACT,0,0,0,0,0,0\n9816,RD,0,0,0,0,0,0\n");
}

TEST(Dram, ReadsWhatARunExports) {
  const TemporaryFolder folder;
  const Ran run =
      chasm({"run", "-a", "tiny", "-w", "toy_mixed3", "--set", "dram.standard=LPDDR4-3200",
             "--trace", "dram=" + (folder / "t.csv"), "-o", "-"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto result = nlohmann::json::parse(run.out);
  ASSERT_EQ(shell("gzip t.csv", folder.path()).code, 0);
  const Ran replay = chasm({"dram", "--config", "LPDDR4-3200", folder / "t.csv.gz", "-o", "-"});
  ASSERT_EQ(replay.code, 0) << replay.err;
  const auto json = nlohmann::json::parse(replay.out);
  const auto& dram = result["totals"]["dram"];
  EXPECT_EQ((json["reads"].get<int>()) * 64, dram["read_bytes"]);
  EXPECT_EQ((json["writes"].get<int>()) * 64, dram["write_bytes"]);
  EXPECT_NEAR(json["row_hit_rate"].get<double>(), dram["row_hit_rate"].get<double>(), 1e-9);
  EXPECT_EQ(json["data_bus_cycles"]["busy"], dram["data_bus_cycles"]["busy"]);
}

TEST(Dram, TracesThatAreWrongNameLineAndReason) {
  expect_refused("5,R,0x40\n4,R,0x80\n",
                 "line 2: error: cycle 4 comes after cycle 5: requests must be in order");
  expect_refused("0,R,0x40\n1,X,0x80\n", "line 2: error: \"X\" is neither R nor W");
  expect_refused("0,R,hello\n", "line 1: error: \"hello\" is no hexadecimal address");
  expect_refused("0,R,0x41\n", "line 1: error: the address 0x41 is no multiple of 64");
  expect_refused("0,R,0x200000000\n", "line 1: error: the address 0x200000000 lies beyond");
  expect_refused("0,R\n", "line 1: error: \"0,R\" has not the three columns");
  expect_refused("0,R,0x40,7\n", "line 1: error: \"0,R,0x40,7\" has not the three columns");
  expect_refused("-1,R,0x40\n", "line 1: error: \"-1\" is no cycle");
  expect_refused("99999999999999999999999,R,0x40\n", "line 1: error: ");
  expect_refused("\n0,R,0x40\n", "line 1: error: the line is empty");
  expect_refused("", "error: the trace holds no request");
  expect_refused(std::string("\x7f"
                             "ELF\x01\x02\0\0\xff",
                             9),
                 "line 1: error: this is no text");
  expect_refused(std::string(100000, 'x'), "line 1: error: the line is too long");
  expect_refused("\x1f\x8b\x08", "error: cannot read the trace: ");
  std::string many;
  for (int i = 0; i < 50; ++i) many += "x,R,0\n";
  expect_refused(many, "error: 30 more lines like these");
}

TEST(Dram, DamagedGzipIsRefused) {
  const TemporaryFolder folder;
  ASSERT_EQ(shell("for i in $(seq 3000); do echo \"$i,R,0x${i}00\"; done > a.csv; gzip -k a.csv; "
                  "head -c 4000 a.csv.gz > short.csv.gz; "
                  "{ head -c 3000 a.csv.gz; head -c 4000 /dev/zero; } > bad.csv.gz",
                  folder.path())
                .code,
            0);
  EXPECT_EQ(chasm({"dram", "--config", "DDR4-2400", folder / "a.csv.gz"}).code, 0);
  for (const char* name : {"short.csv.gz", "bad.csv.gz"}) {
    const Ran ran = chasm({"dram", "--config", "DDR4-2400", folder / name});
    EXPECT_EQ(ran.code, 3) << name;
    EXPECT_TRUE(ran.said("cannot read the trace") || ran.said("line ")) << ran.err;
  }
  const Ran missing = chasm({"dram", "--config", "DDR4-2400", folder / "none.csv"});
  EXPECT_EQ(missing.code, 3);
  EXPECT_TRUE(missing.said("No such file"));
  EXPECT_EQ(chasm({"dram", "--config", "DDR4-2400", folder.path()}).code, 3);
}

TEST(Dram, ConfigurationsAreFilesToo) {
  const TemporaryFolder folder;
  const std::string trace = folder.file("t.csv", "0,R,0x40\n");
  const std::string slow = folder.file(
      "slow.json",
      R"({"extends":"DDR4-2400","name":"slow","timing":{"nRCD":26,"nRAS":40,"nRC":56}})");
  const Ran ran = chasm({"dram", "--config", slow, trace, "-o", "-"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(nlohmann::json::parse(ran.out)["cycles"], 46);
  EXPECT_EQ(chasm({"validate", slow}).out, slow + ": ok (DRAM, 1 channel)\n");
  const std::string circle = folder.file("circle.json", R"({"extends":"circle.json","name":"x"})");
  for (const std::string& bad : {circle, folder.file("a.json", "[]"), folder.file("b.json", "{"),
                                 folder.file("c.json", "")}) {
    const Ran refused = chasm({"dram", "--config", bad, trace});
    EXPECT_EQ(refused.code, 3) << bad << refused.err;
    EXPECT_FALSE(refused.said("internal error"));
  }
  for (const char* set : {"timing.nRC=10", "mapping=RoRo", "organisation.rows=1000", "no.such=1",
                          "timing=7", "clock_mhz=-1", "timing.nRCD=1e300", "power.rails=[]"}) {
    const Ran refused = chasm({"dram", "--config", "DDR4-2400", "--set", set, trace});
    EXPECT_EQ(refused.code, 3) << set;
    EXPECT_TRUE(refused.said("--set: ")) << refused.err;
  }
  EXPECT_EQ(chasm({"dram", trace}).code, 2);
  EXPECT_EQ(chasm({"dram", "--config", "DDR4-2400"}).code, 2);
  EXPECT_EQ(chasm({"dram", "--config", "DDR4-2400", "--set", "x", trace}).code, 2);
}

TEST(Dram, ArchitecturesNameTheirMemorysFaults) {
  const auto refused = [](const std::string& set, const std::string& text) {
    const Ran ran = chasm({"run", "-a", "tiny", "-w", "toy_mixed3", "--set",
                           "dram.standard=DDR4-2400", "--set", set});
    EXPECT_EQ(ran.code, 3) << ran.err;
    EXPECT_TRUE(ran.said(text)) << ran.err;
  };
  refused("dram.channels=3", "/dram/channels: error: 3 is no power of two");
  refused("dram.mapping=RoBa", "/dram/mapping: error: ");
  refused("dram.refresh=per-bank", "/dram/refresh: error: ");
  refused("clock_mhz=933.333", "/clock_mhz: error: ");
  refused("dram.ranks=8", "at most 64");
}

}  // namespace
}  // namespace chasm
