// The DRAM lines of a transfer, and how many of its words lie in each (docs/microarchitecture.md,
// section 4): runs of lines that follow each other and hold the same number of words.
#pragma once

#include <vector>

#include "models/program/dram_words.h"

namespace chasm::walk {

struct LineRun {
  std::uint64_t first = 0;  // line address
  std::uint64_t lines = 0;
  std::uint64_t words = 0;  // of each line
};

// A list of lines that are taken one after the other.
class LineList {
 public:
  void clear() {
    runs_.clear();
    run_ = taken_ = 0;
    lines_ = with_words_ = 0;
  }
  std::uint64_t lines() const { return lines_; }
  std::uint64_t lines_with_words() const { return with_words_; }
  bool done() const { return run_ == runs_.size(); }
  std::uint64_t taken() const { return taken_ + 1000003 * run_; }  // tells how far it is

  struct Line {
    std::uint64_t address, words;
  };
  Line take() {
    const LineRun& run = runs_[run_];
    const Line line{run.first + taken_, run.words};
    if (++taken_ == run.lines) ++run_, taken_ = 0;
    return line;
  }

 private:
  friend class LineWriter;
  std::vector<LineRun> runs_;
  std::size_t run_ = 0;
  std::uint64_t taken_ = 0;  // of the run
  std::uint64_t lines_ = 0, with_words_ = 0;
};

// Of a tile, with `only_new` without the words that are kept on every axis.
void lines_of_tensor(const TensorAccess&, const Placement&, const std::vector<AxisCoordinates>&,
                     bool only_new, LineList&);
// Of the blocks of a parameter tensor with indices in [offsets, offsets + extents).
void lines_of_blocks(const ParameterBlocks&, const Placement&,
                     const DimArray<std::uint64_t>& offsets, const DimArray<std::uint64_t>& extents,
                     LineList&);

}  // namespace chasm::walk
