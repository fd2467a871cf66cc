// What is wrong with the user's input: collected, many at once, each with file and JSON pointer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chasm {

struct Diagnostic {
  enum class Severity { error, warning };
  Severity severity = Severity::error;
  std::string file;     // path or shipped name; empty when the problem is not in a file
  std::string pointer;  // RFC 6901 JSON pointer, or "line:column" for a parse error; may be empty
  std::string message;  // what is wrong, with the allowed range and unit
  std::string hint;     // what to do about it; may be empty
  bool infeasible = false;  // an error of well-formed input that cannot be met (exit code 4, not 3)
};

// `arch.json: /chunks/1/pe_array: error: unknown key "row"; did you mean "rows"?`, on one line
// whatever the user's names hold.
std::string to_string(const Diagnostic&);

class Diagnostics {
 public:
  void error(std::string file, std::string pointer, std::string message, std::string hint = {});
  void infeasible(std::string file, std::string pointer, std::string message,
                  std::string hint = {});
  void warning(std::string file, std::string pointer, std::string message, std::string hint = {});
  void add(const Diagnostics& others);

  bool ok() const {
    return errors_ == 0;
  }  // true while no error was reported (warnings do not count)
  std::size_t error_count() const { return errors_; }
  bool only_infeasible() const;  // errors there are, and each is `infeasible`
  const std::vector<Diagnostic>& all() const { return all_; }
  std::string to_string() const;  // one line a diagnostic; of very many only the first

 private:
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
};

}  // namespace chasm
