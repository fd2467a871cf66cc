// Running the built program as a shell would: arguments in, exit code, stdout and stderr out.
#pragma once

#include <string>
#include <vector>

namespace chasm::testing_support {

struct Ran {
  int code = -1;  // exit code; 128 + signal where one ended it
  std::string out, err;
  bool said(const std::string& text) const { return err.find(text) != std::string::npos; }
};

Ran chasm(const std::vector<std::string>& arguments);

// On a terminal of 120 columns, where stdout and stderr are one. An interrupt (Ctrl-C) is sent as
// soon as `interrupt_at` was printed, unless it is empty. `environment` has NAME=VALUE entries
// beside the test's own.
Ran chasm_on_terminal(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& environment = {},
                      const std::string& interrupt_at = {});

// Ended by SIGKILL after that time, unless it has ended by then. What it said goes nowhere.
void chasm_killed_after(const std::vector<std::string>& arguments, unsigned milliseconds);

// A command line for the shell, with the program first in PATH.
Ran shell(const std::string& command_line, const std::string& folder);

// A fresh folder, removed with everything in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  // Writes a file there and returns its path.
  std::string file(const std::string& name, const std::string& content) const;
  std::vector<std::string> content() const;  // names, sorted; folders too

 private:
  std::string path_;
};

std::string text_of(const std::string& path);

}  // namespace chasm::testing_support
