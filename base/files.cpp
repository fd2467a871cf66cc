#include "base/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "base/unfinished.h"

namespace chasm {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 30;

// A file descriptor that is closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::string reason(int error) { return std::generic_category().message(error); }

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// The file that a chain of links ends at, whether it exists or not.
std::string behind_links(const std::string& path) {
  constexpr int kMostLinks = 40;  // as the kernel follows
  std::filesystem::path at = path;
  std::error_code error;
  for (int i = 0; i < kMostLinks && std::filesystem::is_symlink(at, error); ++i)
    at = at.parent_path() / std::filesystem::read_symlink(at, error);
  return at.string();
}

// While it lives, signals wait.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

std::optional<std::string> read_file(const std::string& path, Diagnostics& diagnostics) {
  const auto refuse = [&](const std::string& why) {
    diagnostics.error(path, "", "cannot read the file: " + why);
    return std::nullopt;
  };
  const Descriptor in(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in.open()) return refuse(reason(errno));
  std::string text;
  std::array<char, 1 << 16> block;
  while (true) {
    const ssize_t got = ::read(in.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refuse(reason(errno));
    if (got == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > kLargestFile) return refuse("it is larger than 1 GiB");
  }
}

FileWriter::FileWriter(const std::string& path) : path_(path), target_(path) {
  struct stat info {};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && !S_ISREG(info.st_mode)) {
    fd_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    target_ = behind_links(path);
    temporary_ = fmt::format("{}.{}.tmp", target_, ::getpid());
    old_ = fmt::format("{}.{}.old.tmp", target_, ::getpid());
    remember_unfinished(temporary_.c_str());
    fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd_ >= 0 && exists) ::fchmod(fd_, info.st_mode & 0777);
  }
  if (fd_ < 0) error_ = errno;
  if (fd_ < 0 && !temporary_.empty()) forget_temporary();
}

FileWriter::~FileWriter() {
  if (fd_ >= 0) ::close(fd_);
  if (temporary_.empty()) return;
  ::unlink(temporary_.c_str());
  forget_temporary();
}

void FileWriter::forget_temporary() {
  forget_unfinished(temporary_.c_str());
  temporary_.clear();
}

void FileWriter::append(std::string_view bytes) {
  if (error_ == 0 && !write_all(fd_, bytes)) error_ = errno;
}

void FileWriter::finish() {
  // What is renamed into place must be on the disk first, or a power failure may leave an empty
  // file in the place of the old one. What cannot be flushed (a pipe) need not be.
  if (error_ == 0 && !temporary_.empty() && ::fsync(fd_) != 0 && errno != EINVAL) error_ = errno;
  if (error_ == 0 && ::close(std::exchange(fd_, -1)) != 0) error_ = errno;
}

// A second name keeps the old file where file systems have such; else it is moved out of the way.
void FileWriter::place(bool keep_old) {
  if (error_ != 0 || temporary_.empty()) return;
  if (keep_old && ::access(target_.c_str(), F_OK) == 0) {
    has_old_ =
        ::link(target_.c_str(), old_.c_str()) == 0 || ::rename(target_.c_str(), old_.c_str()) == 0;
    if (!has_old_) error_ = errno;
  }
  if (error_ == 0 && ::rename(temporary_.c_str(), target_.c_str()) == 0)
    placed_ = true;
  else if (error_ == 0)
    error_ = errno;
}

void FileWriter::take_back() {
  if (has_old_) {
    // Where both names are the same file still, a rename does nothing, and need not be possible.
    if (::rename(old_.c_str(), target_.c_str()) == 0 ||
        (!placed_ && ::access(target_.c_str(), F_OK) == 0))
      ::unlink(old_.c_str());
  } else if (placed_) {
    ::unlink(target_.c_str());
  }
}

void FileWriter::drop_old() {
  if (has_old_) ::unlink(old_.c_str());
  if (placed_) forget_temporary();
}

bool FileWriter::commit(Diagnostics& diagnostics) {
  finish();
  place(false);
  drop_old();
  if (error_ == 0) return true;
  diagnostics.error(path_, "", "cannot write the file: " + reason(error_));
  return false;
}

FileSet::~FileSet() {
  files_.clear();
  while (!made_folders_.empty()) {  // those that something else is in by now stay
    ::rmdir(made_folders_.back().c_str());
    made_folders_.pop_back();
  }
}

bool FileSet::add_folder(const std::string& path, Diagnostics& diagnostics) {
  std::vector<std::string> missing;
  std::error_code ignored;
  for (std::filesystem::path p = path; !p.empty() && !std::filesystem::exists(p, ignored);
       p = p.parent_path())
    missing.insert(missing.begin(), p.string());
  made_folders_.insert(made_folders_.end(), missing.begin(), missing.end());
  return make_folder(path, diagnostics);
}

FileWriter& FileSet::add(const std::string& path) {
  files_.push_back(std::make_unique<FileWriter>(path));
  FileWriter& added = *files_.back();
  for (const auto& other : files_)
    if (other.get() != &added && other->target_ == added.target_ && !added.temporary_.empty())
      added.error_ = EEXIST;  // two cannot be at one place
  return added;
}

bool FileSet::commit(Diagnostics& diagnostics) {
  for (const auto& file : files_) file->finish();
  const auto good = [&] {
    return std::all_of(files_.begin(), files_.end(), [](const auto& f) { return f->error_ == 0; });
  };
  {
    const SignalsHeld held;  // and nothing in here asks for memory
    if (good())
      for (const auto& file : files_) file->place(files_.size() > 1);
    if (!good())
      for (auto file = files_.rbegin(); file != files_.rend(); ++file) (*file)->take_back();
    else
      for (const auto& file : files_) file->drop_old();
  }
  if (good()) {
    made_folders_.clear();
    return true;
  }
  for (const auto& file : files_)
    if (file->error_ != 0)
      diagnostics.error(file->path_, "", "cannot write the file: " + reason(file->error_));
  return false;
}

bool write_file(const std::string& path, std::string_view bytes, Diagnostics& diagnostics) {
  FileWriter file(path);
  file.append(bytes);
  return file.commit(diagnostics);
}

bool make_folder(const std::string& path, Diagnostics& diagnostics) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error && std::filesystem::is_directory(path, error)) return true;
  diagnostics.error(path, "", "cannot make the folder: " + reason(error ? error.value() : ENOTDIR));
  return false;
}

}  // namespace chasm
