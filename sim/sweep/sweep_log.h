// The points of a sweep on disk, a JSON line each behind a line that says which sweep they belong
// to (docs/formats.md, "Sweep"). A line is written at once and flushed to the disk: whatever ends
// the process, a point that was reported as done is there.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/json.h"
#include "sim/sweep/sweep_points.h"
#include "sim/sweep/sweep_spec.h"

namespace chasm {

// Of `of` equal parts of a sweep, the one with every `of`-th point, beginning with the number-th.
struct SweepShard {
  std::size_t number = 1, of = 1;
  bool holds(std::size_t index) const { return index % of == number - 1; }
};

// The first line. Rows of sweeps that differ in anything of it must not be mixed.
Json sweep_log_header(const SweepSpec&, std::size_t points, const SweepShard&);
// Where two headers differ, in words; "" where nowhere. `shard` may be left out of it.
std::string header_difference(const Json& a, const Json& b, bool ignore_shard);

struct SweepLogContent {
  Json header;                       // null: the file has no whole line
  std::map<std::size_t, Json> rows;  // by index
  std::size_t whole_bytes = 0;       // up to the last line that is complete
};

// The file is input like any other: header and rows have every field of their form, and rows belong
// to the sweep and shard of the header. A last line that is torn is left out; anything else that is
// wrong is an error at its line.
SweepLogContent parse_sweep_log(std::string_view text, const std::string& path, Diagnostics&);
// That rows of `path` are points of the sweep, which come in the order of their indices.
void check_rows(const std::map<std::size_t, Json>& rows, const std::vector<SweepPoint>&,
                const std::string& path, Diagnostics&);

class SweepLog {
 public:
  // Opens or makes the file. Throws Error (invalid input) where it cannot be written, another
  // process writes it, it holds rows although `resume` is false, or rows of something else.
  SweepLog(const std::string& path, const Json& header, bool resume);
  ~SweepLog();
  SweepLog(const SweepLog&) = delete;
  SweepLog& operator=(const SweepLog&) = delete;

  const std::map<std::size_t, Json>& rows() const { return rows_; }
  void append(const Json& row);  // throws Error (invalid input) where the disk is full
  // Puts the rows in order, in a new file that takes the place of this one.
  void finish();
  // The same with other rows.
  void finish_with(std::map<std::size_t, Json> rows);

 private:
  void write_line(const Json&);

  std::string path_;
  Json header_;
  std::map<std::size_t, Json> rows_;
  int fd_ = -1;
};

}  // namespace chasm
