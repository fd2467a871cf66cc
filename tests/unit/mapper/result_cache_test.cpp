#include "mapper/result_cache.h"

#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace chasm {
namespace {

class ResultCacheTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("chasm_cache_{}", getpid());
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / "sub" / "cache.sqlite").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::string path_;
  Diagnostics warnings_;
};

TEST_F(ResultCacheTest, KeepsWhatWasStored) {
  const std::string key = "it's a \"key\"\nof two lines";
  {
    ResultCache cache(path_, warnings_);
    EXPECT_EQ(cache.find(key), std::nullopt);
    cache.store({{key, "value"}, {"other", ""}}, warnings_);
  }
  ResultCache again(path_, warnings_);
  EXPECT_EQ(again.find(key), "value");
  EXPECT_EQ(again.find("other"), "");
  EXPECT_EQ(again.find("it"), std::nullopt);
  again.store({{key, "newer"}}, warnings_);
  EXPECT_EQ(again.find(key), "newer");
  EXPECT_TRUE(warnings_.all().empty()) << warnings_.to_string();
}

TEST_F(ResultCacheTest, WithoutAPathKeepsNothing) {
  ResultCache cache("", warnings_);
  cache.store({{"key", "value"}}, warnings_);
  EXPECT_EQ(cache.find("key"), std::nullopt);
  EXPECT_TRUE(warnings_.all().empty());
}

// Whatever lies there is only warned of, and left as it is.
TEST_F(ResultCacheTest, LeavesOtherFilesAlone) {
  const std::string text =
      "no database, but long enough to be taken for one: " + std::string(5000, 'x');
  const std::string garbage = (folder_ / "garbage").string();
  std::ofstream(garbage) << text;
  const std::string folder = folder_.string(), below_a_file = garbage + "/cache";
  for (const std::string& path : {garbage, folder, below_a_file}) {
    Diagnostics warnings;
    ResultCache cache(path, warnings);
    EXPECT_FALSE(cache.is_open()) << path;
    cache.store({{"key", "value"}}, warnings);
    EXPECT_EQ(cache.find("key"), std::nullopt);
    ASSERT_EQ(warnings.all().size(), 1U) << path;
    EXPECT_TRUE(warnings.ok());
  }
  std::ifstream file(garbage);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
}

// Many processes at once: each finds what it stored, and nothing is lost.
TEST_F(ResultCacheTest, IsSafeAcrossProcesses) {
  constexpr int kProcesses = 6, kEntries = 25;
  for (int p = 0; p < kProcesses; ++p) {
    if (fork() != 0) continue;
    Diagnostics warnings;
    ResultCache cache(path_, warnings);
    bool ok = cache.is_open();
    for (int e = 0; e < kEntries; ++e) {
      cache.store({{fmt::format("{}/{}", p, e), "own"}, {fmt::format("shared/{}", e), "same"}},
                  warnings);
      ok = ok && cache.find(fmt::format("{}/{}", p, e)) == "own";
    }
    _exit(ok && warnings.all().empty() ? 0 : 1);
  }
  for (int p = 0; p < kProcesses; ++p) {
    int status = 1;
    wait(&status);
    EXPECT_EQ(status, 0);
  }
  ResultCache cache(path_, warnings_);
  for (int e = 0; e < kEntries; ++e) {
    EXPECT_EQ(cache.find(fmt::format("shared/{}", e)), "same");
    for (int p = 0; p < kProcesses; ++p) EXPECT_EQ(cache.find(fmt::format("{}/{}", p, e)), "own");
  }
}

TEST(SearchVersion, IsAHash) {
  EXPECT_EQ(search_version().size(), 16U);
  EXPECT_EQ(search_version().find_first_not_of("0123456789abcdef"), std::string::npos);
}

}  // namespace
}  // namespace chasm
