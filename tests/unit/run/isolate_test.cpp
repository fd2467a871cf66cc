#include "sim/run/isolate.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/check.h"

namespace chasm {
namespace {

using How = ChildEnd::How;
using Work = std::function<std::string(std::size_t)>;

std::map<std::size_t, ChildEnd> run(std::size_t tasks, const IsolateOptions& options,
                                    const Work& work) {
  std::vector<std::size_t> list;
  for (std::size_t i = 0; i < tasks; ++i) list.push_back(i);
  std::map<std::size_t, ChildEnd> ends;
  run_isolated(list, options, work, [&](std::size_t task, const ChildEnd& end) {
    EXPECT_TRUE(ends.emplace(task, end).second) << task;
  });
  return ends;
}

ChildEnd run_one(const IsolateOptions& options, const std::function<std::string()>& work) {
  return run(1, options, [&](std::size_t) { return work(); }).at(0);
}

IsolateOptions with_jobs(unsigned jobs) {
  IsolateOptions options;
  options.jobs = jobs;
  return options;
}

// Takes it for real: an allocation nobody reads may be left out.
std::string take_memory(std::size_t bytes) {
  std::vector<char> block(bytes, 'x');
  return std::string(1, block[bytes / 2]);
}

TEST(Isolate, BringsEveryTextBackForAnyNumberOfWorkers) {
  for (const unsigned jobs : {1u, 2u, 7u}) {
    const auto ends =
        run(20, with_jobs(jobs), [](std::size_t i) { return std::string(i * 10'000, 'a'); });
    ASSERT_EQ(ends.size(), 20u);
    for (const auto& [task, end] : ends) {
      EXPECT_EQ(end.how, How::returned);
      EXPECT_EQ(end.text.size(), task * 10'000);
      EXPECT_EQ(end.complaint, "");
      EXPECT_GT(end.peak_rss_bytes, 0u);
    }
  }
}

TEST(Isolate, AnyBytesComeBackAsTheyWere) {
  const std::string all("\0\n\xff\n", 4);
  EXPECT_EQ(run_one({}, [&] { return all; }).text, all);
}

TEST(Isolate, ChangesOfTheChildStayThere) {
  int value = 1;
  const ChildEnd end = run_one({}, [&] { return std::to_string(++value); });
  EXPECT_EQ(end.text, "2");
  EXPECT_EQ(value, 1);
}

TEST(Isolate, AnExceptionIsSaid) {
  const ChildEnd end =
      run_one({}, []() -> std::string { throw std::runtime_error("no such thing"); });
  EXPECT_EQ(end.how, How::threw);
  EXPECT_EQ(end.text, "no such thing");
}

TEST(Isolate, DeathsAreToldWithWhatTheChildSaidLast) {
  const auto ends = run(5, with_jobs(2), [](std::size_t i) -> std::string {
    if (i == 0) std::abort();
    if (i == 1) CHECK(i == 7, "i is {}", i);
    if (i == 2) ::_exit(0);  // without a result
    if (i == 3) ::_exit(42);
    return "fine";
  });
  EXPECT_EQ(ends.at(0).how, How::died);
  EXPECT_NE(ends.at(0).complaint.find("ended by signal 6"), std::string::npos);
  EXPECT_EQ(ends.at(1).how, How::died);
  EXPECT_NE(ends.at(1).complaint.find("i == 7 does not hold: i is 1\nended with code 70"),
            std::string::npos)
      << ends.at(1).complaint;
  EXPECT_EQ(ends.at(2).how, How::died);
  EXPECT_EQ(ends.at(3).complaint, "ended with code 42");
  EXPECT_EQ(ends.at(4).text, "fine");
}

TEST(Isolate, AFloodOfComplaintsIsCutAndBlocksNobody) {
  const ChildEnd end = run_one({}, [] {
    for (int i = 0; i < 10'000; ++i) std::fputs("a line of some length on stderr\n", stderr);
    return std::string("done");
  });
  EXPECT_EQ(end.text, "done");
  EXPECT_EQ(end.complaint.size(), 16u * 1024);
}

TEST(Isolate, AHangEndsAtTheTimeLimitAndHoldsNobodyUp) {
  IsolateOptions options = with_jobs(2);
  options.seconds = 0.5;
  const auto start = std::chrono::steady_clock::now();
  const auto ends = run(4, options, [](std::size_t i) {
    while (i == 1) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return std::string("done");
  });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(ends.at(1).how, How::timed_out);
  EXPECT_GE(ends.at(1).wall_s, 0.5);
  for (const std::size_t i : {0u, 2u, 3u}) EXPECT_EQ(ends.at(i).text, "done");
  EXPECT_LT(took.count(), 30);
}

TEST(Isolate, MemoryHasALimitOfItsOwn) {
  IsolateOptions options;
  options.memory_bytes = 64u << 20;
  const auto ends = run(3, options, [](std::size_t i) {
    return take_memory(i == 1 ? std::size_t{512} << 20 : std::size_t{16} << 20);
  });
#if !defined(CHASM_SANITIZED)  // whose allocator ends the process in its own way
  EXPECT_EQ(ends.at(1).how, How::out_of_memory);
#endif
  EXPECT_NE(ends.at(1).how, How::returned);
  EXPECT_EQ(ends.at(0).text, "x");
  EXPECT_EQ(ends.at(2).text, "x");
}

TEST(Isolate, WorkMayHaveThreads) {
  const auto ends = run(4, with_jobs(2), [](std::size_t i) {
    std::atomic<std::size_t> sum = 0;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t) threads.emplace_back([&, t] { sum += t * i; });
    for (std::thread& thread : threads) thread.join();
    return std::to_string(sum.load());
  });
  EXPECT_EQ(ends.at(3).text, "18");
}

TEST(Isolate, AStopEndsAllAndReturns) {
  IsolateOptions options = with_jobs(2);
  int asked = 0;
  options.stop = [&] { return ++asked > 2; };
  const auto ends = run(100, options, [](std::size_t) -> std::string {
    while (true) std::this_thread::sleep_for(std::chrono::seconds(1));
  });
  EXPECT_TRUE(ends.empty());
}

}  // namespace
}  // namespace chasm
