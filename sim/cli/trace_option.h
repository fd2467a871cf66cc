// --trace KIND=FILE of a run: which traces are wanted, and writing them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "traces/timeline.h"
#include "sim/cli/arguments.h"

namespace chasm {

class TraceOption {
 public:
  static OptionSpec spec();

  // Throws the usage error of an unknown kind, a kind given twice, a missing file, or two traces in
  // one file.
  explicit TraceOption(const Arguments&);
  // Throws Error (invalid input) where a file could not be written. Files in `output_folder` may be
  // in a folder that the run makes.
  void require_writable(const std::string& output_folder) const;

  // What the simulation is to tell; null: no trace is wanted.
  Recorder* recorder() { return timeline_.get(); }
  // Adds every trace to the files that are to be written. Throws Error (invalid input) where that
  // fails.
  void write(Cycle end, std::uint64_t clock_hz, FileSet&);
  // Says that they are written.
  void say_written() const;

 private:
  struct File {
    std::string kind, path;
  };
  std::vector<File> files_;
  std::unique_ptr<Timeline> timeline_;
};

}  // namespace chasm
