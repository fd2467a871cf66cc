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

TEST_F(Files, ALinkToNothingIsFollowedToo) {
  fs::create_symlink("later", path("link"));
  fs::create_symlink("link", path("second"));
  ASSERT_TRUE(write_file(path("second"), "new", diagnostics_));
  EXPECT_TRUE(fs::is_symlink(path("second")));
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(read_file(path("later"), diagnostics_), "new");
}

TEST_F(Files, AReplacedFileKeepsItsPermissions) {
  ASSERT_TRUE(write_file(path("f"), "old", diagnostics_));
  ASSERT_EQ(::chmod(path("f").c_str(), 0640), 0);
  ASSERT_TRUE(write_file(path("f"), "new", diagnostics_));
  EXPECT_EQ(fs::status(path("f")).permissions(), fs::perms{0640});
}

TEST_F(Files, ASetComesAllAtOnce) {
  ASSERT_TRUE(write_file(path("b"), "old", diagnostics_));
  FileSet set;
  ASSERT_TRUE(set.add_folder(path("d/e"), diagnostics_));
  set.add(path("a")).append("1");
  set.add(path("b")).append("2");
  set.add(path("d/e/c")).append("3");
  EXPECT_FALSE(fs::exists(path("a")));
  EXPECT_TRUE(set.commit(diagnostics_));
  EXPECT_EQ(read_file(path("a"), diagnostics_), "1");
  EXPECT_EQ(read_file(path("b"), diagnostics_), "2");
  EXPECT_EQ(read_file(path("d/e/c"), diagnostics_), "3");
  EXPECT_EQ(entries(), 3U);
}

// Whichever of them cannot come, and whether it is found when it is written or when it is renamed.
TEST_F(Files, OneThatCannotComeKeepsBackAll) {
  for (const std::size_t bad : {0U, 1U, 2U})
    for (const bool late : {false, true}) {
      ASSERT_TRUE(write_file(path("f1"), "old", diagnostics_));
      Diagnostics problems;
      {
        FileSet set;
        ASSERT_TRUE(set.add_folder(path("d/e"), problems));
        for (std::size_t i = 0; i < 3; ++i) {
          const std::string name = i == bad && !late ? "none/f" : "f" + std::to_string(i);
          set.add(path(name.c_str())).append("new");
        }
        const std::string in_the_way = path(("f" + std::to_string(bad)).c_str());
        if (late) fs::remove(in_the_way), fs::create_directory(in_the_way);
        EXPECT_FALSE(set.commit(problems));
        if (late) fs::remove(in_the_way);
      }
      EXPECT_EQ(problems.error_count(), 1U) << problems.to_string();
      if (!(late && bad == 1)) EXPECT_EQ(read_file(path("f1"), diagnostics_), "old");
      fs::remove(path("f1"));
      EXPECT_EQ(entries(), 0U) << bad << late;
    }
}

TEST_F(Files, TwoCannotComeToOnePlace) {
  fs::create_symlink("f", path("link"));
  FileSet set;
  set.add(path("f")).append("1");
  set.add(path("link")).append("2");
  EXPECT_FALSE(set.commit(diagnostics_));
  EXPECT_FALSE(fs::exists(path("f")));
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
