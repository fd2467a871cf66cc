#include "base/limits.h"

#include <csignal>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "base/doing.h"

namespace chasm {
namespace {

struct Ended {
  int code = -1;  // 128 + signal where one ended it
  std::string said;
};

Ended in_child(const std::function<void()>& work) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    work();
    ::_exit(0);
  }
  ::close(ends[1]);
  Ended ended;
  char block[1024];
  for (ssize_t got; (got = ::read(ends[0], block, sizeof block)) > 0;)
    ended.said.append(block, static_cast<std::size_t>(got));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

TEST(Limits, TimeEndsTheProcessWithWhatItDid) {
  const Ended ended = in_child([] {
    set_limits({0.05, std::nullopt});
    const Doing mapping("mapping"), layer("layer conv1");
    note_progress(1234567, "cycles");
    while (true) {
    }
  });
  EXPECT_EQ(ended.code, 5);
  EXPECT_EQ(ended.said,
            "\nchasm: stopped at the limit of 0.05 s while mapping: layer conv1, after 1234567 "
            "cycles\n");
}

TEST(Limits, WhatEndsInTimeIsNotTouched) {
  EXPECT_EQ(in_child([] { set_limits({1000, std::nullopt}); }).code, 0);
}

#ifndef CHASM_SANITIZED  // whose allocator ends the process in its own way
TEST(Limits, MemoryEndsTheProcessWithWhatItDid) {
  const Ended ended = in_child([] {
    set_limits({std::nullopt, 50'000'000});
    const Doing doing("reading");
    std::vector<std::vector<char>> all;
    for (int i = 0; i < 100; ++i) all.emplace_back(std::size_t{1} << 20);
  });
  EXPECT_EQ(ended.code, 5);
  EXPECT_EQ(ended.said, "\nchasm: stopped at the limit of 0.05 GB of memory while reading\n");
  EXPECT_EQ(in_child([] {
              set_limits({std::nullopt, 200'000'000});
              const std::vector<char> enough(std::size_t{100} << 20);
              if (enough.back() != 0) ::_exit(1);
            }).code,
            0);
}

TEST(Limits, AnAllocationNoMachineHasIsALackOfMemory) {
  const Ended ended = in_child([] {
    set_limits({});
    const std::vector<char> all(std::size_t{1} << 62);
    if (all.empty()) ::_exit(1);
  });
  EXPECT_EQ(ended.code, 5);
  EXPECT_EQ(ended.said, "\nchasm: out of memory\n");
}
#endif

TEST(Limits, SignalsEndItWithAWordAndTheirNumber) {
  for (const auto& [number, word] :
       {std::pair{SIGINT, "interrupted"}, {SIGTERM, "terminated"}, {SIGHUP, "hung up"}}) {
    const Ended ended = in_child([number = number] {
      std::signal(SIGHUP, SIG_DFL);
      end_on_signals();
      const Doing doing("simulating");
      ::raise(number);
    });
    EXPECT_EQ(ended.code, 128 + number);
    EXPECT_EQ(ended.said, std::string("\nchasm: ") + word + " while simulating\n");
  }
}

TEST(Limits, AnIgnoredSignalStaysIgnored) {
  const Ended ended = in_child([] {
    std::signal(SIGHUP, SIG_IGN);
    end_on_signals();
    ::raise(SIGHUP);
  });
  EXPECT_EQ(ended.code, 0);
}

TEST(Limits, OfTheMachineAreSensible) {
  EXPECT_GT(machine_memory_bytes(), std::uint64_t{64} << 20);
}

}  // namespace
}  // namespace chasm
