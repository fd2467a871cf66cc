// What a viewer of Chrome's trace-event JSON (ui.perfetto.dev) needs of a file, on a run in which
// everything happens: the format as its document describes it, and tracks that can be drawn.
#include <cmath>
#include <map>
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

constexpr std::uint64_t kWindow = 256;  // cycles of a rate's window (docs/formats.md, "Traces")

class PerfettoFormat : public testing::Test {
 protected:
  void SetUp() override {
    const TemporaryFolder folder;
    const Ran ran = chasm({"run", "-a", "nasa-45nm", "-w", "toy_all_types", "--schedule",
                           "pipelined", "--images", "3", "--search", "quick", "-o", "-", "--trace",
                           "perfetto=" + (folder / "t.json")});
    ASSERT_EQ(ran.code, 0) << ran.err;
    trace_ = Json::parse(text_of(folder / "t.json"));
    cycles_ = Json::parse(ran.out)["totals"]["cycles"].get<std::uint64_t>();
  }

  const Json& events() const { return trace_["traceEvents"]; }
  // Microseconds of the file as picoseconds, exact.
  static std::int64_t ps(const Json& microseconds) {
    return std::llround(microseconds.get<double>() * 1e6);
  }
  static std::int64_t end(const Json& event) {
    return ps(event["ts"]) + (event["ph"] == "X" ? ps(event["dur"]) : 0);
  }

  Json trace_;
  std::uint64_t cycles_ = 0;
};

void expect_metadata(const Json& event) {
  const auto name = event["name"].get<std::string>();
  const bool of_thread = name == "thread_name" || name == "thread_sort_index";
  EXPECT_TRUE(of_thread || name == "process_name" || name == "process_sort_index") << event;
  EXPECT_EQ(event.contains("tid"), of_thread) << event;
  if (name.ends_with("_name")) {
    EXPECT_FALSE(event["args"]["name"].get<std::string>().empty()) << event;
  } else {
    EXPECT_TRUE(event["args"]["sort_index"].is_number_integer()) << event;
  }
}

TEST_F(PerfettoFormat, EveryEventHasTheFieldsOfItsPhase) {
  EXPECT_TRUE(trace_["displayTimeUnit"] == "ns" || trace_["displayTimeUnit"] == "ms");
  std::map<std::string, int> phases;
  for (const Json& event : events()) {
    const auto phase = event["ph"].get<std::string>();
    ++phases[phase];
    EXPECT_TRUE(event["pid"].is_number_unsigned() && event["pid"] > 0) << event;
    EXPECT_FALSE(event["name"].get<std::string>().empty()) << event;
    if (phase == "M") {
      expect_metadata(event);
      continue;
    }
    EXPECT_TRUE(event["ts"].is_number() && event["ts"] >= 0) << event;
    if (phase == "X") {
      EXPECT_TRUE(event["tid"].is_number_unsigned()) << event;
      EXPECT_TRUE(event["dur"].is_number() && event["dur"] > 0) << event;
    } else {
      EXPECT_EQ(event["args"].size(), 1U) << event;
      EXPECT_TRUE(event["args"].begin()->is_number()) << event;
    }
  }
  EXPECT_EQ(phases.size(), 3U);
  for (const char* phase : {"M", "X", "C"}) EXPECT_GT(phases[phase], 10) << phase;
}

TEST_F(PerfettoFormat, EveryTrackIsNamedOnceBeforeItIsUsed) {
  std::set<std::uint64_t> processes;
  std::set<std::pair<std::uint64_t, std::uint64_t>> threads;
  std::set<std::uint64_t> thread_numbers;
  for (const Json& event : events()) {
    const auto pid = event["pid"].get<std::uint64_t>();
    if (event["name"] == "process_name" && event["ph"] == "M") {
      EXPECT_TRUE(processes.insert(pid).second) << event;
      continue;
    }
    EXPECT_TRUE(processes.count(pid) > 0) << event;
    if (!event.contains("tid")) continue;
    const auto tid = event["tid"].get<std::uint64_t>();
    if (event["name"] == "thread_name" && event["ph"] == "M") {
      EXPECT_TRUE(threads.insert({pid, tid}).second) << event;
      EXPECT_TRUE(thread_numbers.insert(tid).second) << "two threads of one number: " << event;
    }
    EXPECT_TRUE(threads.count({pid, tid}) > 0) << event;
  }
  for (const std::uint64_t tid : thread_numbers)
    EXPECT_EQ(processes.count(tid), 0U) << "would be drawn as a process's main thread";
}

TEST_F(PerfettoFormat, SlicesOfATrackDoNotOverlap) {
  std::map<std::uint64_t, std::int64_t> last_end;
  for (const Json& event : events()) {
    if (event["ph"] != "X") continue;
    std::int64_t& last = last_end[event["tid"].get<std::uint64_t>()];
    EXPECT_GE(ps(event["ts"]), last) << event;
    last = end(event);
  }
  EXPECT_GT(last_end.size(), 10U);
}

TEST_F(PerfettoFormat, EventsComeInTheOrderOfTheirEndsWithinTheRun) {
  const auto in_ps = [&](std::uint64_t cycles) {
    const double clock_hz = trace_["otherData"]["clock_hz"].get<double>();
    return std::llround(static_cast<double>(cycles) / clock_hz * 1e12);
  };
  std::int64_t last = 0;
  for (const Json& event : events()) {
    if (event["ph"] == "M") continue;
    EXPECT_GE(end(event), last) << event;
    last = end(event);
    // The last window of a rate is a whole one, too.
    EXPECT_LE(last, in_ps(cycles_ + (event["ph"] == "C" ? kWindow : 0))) << event;
  }
}

// A counter is drawn as steps: each event a new value, at a later time; at the end nothing is in
// use.
TEST_F(PerfettoFormat, CountersAreStepFunctionsThatEndAtZero) {
  struct Counter {
    std::int64_t at = -1;
    std::string unit;
    std::uint64_t value = 0;
  };
  std::map<std::pair<std::uint64_t, std::string>, Counter> counters;
  for (const Json& event : events()) {
    if (event["ph"] != "C") continue;
    Counter& counter = counters[{event["pid"].get<std::uint64_t>(), event["name"]}];
    const auto argument = event["args"].begin();
    EXPECT_GT(ps(event["ts"]), counter.at) << event;
    EXPECT_NE(argument->get<std::uint64_t>(), counter.value) << event;
    EXPECT_TRUE(counter.unit.empty() || counter.unit == argument.key()) << event;
    counter = {ps(event["ts"]), argument.key(), argument->get<std::uint64_t>()};
  }
  EXPECT_GE(counters.size(), 5U);
  for (const auto& [track, counter] : counters) EXPECT_EQ(counter.value, 0U) << track.second;
}

}  // namespace
}  // namespace chasm
