// The two channels: stdout is data, stderr is talk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "sim/report/text_table.h"

namespace chasm {

// Writes text for people to stdout, as for_terminal() has it, or throws Error (invalid input): the
// disk is full, the channel is closed.
void put(std::string_view text);
// The same of a document (JSON, CSV, HTML): a program gets its bytes, only a terminal the escapes.
void put_document(std::string_view text);
// Writes to stderr, first clearing a progress line. What steers a terminal is escaped.
void say(std::string_view text);
void say_warnings(const Diagnostics&);

// Colours where stdout is a terminal and NO_COLOR is not set; its width, or 100 characters on a
// pipe.
TextStyle stdout_style();
// Of text in files.
TextStyle plain_style();

// One line on stderr with rates and remaining time while something long goes on; nothing unless
// stderr is a terminal. May be told as often as one likes.
class Progress {
 public:
  // "simulating: 3 of 20 layers, ..."
  explicit Progress(std::string what, std::string units = "layers");
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // `total` 0: nobody knows. `finer`: so many of smaller units, of which the rate is shown.
  void update(std::size_t done, std::size_t total, std::uint64_t finer = 0,
              const char* finer_units = "");

 private:
  std::string what_, units_;
  bool terminal_;
  double started_s_, shown_s_;
};

}  // namespace chasm
