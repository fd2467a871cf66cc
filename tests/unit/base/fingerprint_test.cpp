#include "base/fingerprint.h"

#include <gtest/gtest.h>

namespace chasm {
namespace {

// Values published with the algorithm (Fowler, Noll, Vo: test vectors of FNV-1a, 64 bits).
TEST(Fingerprint, IsFnv1a) {
  EXPECT_EQ(fnv1a64(""), "fnv1a64:cbf29ce484222325");
  EXPECT_EQ(fnv1a64("a"), "fnv1a64:af63dc4c8601ec8c");
  EXPECT_EQ(fnv1a64("foobar"), "fnv1a64:85944171f73967e8");
}

}  // namespace
}  // namespace chasm
