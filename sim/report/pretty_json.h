// JSON as people read it: whatever fits a line stays on one line.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"

namespace chasm {

// Keys keep their order; numbers are the shortest that read back exactly; ends with a newline.
std::string pretty_json(const Json&, std::size_t width = 100);

// The same of an object in pieces, for what is too large to be held: it must be too long for a
// line, and so must every array of rows.
class PrettyObject {
 public:
  explicit PrettyObject(std::function<void(std::string_view)> sink) : sink_(std::move(sink)) {}
  void member(const std::string& key, const Json& value);
  void begin_rows(const std::string& key);
  void row(const Json&);
  void end_rows();
  void end();

 private:
  void begin_member(const std::string& key, std::string& text);

  std::function<void(std::string_view)> sink_;
  bool first_member_ = true, first_row_ = true;
};

}  // namespace chasm
