#include "base/suggest.h"

#include <gtest/gtest.h>

namespace chasm {
namespace {

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("rows", ""), 4U);
  EXPECT_EQ(edit_distance("", "rows"), 4U);
  EXPECT_EQ(edit_distance("row", "rows"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("rwos", "rows"), 1U) << "a swap of neighbours is one edit";
  EXPECT_EQ(edit_distance("ROWS", "rows"), 0U) << "case costs nothing";
}

const std::vector<std::string> kKeys{"name", "rows", "cols", "clock_mhz", "global_buffer"};

TEST(NearestWord, FindsTheMisspeltAndNothingFarther) {
  EXPECT_EQ(nearest_word("row", kKeys), "rows");
  EXPECT_EQ(nearest_word("Clock_MHz", kKeys), "clock_mhz");
  EXPECT_EQ(nearest_word("globalbuffer", kKeys), "global_buffer");
  EXPECT_EQ(nearest_word("color", kKeys), "");
  EXPECT_EQ(nearest_word("x", kKeys), "");
  EXPECT_EQ(nearest_word("", kKeys), "");
  EXPECT_EQ(nearest_word(std::string(1'000'000, 'r'), kKeys), "");
}

TEST(NearestWord, TiesGoToTheFirst) {
  const std::vector<std::string> known{"abcd", "abce"};
  EXPECT_EQ(nearest_word("abcf", known), "abcd");
}

TEST(Suggest, NamesTheNearestOrListsAFew) {
  EXPECT_EQ(suggest("row", kKeys), "did you mean \"rows\"?");
  EXPECT_EQ(suggest("zzzzzz", kKeys),
            "expected one of \"name\", \"rows\", \"cols\", \"clock_mhz\", \"global_buffer\"");
  EXPECT_EQ(suggest("zzzzzz", std::vector<std::string>{"a"}), "expected \"a\"");
  EXPECT_EQ(suggest("zzzzzz", {}), "");
  EXPECT_EQ(suggest("zzzzzz", std::vector<std::string>(13, "long")), "");
}

}  // namespace
}  // namespace chasm
