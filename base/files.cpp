#include "base/files.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

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
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    fd_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    // A link is followed, so that the file it points to is replaced and not the link.
    std::error_code error;
    const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
    if (!error) target_ = real.string();
    temporary_ = fmt::format("{}.{}.tmp", target_, ::getpid());
    fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd_ < 0) temporary_.clear();
  }
  if (fd_ < 0) error_ = errno;
}

FileWriter::~FileWriter() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void FileWriter::append(std::string_view bytes) {
  if (error_ == 0 && !write_all(fd_, bytes)) error_ = errno;
}

bool FileWriter::commit(Diagnostics& diagnostics) {
  // What is renamed into place must be on the disk first, or a power failure may leave an empty
  // file in the place of the old one. What cannot be flushed (a pipe) need not be.
  if (error_ == 0 && !temporary_.empty() && ::fsync(fd_) != 0 && errno != EINVAL) error_ = errno;
  if (error_ == 0 && ::close(std::exchange(fd_, -1)) != 0) error_ = errno;
  if (error_ == 0 && !temporary_.empty()) {
    if (::rename(temporary_.c_str(), target_.c_str()) == 0)
      temporary_.clear();
    else
      error_ = errno;
  }
  if (error_ == 0) return true;
  diagnostics.error(path_, "", "cannot write the file: " + reason(error_));
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
