#include "models/program/place_check.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/cross/small_programs.h"

namespace chasm {
namespace {

const auto kBug = testing::ExitedWithCode(70);

// Two output tiles in the register files, two passes over the reduction: residencies 0 to 3 drain
// tiles 0, 1, 0, 1.
class PlaceCheckTest : public testing::Test {
 protected:
  explicit PlaceCheckTest(std::vector<Loop> dram = {},
                          std::vector<Loop> buffer = {{Dim::C, 2}, {Dim::K, 2}}) {
    program_.dram = std::move(dram);
    program_.buffer = std::move(buffer);
    ResidencyCursor cursor(program_, program_.dram.size() + program_.buffer.size());
    for (Residency residency; cursor.next(residency);) residencies_.push_back(residency);
  }
  Program program_ = matrix_vector(2, 2);
  std::vector<Residency> residencies_;
};

TEST_F(PlaceCheckTest, AReadBackFollowsTheDrainOfItsTile) {
  PlaceCheck check(program_);
  check.drained(residencies_[0], 10);
  check.drained(residencies_[1], 12);
  check.read_back_requested(residencies_[2], 10);
  EXPECT_EXIT(check.read_back_requested(residencies_[2], 9), kBug, "before they are in place");
  EXPECT_EXIT(check.read_back_requested(residencies_[3], 11), kBug, "before they are in place");
  check.read_back_requested(residencies_[3], 12);
}

TEST_F(PlaceCheckTest, ADrainThatIsNotKnownYetIsNotInPlace) {
  PlaceCheck check(program_);
  check.drained(residencies_[0], 10);
  EXPECT_EXIT(check.read_back_requested(residencies_[3], 1000), kBug, "before they are in place");
}

TEST_F(PlaceCheckTest, TheLastDrainOfATileCounts) {
  program_.buffer = {{Dim::C, 2}, {Dim::K, 2}};
  PlaceCheck check(program_);
  check.drained(residencies_[0], 10);
  check.drained(residencies_[2], 30);
  Residency third = residencies_[2];
  EXPECT_EXIT(check.read_back_requested(third, 29), kBug, "before they are in place");
}

TEST_F(PlaceCheckTest, AFillFollowsItsLoad) {
  PlaceCheck check(program_);
  const DimArray<std::uint64_t> origin;
  EXPECT_EXIT(check.fill_requested(Operand::input, origin, 5), kBug, "not in place");
  check.loaded(Operand::input, origin, 6);
  EXPECT_EXIT(check.fill_requested(Operand::input, origin, 5), kBug, "not in place");
  check.fill_requested(Operand::input, origin, 6);
  program_.kept[0] = true;
  check.fill_requested(Operand::input, origin, 0);
}

// Loads run ahead: weights 0, 1 of the first pass over the outputs are still to be used when those
// of the second have come.
TEST_F(PlaceCheckTest, ALaterLoadOfTheSameWordsIsNotThatOfAnEarlierFill) {
  program_.operation.bounds[Dim::P] = 2;
  program_.dram = {{Dim::P, 2}, {Dim::C, 2}};
  program_.buffer = {{Dim::K, 2}};
  PlaceCheck check(program_);
  DimArray<std::uint64_t> offsets;
  check.loaded(Operand::weight, offsets, 6);
  offsets[Dim::C] = 1;
  check.loaded(Operand::weight, offsets, 7);
  offsets[Dim::P] = 1;
  offsets[Dim::C] = 0;
  check.loaded(Operand::weight, offsets, 20);
  EXPECT_EXIT(check.fill_requested(Operand::weight, offsets, 19), kBug, "not in place");
  check.fill_requested(Operand::weight, offsets, 20);
  offsets[Dim::P] = 0;
  check.fill_requested(Operand::weight, offsets, 6);
  // The words of an iteration that has no load of its own must be those of the one before.
  offsets[Dim::P] = offsets[Dim::C] = 1;
  EXPECT_EXIT(check.fill_requested(Operand::weight, offsets, 30), kBug, "not in place");
}

TEST_F(PlaceCheckTest, AStoreFollowsTheLastDrainOfItsTile) {
  PlaceCheck check(program_);
  EXPECT_EXIT(check.store_line_read(0, 50), kBug, "before its drains");
  check.drained(residencies_[0], 10);
  check.drained(residencies_[3], 40);
  EXPECT_EXIT(check.store_line_read(0, 39), kBug, "before its drains");
  check.store_line_read(0, 40);
  EXPECT_EXIT(check.drained(residencies_[3], 41), kBug, "being stored");
}

// The passes are loops of DRAM: psums go there and come back.
class SpilledPlaceCheckTest : public PlaceCheckTest {
 protected:
  SpilledPlaceCheckTest() : PlaceCheckTest({{Dim::C, 2}, {Dim::K, 2}}, {}) {}
};

TEST_F(SpilledPlaceCheckTest, ALoadFollowsTheStoreOfItsTile) {
  PlaceCheck check(program_);
  for (const std::uint64_t tile : {0, 1}) {
    check.drained(residencies_[tile], 10);
    check.store_line_read(tile, 10);
  }
  check.store_acknowledged(0, 20);
  check.load_requested(2, 19);
  EXPECT_EXIT(check.load_in_place(2, 30), kBug, "before tile 0 is stored");
  check.load_requested(3, 25);
  EXPECT_EXIT(check.load_in_place(3, 30), kBug, "before tile 1 is stored");
}

TEST_F(SpilledPlaceCheckTest, AReadBackFollowsTheLoadOfItsTile) {
  PlaceCheck check(program_);
  check.drained(residencies_[0], 10);
  check.store_line_read(0, 10);
  check.store_acknowledged(0, 20);
  EXPECT_EXIT(check.read_back_requested(residencies_[2], 100), kBug, "before they are in place");
  check.load_requested(2, 20);
  EXPECT_EXIT(check.read_back_requested(residencies_[2], 100), kBug, "before they are in place");
  check.load_in_place(2, 30);
  EXPECT_EXIT(check.read_back_requested(residencies_[2], 29), kBug, "before they are in place");
  check.read_back_requested(residencies_[2], 30);
}

TEST_F(SpilledPlaceCheckTest, AKeptOutputIsReadBackWhereItWasDrained) {
  program_.kept = {true, true, true};
  PlaceCheck check(program_);
  check.drained(residencies_[0], 10);
  EXPECT_EXIT(check.read_back_requested(residencies_[2], 9), kBug, "before they are in place");
  check.read_back_requested(residencies_[2], 10);
}

TEST_F(PlaceCheckTest, LargeProgramsAreLeftAlone) {
  EXPECT_TRUE(PlaceCheck::is_small(program_));
  program_.dram = {{Dim::K, std::uint64_t{1} << 40}, {Dim::C, std::uint64_t{1} << 40}};
  EXPECT_FALSE(PlaceCheck::is_small(program_));
}

}  // namespace
}  // namespace chasm
