#include "base/parallel.h"

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chasm {
namespace {

TEST(ParallelFor, DoesEachPieceOnce) {
  for (const std::size_t threads : {0U, 1U, 2U, 7U, 200U}) {
    std::vector<std::atomic<int>> done(100);
    parallel_for(done.size(), threads, [&](std::size_t i) { ++done[i]; });
    for (const auto& times : done) EXPECT_EQ(times, 1);
  }
  parallel_for(0, 4, [](std::size_t) { FAIL(); });
}

TEST(ParallelFor, ThrowsTheFirstFailureWhenAllHasEnded) {
  std::atomic<int> done = 0;
  try {
    parallel_for(50, 4, [&](std::size_t i) {
      ++done;
      if (i == 40 || i == 7) throw std::runtime_error(std::to_string(i));
    });
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& failure) {
    EXPECT_STREQ(failure.what(), "7");
  }
  EXPECT_EQ(done, 50);
}

}  // namespace
}  // namespace chasm
