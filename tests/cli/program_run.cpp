#include "tests/cli/program_run.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <pty.h>
#include <sstream>
#include <stdexcept>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

namespace chasm::testing_support {
namespace {

namespace fs = std::filesystem;

// Replaces the process; 127 where there is no such program.
[[noreturn]] void become(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

int exit_code_of(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid failed");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void redirect(int fd, const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || ::dup2(file, fd) < 0) ::_exit(126);
  ::close(file);
}

Ran run(const std::vector<std::string>& words, const std::string& folder) {
  const TemporaryFolder channels;
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    redirect(STDOUT_FILENO, channels / "out");
    redirect(STDERR_FILENO, channels / "err");
    if (!folder.empty() && ::chdir(folder.c_str()) != 0) ::_exit(126);
    become(words);
  }
  const int code = exit_code_of(child);
  return {code, text_of(channels / "out"), text_of(channels / "err")};
}

std::vector<std::string> with_program(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {CHASM_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

}  // namespace

Ran chasm(const std::vector<std::string>& arguments) { return run(with_program(arguments), ""); }

Ran shell(const std::string& command_line, const std::string& folder) {
  const std::string bin = fs::path(CHASM_BINARY).parent_path().string();
  return run({"/bin/sh", "-c", "PATH=\"" + bin + ":$PATH\"; export PATH; " + command_line}, folder);
}

Ran chasm_on_terminal(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& environment,
                      const std::string& interrupt_at) {
  int terminal = -1;
  winsize size{40, 120, 0, 0};
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (child < 0) throw std::runtime_error("forkpty failed");
  if (child == 0) {
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
    for (const std::string& entry : environment) ::putenv(const_cast<char*>(entry.c_str()));
    become(with_program(arguments));
  }
  Ran ran;
  bool interrupted = interrupt_at.empty();
  char block[4096];
  for (ssize_t got; (got = ::read(terminal, block, sizeof block)) > 0;) {
    ran.out.append(block, static_cast<std::size_t>(got));
    if (interrupted || ran.out.find(interrupt_at) == std::string::npos) continue;
    interrupted = ::kill(child, SIGINT) == 0;
  }
  ran.code = exit_code_of(child);
  ::close(terminal);
  return ran;
}

void chasm_killed_after(const std::vector<std::string>& arguments, unsigned milliseconds) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    redirect(STDOUT_FILENO, "/dev/null");
    redirect(STDERR_FILENO, "/dev/null");
    become(with_program(arguments));
  }
  ::usleep(milliseconds * 1000);
  ::kill(child, SIGKILL);
  exit_code_of(child);
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "chasm-cli-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TemporaryFolder::file(const std::string& name, const std::string& content) const {
  const std::string path = *this / name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::vector<std::string> TemporaryFolder::content() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(path_))
    names.push_back(fs::relative(entry.path(), path_).string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace chasm::testing_support
