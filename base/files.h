// Reading and writing whole files. Problems come back as text for a diagnostic: a missing file is
// the user's fault, never a crash.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace chasm {

// The bytes of a file, or of a pipe until its end. On a problem (missing, a directory, no
// permission, larger than 1 GiB): a diagnostic, and no value.
std::optional<std::string> read_file(const std::string& path, Diagnostics&);

// Writes a temporary file beside `path` and renames it, so that no reader ever sees half a file and
// a failure leaves the old one untouched. Something that is no regular file (/dev/stdout, a pipe)
// is written directly. Returns whether it succeeded; else a diagnostic.
bool write_file(const std::string& path, std::string_view bytes, Diagnostics&);

// The same in pieces, for what is too large to be held. Without a commit nothing remains.
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
  std::string path_;       // as it was given
  std::string target_;     // what a link points to
  std::string temporary_;  // empty: written directly
  int fd_ = -1;
  int error_ = 0;
};

// Makes the folder and its parents where missing. Returns whether it exists now; else a diagnostic.
bool make_folder(const std::string& path, Diagnostics&);

}  // namespace chasm
