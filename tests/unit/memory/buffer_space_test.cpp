#include "models/memory/buffer_space.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace chasm {
namespace {

TEST(BufferSpace, HandsOutTheLowestAddressThatFits) {
  BufferSpace space(0, 64, 8);
  space.take(*space.lowest(16), 16);
  space.take(*space.lowest(3), 3);
  EXPECT_EQ(space.lowest(8), 24U);  // behind the word that the 3 bytes began
  space.take(24, 8);
  space.give_back(0);
  EXPECT_EQ(space.lowest(16), 0U);
  EXPECT_EQ(space.lowest(17), 32U);
  EXPECT_EQ(space.lowest(32), 32U);
  EXPECT_EQ(space.lowest(33), std::nullopt);
  EXPECT_EQ(space.used_bytes(), 11U);
}

TEST(BufferSpace, BeginsOnAWordAndEndsWhereItEnds) {
  const BufferSpace space(13, 21, 8);
  EXPECT_EQ(space.lowest(5), 16U);
  EXPECT_EQ(space.lowest(6), std::nullopt);
  EXPECT_EQ(BufferSpace(13, 15, 8).lowest(1), std::nullopt);
}

TEST(BufferSpaceDeath, RefusesWhatIsTakenOrOutside) {
  BufferSpace space(8, 32, 8);
  space.take(16, 9);
  EXPECT_DEATH(space.take(24, 8), "taken twice");
  EXPECT_DEATH(space.take(8, 9), "taken twice");
  EXPECT_DEATH(space.take(16, 1), "taken twice");
  EXPECT_DEATH(space.take(0, 8), "do not lie");
  EXPECT_DEATH(space.take(24, 9), "do not lie");
  EXPECT_DEATH(space.take(12, 1), "do not lie");
  EXPECT_DEATH(space.give_back(24), "no piece");
}

// Every byte of a small buffer is a flag; the lowest free address is searched address by address.
class ByteMap {
 public:
  ByteMap(std::uint64_t begin, std::uint64_t end, std::uint32_t alignment)
      : begin_(begin), alignment_(alignment), used_(end, false) {}

  std::optional<std::uint64_t> lowest(std::uint64_t bytes) const {
    for (std::uint64_t at = begin_; at + bytes <= used_.size(); ++at)
      if (at % alignment_ == 0 && is_free(at, bytes)) return at;
    return std::nullopt;
  }
  void set(std::uint64_t at, std::uint64_t bytes, bool used) {
    for (std::uint64_t b = at; b < at + bytes; ++b) used_[b] = used;
  }

 private:
  bool is_free(std::uint64_t at, std::uint64_t bytes) const {
    for (std::uint64_t b = at; b < at + bytes; ++b)
      if (used_[b]) return false;
    return true;
  }
  std::uint64_t begin_;
  std::uint32_t alignment_;
  std::vector<bool> used_;
};

TEST(BufferSpace, AgreesWithAMapOfBytesOverRandomSequences) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    const std::uint64_t begin = rng.below(40), end = begin + 1 + rng.below(400);
    const std::uint32_t alignment = 1 + static_cast<std::uint32_t>(rng.below(16));
    BufferSpace space(begin, end, alignment);
    ByteMap map(begin, end, alignment);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> pieces;
    for (int i = 0; i < 200; ++i) {
      if (!pieces.empty() && rng.below(5) < 2) {
        const std::size_t which = rng.below(pieces.size());
        space.give_back(pieces[which].first);
        map.set(pieces[which].first, pieces[which].second, false);
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(which));
        continue;
      }
      const std::uint64_t bytes = 1 + rng.below(60);
      const auto address = space.lowest(bytes);
      ASSERT_EQ(address, map.lowest(bytes));
      if (!address) continue;
      space.take(*address, bytes);
      map.set(*address, bytes, true);
      pieces.emplace_back(*address, bytes);
    }
    std::uint64_t used = 0;
    for (const auto& [address, bytes] : pieces) used += bytes;
    EXPECT_EQ(space.used_bytes(), used);
  }
}

}  // namespace
}  // namespace chasm
