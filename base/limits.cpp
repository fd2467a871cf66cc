#include "base/limits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/doing.h"
#include "base/unfinished.h"

namespace chasm {
namespace {

// Made before they are needed: a handler cannot format, and has no memory.
struct Words {
  std::array<char, 160> time{}, memory{};
  int time_code = 0, memory_code = 0;
};
Words words;
std::optional<std::uint64_t> memory_bytes;

void write_out(const char* text, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(STDERR_FILENO, text, size);
    if (written <= 0) return;
    text += written;
    size -= static_cast<std::size_t>(written);
  }
}

[[noreturn]] void end(const char* why, int code) {
  std::array<char, kDoingBytes + 200> text;
  std::size_t size = 0;
  const auto append = [&](const char* part, std::size_t bytes) {
    std::memcpy(text.data() + size, part, bytes);
    size += bytes;
  };
  append("\nchasm: ", 8);
  append(why, std::strlen(why));
  append(" while ", 7);
  const std::size_t doing = copy_doing(text.data() + size);
  size = doing == 0 ? size - 7 : size + doing;
  append("\n", 1);
  write_out(text.data(), size);
  remove_unfinished();
  ::_exit(code);
}

void on_time(int) { end(words.time.data(), words.time_code); }
void on_lack_of_memory() { end(words.memory.data(), words.memory_code); }

void on_signal(int number) {
  const char* why = number == SIGINT ? "interrupted" : number == SIGTERM ? "terminated" : "hung up";
  end(why, 128 + number);
}

void on_pipe(int) {
  remove_unfinished();
  std::signal(SIGPIPE, SIG_DFL);
  ::raise(SIGPIPE);
}

// The number after `key` in a file of the kernel's; 0 where there is none.
std::uint64_t kernel_number(const char* path, const char* key) {
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return 0;
  std::uint64_t number = 0;
  char line[256];
  while (std::fgets(line, sizeof line, file) != nullptr)
    if (std::strncmp(line, key, std::strlen(key)) == 0)
      number = std::strtoull(line + std::strlen(key), nullptr, 10);
  std::fclose(file);
  return number;
}

// RLIMIT_DATA, not RLIMIT_AS: threads reserve address space that they never use. Where the shell
// has set that one (ulimit -v), it is the limit if it is the lower one.
void limit_memory(std::uint64_t bytes) {
  rlimit address_space{};
  ::getrlimit(RLIMIT_AS, &address_space);
  bytes = std::min<rlim_t>(bytes, address_space.rlim_cur);
  memory_bytes = bytes;
  std::snprintf(words.memory.data(), words.memory.size(),
                "stopped at the limit of %.3g GB of memory", static_cast<double>(bytes) / 1e9);
  const std::uint64_t most = kernel_number("/proc/self/status", "VmData:") * 1024 + bytes;
  rlimit limit{};
  ::getrlimit(RLIMIT_DATA, &limit);
  limit.rlim_cur = std::min<rlim_t>(most, limit.rlim_max);
  ::setrlimit(RLIMIT_DATA, &limit);
}

void limit_time(double seconds) {
  std::snprintf(words.time.data(), words.time.size(), "stopped at the limit of %.6g s", seconds);
  std::signal(SIGALRM, on_time);
  itimerval timer{};
  const double whole = std::floor(seconds);
  timer.it_value.tv_sec = static_cast<time_t>(whole);
  timer.it_value.tv_usec =
      std::max<suseconds_t>(whole > 0 ? 0 : 1, static_cast<suseconds_t>((seconds - whole) * 1e6));
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace

void set_limits(const Limits& limits) {
  words.time_code = limits.time_code;
  words.memory_code = limits.memory_code;
  if (!memory_bytes) std::snprintf(words.memory.data(), words.memory.size(), "out of memory");
  if (limits.memory_bytes) limit_memory(*limits.memory_bytes);
  std::set_new_handler(on_lack_of_memory);
  if (limits.seconds) limit_time(*limits.seconds);
}

std::optional<std::uint64_t> memory_limit() { return memory_bytes; }

std::uint64_t machine_memory_bytes() {
  const auto pages = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_PHYS_PAGES)));
  std::uint64_t bytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
    if (const std::uint64_t most = kernel_number(path, ""); most > 0) bytes = std::min(bytes, most);
  return bytes;
}

void end_on_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP})  // one that is ignored (nohup) stays so
    if (std::signal(number, on_signal) == SIG_IGN) std::signal(number, SIG_IGN);
  std::signal(SIGPIPE, on_pipe);
  std::signal(SIGXFSZ, SIG_IGN);
}

void forget_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_DFL);
}

}  // namespace chasm
