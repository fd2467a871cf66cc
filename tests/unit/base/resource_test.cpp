#include "base/resource.h"

#include <gtest/gtest.h>

namespace chasm {

std::span<const Resource> test_resources();  // made by chasm_embed in tests/unit/house.cmake

namespace {

TEST(Resource, HoldsTheBytesOfTheFileUnchanged) {
  const Resource* resource = find_resource(test_resources(), "resource-1");
  ASSERT_NE(resource, nullptr);
  EXPECT_EQ(resource->text, "first line\nsecond: 100% \"quoted\" \\n\n");
}

TEST(Resource, AnEmptyFileIsAnEmptyText) {
  const Resource* resource = find_resource(test_resources(), "an-empty.one");
  ASSERT_NE(resource, nullptr);
  EXPECT_TRUE(resource->text.empty());
}

TEST(Resource, IsListedByName) {
  ASSERT_EQ(test_resources().size(), 2U);
  EXPECT_EQ(test_resources()[0].name, "an-empty.one");
  EXPECT_EQ(test_resources()[1].name, "resource-1");
  EXPECT_EQ(find_resource(test_resources(), "resource"), nullptr);
}

}  // namespace
}  // namespace chasm
