#include "traces/timeline.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace chasm {
namespace {

struct Change {
  Track track;
  Cycle at;
  std::uint64_t value;
  bool operator==(const Change&) const = default;
};
void PrintTo(const Change& c, std::ostream* out) {
  *out << "track " << c.track << " is " << c.value << " at " << c.at;
}

std::vector<Change> changes(const Timeline& timeline) {
  std::vector<Change> all;
  timeline.for_each_change([&](Track track, Cycle at, std::uint64_t value) {
    all.push_back({track, at, value});
  });
  return all;
}

constexpr std::uint64_t with_detail(std::uint64_t code, std::uint64_t detail) {
  return code | (detail << 32);
}

TEST(Timeline, SlicesThatTouchAndAreAlikeAreOne) {
  Timeline timeline({});
  const Track t = timeline.states("g", "t", {"busy", "wait"});
  timeline.slice(t, 0, 2, 5, 0);
  timeline.slice(t, 0, 5, 7, 0);
  timeline.slice(t, 1, 7, 7, 0);  // empty
  timeline.slice(t, 1, 7, 8, 0);
  timeline.slice(t, 1, 9, 11, 0);
  timeline.finish(20);
  const std::vector<Change> expected = {{t, 2, 1}, {t, 7, 2}, {t, 8, 0}, {t, 9, 2}, {t, 11, 0}};
  EXPECT_EQ(changes(timeline), expected);
  EXPECT_EQ(timeline.end(), 20U);
}

TEST(Timeline, DetailsTellLikeSlicesApart) {
  Timeline timeline({});
  const Track t = timeline.states("g", "t", {"conv"}, "image");
  timeline.slice(t, 0, 0, 5, 0);
  timeline.slice(t, 0, 5, 9, 7);
  timeline.finish(9);
  const std::vector<Change> expected = {{t, 0, 1}, {t, 5, with_detail(1, 7)}, {t, 9, 0}};
  EXPECT_EQ(changes(timeline), expected);
  EXPECT_EQ(Timeline::state_of(with_detail(1, 7)), 0U);
  EXPECT_EQ(Timeline::detail_of(with_detail(1, 7)), 7U);
}

TEST(Timeline, FallsThatAreKnownEarlyComeInTime) {
  Timeline timeline({});
  const Track t = timeline.level("g", "lines", "lines");
  timeline.rise(t, 0, 1);
  timeline.fall(t, 10, 1);
  timeline.rise(t, 3, 2);
  timeline.fall(t, 4, 1);
  timeline.rise(t, 4, 1);  // takes the place of the one that leaves
  timeline.fall(t, 10, 2);
  timeline.finish(12);
  const std::vector<Change> expected = {{t, 0, 1}, {t, 3, 3}, {t, 10, 0}};
  EXPECT_EQ(changes(timeline), expected);
}

TEST(Timeline, RatesAddUpByWindow) {
  Timeline timeline({});
  const Track t = timeline.rate("g", "bytes", "bytes", 100);
  timeline.count(t, 0, 64);
  timeline.count(t, 99, 64);
  timeline.count(t, 100, 64);
  timeline.count(t, 450, 64);
  timeline.finish(460);
  const std::vector<Change> expected = {
      {t, 0, 128}, {t, 100, 64}, {t, 200, 0}, {t, 400, 64}, {t, 500, 0}};
  EXPECT_EQ(changes(timeline), expected);
}

TEST(Timeline, TracksThatRanAheadOfEachOtherAreMerged) {
  Timeline timeline({});
  const Track a = timeline.states("g", "a", {"busy"}), b = timeline.states("g", "b", {"busy"});
  timeline.slice(a, 0, 5, 9, 0);
  timeline.slice(a, 0, 20, 30, 0);
  timeline.slice(b, 0, 0, 5, 0);
  timeline.slice(b, 0, 9, 21, 0);
  timeline.finish(30);
  const std::vector<Change> expected = {{b, 0, 1}, {a, 5, 1},  {b, 5, 0},  {a, 9, 0},
                                        {b, 9, 1}, {a, 20, 1}, {b, 21, 0}, {a, 30, 0}};
  EXPECT_EQ(changes(timeline), expected);
}

// Far more than the blocks that stay in memory, on several tracks.
TEST(Timeline, NothingIsLostOnTheWayThroughTheFile) {
  constexpr std::size_t kTracks = 3, kSlices = 5 * Spool::kBlockRecords + 17;
  Timeline timeline({});
  Rng rng(7);
  std::vector<std::vector<Change>> told(kTracks), read(kTracks);
  std::vector<Cycle> ends(kTracks, 0);
  for (Track t = 0; t < kTracks; ++t) timeline.states("g", "t", {"busy"});
  for (std::size_t i = 0; i < kSlices * kTracks; ++i) {
    const Track t = static_cast<Track>(rng.below(kTracks));
    const Cycle begin = ends[t] + 1 + rng.below(5), end = begin + 1 + rng.below(9);
    timeline.slice(t, 0, begin, end, 0);
    told[t].push_back({t, begin, 1});
    told[t].push_back({t, end, 0});
    ends[t] = end;
  }
  timeline.finish(1 << 20);
  Cycle last = 0;
  for (const Change& change : changes(timeline)) {
    EXPECT_GE(change.at, last);
    last = change.at;
    read[change.track].push_back(change);
  }
  EXPECT_EQ(read, told);
  EXPECT_EQ(timeline.error(), 0);
  EXPECT_EQ(changes(timeline).size(), 2 * kSlices * kTracks) << "it can be read twice";
}

TEST(Timeline, KeepsOnlyWhatIsWanted) {
  Timeline timeline({false, true});
  const Track t = timeline.states("g", "t", {"busy"}), r = timeline.requests("DRAM", "requests");
  timeline.slice(t, 0, 0, 5, 0);
  timeline.request(r, 3, true, 0x40);
  timeline.finish(5);
  EXPECT_TRUE(changes(timeline).empty());
  std::size_t requests = 0;
  timeline.for_each_request([&](Cycle at, bool write, std::uint64_t address) {
    ++requests;
    EXPECT_EQ(at, 3U);
    EXPECT_TRUE(write);
    EXPECT_EQ(address, 0x40U);
  });
  EXPECT_EQ(requests, 1U);
}

TEST(TimelineDeathTest, SlicesThatOverlapAreABug) {
  Timeline timeline({});
  const Track t = timeline.states("g", "t", {"busy"});
  timeline.slice(t, 0, 0, 5, 0);
  EXPECT_EXIT(timeline.slice(t, 0, 4, 6, 0), testing::ExitedWithCode(70), "after 5");
}

}  // namespace
}  // namespace chasm
