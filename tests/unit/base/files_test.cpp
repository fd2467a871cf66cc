#include "base/files.h"

#include <filesystem>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace chasm {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  Files() {
    std::string pattern = (fs::temp_directory_path() / "chasm_files_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Files() override { fs::remove_all(folder_); }

  std::string path(const char* name) const { return (folder_ / name).string(); }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  fs::path folder_;
  Diagnostics diagnostics_;
};

TEST_F(Files, ReadsBackTheBytesWritten) {
  const std::string bytes("a\0b\xff\n", 5);
  ASSERT_TRUE(write_file(path("f"), bytes, diagnostics_));
  EXPECT_EQ(read_file(path("f"), diagnostics_), bytes);
  ASSERT_TRUE(write_file(path("f"), "", diagnostics_));
  EXPECT_EQ(read_file(path("f"), diagnostics_), "");
  EXPECT_TRUE(diagnostics_.ok());
  EXPECT_EQ(entries(), 1U) << "no temporary file is left";
}

TEST_F(Files, MissingFileAndFolderAreDiagnostics) {
  EXPECT_FALSE(read_file(path("none"), diagnostics_));
  EXPECT_FALSE(read_file(folder_.string(), diagnostics_));
  ASSERT_EQ(diagnostics_.error_count(), 2U);
  EXPECT_EQ(to_string(diagnostics_.all()[0]),
            path("none") + ": error: cannot read the file: No such file or directory");
  EXPECT_EQ(diagnostics_.all()[1].message, "cannot read the file: Is a directory");
}

TEST_F(Files, AFailedWriteLeavesTheOldFile) {
  ASSERT_TRUE(write_file(path("f"), "old", diagnostics_));
  EXPECT_FALSE(write_file(path("f/inside"), "new", diagnostics_));
  EXPECT_FALSE(write_file(path("none/f"), "new", diagnostics_));
  EXPECT_EQ(read_file(path("f"), diagnostics_), "old");
  EXPECT_EQ(diagnostics_.error_count(), 2U);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, AFullDiskIsADiagnostic) {
  if (!fs::exists("/dev/full")) GTEST_SKIP();
  EXPECT_FALSE(write_file("/dev/full", "bytes", diagnostics_));
  EXPECT_EQ(diagnostics_.all()[0].message, "cannot write the file: No space left on device");
}

TEST_F(Files, PiecesAppearOnlyTogether) {
  {
    FileWriter abandoned(path("f"));
    abandoned.append("half");
  }
  EXPECT_EQ(entries(), 0U);
  FileWriter file(path("f"));
  file.append("one ");
  file.append("two");
  EXPECT_FALSE(fs::exists(path("f")));
  EXPECT_TRUE(file.commit(diagnostics_));
  EXPECT_EQ(read_file(path("f"), diagnostics_), "one two");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, ALinkIsFollowed) {
  ASSERT_TRUE(write_file(path("target"), "old", diagnostics_));
  fs::create_symlink("target", path("link"));
  ASSERT_TRUE(write_file(path("link"), "new", diagnostics_));
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(read_file(path("target"), diagnostics_), "new");
}

TEST_F(Files, APipeIsReadToItsEndAndWrittenDirectly) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  const std::string bytes(200'000, 'x');
  std::thread writer([&] {
    Diagnostics mine;
    write_file(path("pipe"), bytes, mine);
  });
  EXPECT_EQ(read_file(path("pipe"), diagnostics_), bytes);
  writer.join();
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
}

TEST_F(Files, MakesAFolderWithItsParents) {
  EXPECT_TRUE(make_folder(path("a/b/c"), diagnostics_));
  EXPECT_TRUE(make_folder(path("a/b/c"), diagnostics_));
  ASSERT_TRUE(write_file(path("f"), "", diagnostics_));
  EXPECT_FALSE(make_folder(path("f"), diagnostics_));
  EXPECT_FALSE(make_folder(path("f/g"), diagnostics_));
  EXPECT_EQ(diagnostics_.error_count(), 2U);
}

}  // namespace
}  // namespace chasm
