// Reading and writing whole files. Problems come back as text for a diagnostic: a missing file is
// the user's fault, never a crash.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace chasm {

// The bytes of a file, or of a pipe until its end. On a problem (missing, a directory, no
// permission, larger than 1 GiB): a diagnostic, and no value.
std::optional<std::string> read_file(const std::string& path, Diagnostics&);

// Writes a temporary file beside `path` and renames it, so that no reader ever sees half a file and
// a failure leaves the old one untouched. Something that is no regular file (/dev/stdout, a pipe)
// is written directly. Returns whether it succeeded; else a diagnostic.
bool write_file(const std::string& path, std::string_view bytes, Diagnostics&);

// The same in pieces, for what is too large to be held. Without a commit nothing remains, also
// where a signal or a limit ends the process before (base/limits.h). A link is followed: the file
// it points to is replaced, with its permissions, and not the link.
class FileWriter {
 public:
  explicit FileWriter(const std::string& path);
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  // After a problem the rest is dropped; commit() tells of it.
  void append(std::string_view bytes);
  // Returns whether the file is complete and in its place; else a diagnostic.
  bool commit(Diagnostics&);

 private:
  friend class FileSet;
  void finish();              // flushes and closes
  void place(bool keep_old);  // renames it into its place; the file that was there is kept aside
  void take_back();           // undoes that
  void drop_old();
  void forget_temporary();

  std::string path_;       // as it was given
  std::string target_;     // what a link points to
  std::string temporary_;  // empty: written directly
  std::string old_;        // where the file that was there is kept aside
  bool placed_ = false, has_old_ = false;
  int fd_ = -1;
  int error_ = 0;
};

// Files that come to their places together, all of them or none: a full disk, a signal or a limit
// in between leaves what was there before. (Only SIGKILL or a power failure, in the instant of the
// renames, can come between them.)
class FileSet {
 public:
  FileSet() = default;
  FileSet(const FileSet&) = delete;
  FileSet& operator=(const FileSet&) = delete;
  ~FileSet();

  // Makes the folder where it is missing; it goes again where the files do not come. Returns
  // whether it is there; else a diagnostic.
  bool add_folder(const std::string& path, Diagnostics&);
  FileWriter& add(const std::string& path);
  bool commit(Diagnostics&);

 private:
  std::vector<std::string> made_folders_;  // outermost first
  std::vector<std::unique_ptr<FileWriter>> files_;
};

// Makes the folder and its parents where missing. Returns whether it exists now; else a diagnostic.
bool make_folder(const std::string& path, Diagnostics&);

}  // namespace chasm
