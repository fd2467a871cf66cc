#include "tests/support/oracle/in_child.h"

#include <exception>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/check.h"

namespace chasm {
namespace {

void write_all(int to, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = write(to, text.data() + written, text.size() - written);
    if (n <= 0) _exit(3);
    written += static_cast<std::size_t>(n);
  }
}

[[noreturn]] void be_the_child(int to, const std::function<std::string()>& work, unsigned seconds) {
  alarm(seconds);  // its signal ends the process
  int code = 0;
  try {
    write_all(to, work());
  } catch (const std::exception& problem) {
    write_all(to, problem.what());
    code = 2;
  }
  _exit(code);  // no destructors of what the parent owns
}

std::string read_all(int from) {
  std::string text;
  char part[4096];
  ssize_t n = 0;
  while ((n = read(from, part, sizeof part)) > 0) text.append(part, static_cast<std::size_t>(n));
  return text;
}

}  // namespace

ChildResult in_child(const std::function<std::string()>& work, unsigned seconds) {
  int ends[2];
  CHECK(pipe(ends) == 0, "no pipe");
  const pid_t child = fork();
  CHECK(child >= 0, "no child process");
  if (child == 0) {
    close(ends[0]);
    be_the_child(ends[1], work, seconds);
  }
  close(ends[1]);
  ChildResult result{false, read_all(ends[0])};
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  result.ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (WIFSIGNALED(status)) result.text += fmt::format("ended by signal {}", WTERMSIG(status));
  return result;
}

}  // namespace chasm
