#include "base/fingerprint.h"

#include <gtest/gtest.h>

namespace chasm {
namespace {

// Values published with the algorithm (RFC 9923: test vectors of FNV-1a).
TEST(Fingerprint, IsFnv1a) {
  EXPECT_EQ(fnv1a64(""), "fnv1a64:cbf29ce484222325");
  EXPECT_EQ(fnv1a64("a"), "fnv1a64:af63dc4c8601ec8c");
  EXPECT_EQ(fnv1a64("foobar"), "fnv1a64:85944171f73967e8");
  EXPECT_EQ(fnv1a64_number("foobar"), 0x85944171f73967e8U);
  EXPECT_EQ(fnv1a128(""), "6c62272e07bb014262b821756295c58d");
  EXPECT_EQ(fnv1a128("a"), "d228cb696f1a8caf78912b704e4a8964");
  EXPECT_EQ(fnv1a128("foobar"), "343e1662793c64bf6f0d3597ba446f18");
}

}  // namespace
}  // namespace chasm
