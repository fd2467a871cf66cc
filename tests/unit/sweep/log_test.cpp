#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/error.h"
#include "sim/sweep/sweep_log.h"
#include "tests/unit/sweep/support.h"

namespace chasm {
namespace {

namespace fs = std::filesystem;
using testing_support::spec_of;
using testing_support::sweep_json;

Json row(std::size_t index) {
  return {{"index", index}, {"status", "ok"},       {"parameters", Json::object()}, {"pes", 1},
          {"area_mm2", 1},  {"totals", {{"x", 1}}}, {"diagnostic", nullptr}};
}

Json header(std::size_t shard = 1) {
  return sweep_log_header(
      spec_of(sweep_json(R"("axes": [{"path": "arch.clock_mhz", "values": [100, 200]}])")), 2,
      {shard, 2});
}

class SweepLogTest : public testing::Test {
 protected:
  SweepLogTest() {
    std::string name = (fs::temp_directory_path() / "chasm-sweep-log-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
    path_ = name + "/points.jsonl";
  }
  ~SweepLogTest() override { fs::remove_all(folder_); }

  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path_).rdbuf();
    return all.str();
  }
  void append(const std::string& bytes) { std::ofstream(path_, std::ios::app) << bytes; }

  std::string folder_, path_;
};

TEST_F(SweepLogTest, KeepsRowsAtOnceAndSortsThemAtTheEnd) {
  SweepLog log(path_, header(), false);
  log.append(row(5));
  log.append(row(2));
  EXPECT_EQ(text(), header().dump() + "\n" + row(5).dump() + "\n" + row(2).dump() + "\n");
  log.finish();
  EXPECT_EQ(text(), header().dump() + "\n" + row(2).dump() + "\n" + row(5).dump() + "\n");
}

TEST_F(SweepLogTest, ATornLastLineIsDroppedWhereverItIsTorn) {
  const std::string whole = row(1).dump() + "\n";
  for (std::size_t length = 1; length < whole.size(); length += 7) {
    fs::remove(path_);
    { SweepLog(path_, header(), false).append(row(0)); }
    append(whole.substr(0, length));
    SweepLog log(path_, header(), true);
    EXPECT_EQ(log.rows().size(), 1u);
    log.append(row(1));
    EXPECT_EQ(text(), header().dump() + "\n" + row(0).dump() + "\n" + whole) << length;
  }
}

TEST_F(SweepLogTest, ATornHeaderIsNoSweep) {
  append(header().dump().substr(0, 40));
  SweepLog log(path_, header(), false);
  EXPECT_EQ(text(), header().dump() + "\n");
}

TEST_F(SweepLogTest, DamageInTheMiddleIsSaid) {
  { SweepLog(path_, header(), false).append(row(0)); }
  append("{\"index\": \"x\"}\n" + row(1).dump() + "\n");
  try {
    SweepLog log(path_, header(), true);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::invalid_input);
    EXPECT_NE(std::string(error.what()).find("3:1: error: this is not a point"), std::string::npos)
        << error.what();
  }
}

TEST_F(SweepLogTest, RowsOfOthersAreNotMixedIn) {
  { SweepLog(path_, header(), false).append(row(0)); }
  const std::string before = text();
  EXPECT_THROW(SweepLog(path_, header(), false), Error);
  EXPECT_THROW(SweepLog(path_, header(2), true), Error);
  EXPECT_EQ(text(), before);
  EXPECT_EQ(header_difference(header(1), header(2), true), "");
  Json other = header();
  other["sweep"]["name"] = "t";
  EXPECT_EQ(header_difference(header(), other, false), "the sweep's file was another one");
}

TEST_F(SweepLogTest, ASecondWriterIsRefused) {
  SweepLog log(path_, header(), false);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    try {
      SweepLog second(path_, header(), true);
      ::_exit(1);
    } catch (const Error& error) {
      ::_exit(std::string(error.what()).find("another chasm is at work") != std::string::npos ? 0
                                                                                              : 2);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(SweepLogTest, SomethingElseIsNotOverwritten) {
  append("my notes\n");
  EXPECT_THROW(SweepLog(path_, header(), false), Error);
  EXPECT_EQ(text(), "my notes\n");
}

}  // namespace
}  // namespace chasm
