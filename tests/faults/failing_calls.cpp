// Loaded before a program (LD_PRELOAD): its n-th call of one kind fails, or that and all later
// ones.
//
//   CHASM_FAIL=write:3   the third write to a regular file finds the disk full
//   CHASM_FAIL=write:3+  and so do all later ones
//   CHASM_FAIL_MARK=FILE is made when a call has failed
//
// Kinds: write (also pwrite), fsync (also fdatasync), rename, open (for writing; also mkstemp),
// close (of regular files), truncate, mkdir, malloc (also calloc, realloc). Calls count from the
// start of main, in each process alone; a child goes on from the count of its parent.
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

enum Kind { kWrite, kFsync, kRename, kOpen, kClose, kTruncate, kMkdir, kMalloc, kNone };
constexpr const char* kNames[] = {"write", "fsync",    "rename", "open",
                                  "close", "truncate", "mkdir",  "malloc"};

Kind failing = kNone;
long first = 0;
bool later_too = false;
std::atomic<bool> armed{false};
std::atomic<long> calls{0};

void read_request() {
  const char* text = std::getenv("CHASM_FAIL");
  const char* colon = text == nullptr ? nullptr : std::strchr(text, ':');
  if (colon == nullptr) return;
  for (int kind = 0; kind < kNone; ++kind)
    if (std::strncmp(text, kNames[kind], static_cast<std::size_t>(colon - text)) == 0)
      failing = static_cast<Kind>(kind);
  char* end = nullptr;
  first = std::strtol(colon + 1, &end, 10);
  later_too = *end == '+';
}

void leave_mark() {
  if (const char* path = std::getenv("CHASM_FAIL_MARK"))
    ::syscall(SYS_close, ::syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT, 0600));
}

bool fails(Kind kind, int error) {
  if (!armed || kind != failing) return false;
  const long call = ++calls;
  if (call < first || (call > first && !later_too)) return false;
  leave_mark();
  errno = error;
  return true;
}

// Of what is said on stderr nothing depends, wherever that leads.
bool is_regular(int fd) {
  struct stat info {};
  return fd != STDERR_FILENO && ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

using Main = int (*)(int, char**, char**);
Main real_main = nullptr;
int armed_main(int argc, char** argv, char** environment) {
  read_request();
  armed = true;
  return real_main(argc, argv, environment);
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

#define NEXT(name) static const auto real = next<decltype(&name)>(#name)

extern "C" {

int __libc_start_main(Main main, int argc, char** argv, void (*init)(), void (*fini)(),
                      void (*rtld_fini)(), void* stack_end);
int __libc_start_main(Main main, int argc, char** argv, void (*init)(), void (*fini)(),
                      void (*rtld_fini)(), void* stack_end) {
  NEXT(__libc_start_main);
  real_main = main;
  return real(armed_main, argc, argv, init, fini, rtld_fini, stack_end);
}

ssize_t write(int fd, const void* bytes, std::size_t count) {
  NEXT(write);
  return is_regular(fd) && fails(kWrite, ENOSPC) ? -1 : real(fd, bytes, count);
}
ssize_t pwrite64(int fd, const void* bytes, std::size_t count, off64_t at) {
  NEXT(pwrite64);
  return is_regular(fd) && fails(kWrite, ENOSPC) ? -1 : real(fd, bytes, count, at);
}
ssize_t pwrite(int fd, const void* bytes, std::size_t count, off_t at) {
  NEXT(pwrite);
  return is_regular(fd) && fails(kWrite, ENOSPC) ? -1 : real(fd, bytes, count, at);
}

int fsync(int fd) {
  NEXT(fsync);
  return fails(kFsync, EIO) ? -1 : real(fd);
}
int fdatasync(int fd) {
  NEXT(fdatasync);
  return fails(kFsync, EIO) ? -1 : real(fd);
}

int rename(const char* from, const char* to) noexcept {
  NEXT(rename);
  return fails(kRename, EACCES) ? -1 : real(from, to);
}
int renameat2(int from_fd, const char* from, int to_fd, const char* to, unsigned flags) noexcept {
  NEXT(renameat2);
  return fails(kRename, EACCES) ? -1 : real(from_fd, from, to_fd, to, flags);
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  NEXT(open);
  return (flags & O_ACCMODE) != O_RDONLY && fails(kOpen, EMFILE) ? -1 : real(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  NEXT(open64);
  return (flags & O_ACCMODE) != O_RDONLY && fails(kOpen, EMFILE) ? -1 : real(path, flags, mode);
}
int mkstemp(char* name) {
  NEXT(mkstemp);
  return fails(kOpen, EMFILE) ? -1 : real(name);
}
int mkstemp64(char* name) {
  NEXT(mkstemp64);
  return fails(kOpen, EMFILE) ? -1 : real(name);
}

// The descriptor is gone all the same, as on Linux.
int close(int fd) {
  NEXT(close);
  const bool counts = is_regular(fd);
  const int result = real(fd);
  return counts && fails(kClose, EIO) ? -1 : result;
}

int ftruncate(int fd, off_t size) noexcept {
  NEXT(ftruncate);
  return fails(kTruncate, EIO) ? -1 : real(fd, size);
}
int ftruncate64(int fd, off64_t size) noexcept {
  NEXT(ftruncate64);
  return fails(kTruncate, EIO) ? -1 : real(fd, size);
}

int mkdir(const char* path, mode_t mode) noexcept {
  NEXT(mkdir);
  return fails(kMkdir, ENOSPC) ? -1 : real(path, mode);
}

// Their originals by the names that glibc keeps for this: dlsym() allocates.
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* malloc(std::size_t size) noexcept {
  return fails(kMalloc, ENOMEM) ? nullptr : __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  return fails(kMalloc, ENOMEM) ? nullptr : __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) noexcept {
  return fails(kMalloc, ENOMEM) ? nullptr : __libc_realloc(block, size);
}

}  // extern "C"
