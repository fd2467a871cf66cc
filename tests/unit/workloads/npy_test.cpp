// .npy files: what we write we read, and every fault of a file is said.
#include "workloads/npy.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chasm {
namespace {

class Npy : public testing::Test {
 protected:
  void SetUp() override { path_ = testing::TempDir() + "chasm_npy_" + info() + ".npy"; }
  void TearDown() override { std::filesystem::remove(path_); }

  static std::string info() {
    return testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  void put(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
  // A version 1.0 file with that header and data.
  void put(const std::string& header, const std::string& data) const {
    std::string file("\x93NUMPY\x01\x00", 8);
    file += static_cast<char>(header.size() & 0xff);
    file += static_cast<char>(header.size() >> 8);
    put(file + header + data);
  }
  std::string complaint() const {
    Diagnostics diagnostics;
    EXPECT_FALSE(read_npy(path_, diagnostics));
    return diagnostics.to_string();
  }
  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  std::string path_;
};

TEST_F(Npy, RoundTripsEveryStorageSize) {
  for (const std::uint32_t bits : {2U, 8U, 9U, 16U, 17U, 32U, 33U, 60U}) {
    const std::int64_t limit = std::int64_t{1} << (bits - 1);
    const std::vector<std::int64_t> values = {-limit, -1, 0, 1, limit - 1, 0};
    Diagnostics diagnostics;
    ASSERT_TRUE(write_npy(path_, {3, 2}, std::span(values), bits, diagnostics))
        << diagnostics.to_string();
    const auto read = read_npy(path_, diagnostics);
    ASSERT_TRUE(read) << diagnostics.to_string();
    EXPECT_EQ(read->values, values) << bits;
    EXPECT_EQ(read->shape, (std::vector<std::uint64_t>{3, 2}));
    const std::uintmax_t bytes = bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8;
    EXPECT_EQ(std::filesystem::file_size(path_),
              128 + 6 * bytes);  // the data begin at a multiple of 64
  }
}

TEST_F(Npy, ReadsWhatNumPyWrites) {
  put("{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }      \n",
      std::string("\x01\x00\xff\xff", 4));
  Diagnostics diagnostics;
  const auto read = read_npy(path_, diagnostics);
  ASSERT_TRUE(read) << diagnostics.to_string();
  EXPECT_EQ(read->values, (std::vector<std::int64_t>{1, -1}));
  put("{'descr': '|u1', 'fortran_order': False, 'shape': (), }\n", "\xfe");
  EXPECT_EQ(read_npy(path_, diagnostics)->values, (std::vector<std::int64_t>{254}));
  put("{'descr': '<i4', 'fortran_order': True, 'shape': (0,), }\n", "");
  EXPECT_TRUE(read_npy(path_, diagnostics)->values.empty());
}

TEST_F(Npy, RefusesWhatIsNoNpyFile) {
  EXPECT_TRUE(contains(complaint(), path_));  // missing
  put("");
  EXPECT_FALSE(complaint().empty());
  put("PK\x03\x04 an .npz file, say");
  EXPECT_TRUE(contains(complaint(), "is not a .npy file"));
  put(std::string("\x93NUMPY\x09\x00\x10\x00\x00\x00\x00\x00", 14));
  EXPECT_TRUE(contains(complaint(), "unknown version 9"));
  put(std::string("\x93NUMPY\x01\x00\xff\x00{", 11) + "'descr': '<i2'");
  EXPECT_TRUE(contains(complaint(), "ends inside the header"));
  put("{'descr': '<i2'}\n", "");
  EXPECT_TRUE(contains(complaint(), "header"));
  put("{'descr': '<i2', 'fortran_order': False, 'shape': (-1,), }\n", "");
  EXPECT_TRUE(contains(complaint(), "header"));
}

TEST_F(Npy, RefusesOtherTypesAndOrders) {
  put("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n", "abcd");
  EXPECT_TRUE(contains(complaint(), "'<f4'; integers are expected"));
  put("{'descr': '>i4', 'fortran_order': False, 'shape': (1,), }\n", "abcd");
  EXPECT_TRUE(contains(complaint(), "'>i4'"));
  put("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }\n", "abcd");
  EXPECT_TRUE(contains(complaint(), "integers are expected"));
  put("{'descr': '<i1', 'fortran_order': True, 'shape': (2, 2), }\n", "abcd");
  EXPECT_TRUE(contains(complaint(), "Fortran order"));
}

TEST_F(Npy, RefusesDataOfAnotherLength) {
  put("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }\n", "abcdefgh");
  EXPECT_TRUE(contains(
      complaint(),
      "holds 8 bytes of data, but (2, 3) elements of 4 bytes each need 24; the file is truncated"));
  put("{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }\n", "abcdefgh");
  EXPECT_TRUE(contains(complaint(), "holds 8 bytes"));
  put("{'descr': '<i8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }\n",
      "abcdefgh");
  EXPECT_TRUE(contains(complaint(), "more than 2^64"));
  put("{'descr': '<i8', 'fortran_order': False, 'shape': (99999999999999999999999,), }\n",
      "abcdefgh");
  EXPECT_TRUE(contains(complaint(), "header"));
}

TEST_F(Npy, ComparesShapeAndRange) {
  Diagnostics diagnostics;
  const std::vector<std::int32_t> values = {1, 2, 3, 4, 5, 60};
  ASSERT_TRUE(write_npy(path_, {2, 3}, std::span(values), 8, diagnostics));
  EXPECT_TRUE(read_npy(path_, NpyExpectation{{2, 3}, 0, 60, "things"}, diagnostics));
  EXPECT_FALSE(read_npy(path_, NpyExpectation{{3, 2}, 0, 60, "things"}, diagnostics));
  EXPECT_FALSE(read_npy(path_, NpyExpectation{{2, 3}, 0, 59, "things"}, diagnostics));
  const std::string text = diagnostics.to_string();
  EXPECT_TRUE(contains(text, "has the shape (2, 3); things need (3, 2)")) << text;
  EXPECT_TRUE(contains(text, "the value 60 at (1, 2) is out of range; things lie in 0 to 59"))
      << text;
}

TEST_F(Npy, SurvivesEveryTruncation) {
  Diagnostics diagnostics;
  const std::vector<std::int32_t> values = {1, 2, 3};
  ASSERT_TRUE(write_npy(path_, {3}, std::span(values), 16, diagnostics));
  std::ifstream in(path_, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    put(whole.substr(0, length));
    EXPECT_FALSE(complaint().empty()) << length;
  }
}

}  // namespace
}  // namespace chasm
