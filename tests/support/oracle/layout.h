// Where the words of a tensor lie in DRAM, and which 64-byte lines move a set of them.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "models/program/program.h"
#include "tests/support/oracle/words.h"

namespace chasm::oracle {

struct Line {
  std::uint64_t number;  // byte address / 64
  std::uint64_t words =
      0;  // moved words whose first bit lies in it; a tail or a gap of a row has none
  std::uint64_t bits = 0;  // of these words
};

class Layout {
 public:
  // `array_tile`: extents of the blocks that parameters are stored in; by a reading they are moved
  // as one row.
  Layout(const TensorAccess&, const Placement&, const DimArray<std::uint64_t>& array_tile,
         bool parameters_in_rows = false);

  std::vector<Line> transfer(const Words&) const;

 private:
  struct Place {
    std::vector<std::int64_t> row;  // what names the row that a transfer moves a span of
    std::uint64_t begin;            // in units of 1/65536 bit from address 0
  };
  using Numbers = std::vector<std::uint64_t>;
  Numbers row_lines(const Words&) const;
  Numbers word_lines(const Words&) const;
  std::uint64_t begin(std::uint64_t word) const { return places_.at(word).begin; }
  std::uint64_t first_line(std::uint64_t word) const;
  std::uint64_t last_line(std::uint64_t word) const;

  bool by_blocks_, by_rows_;
  std::uint64_t bits_;                     // of a word in the buffer
  std::uint64_t units_;                    // of a word in DRAM; a compressed one takes less
  std::map<std::uint64_t, Place> places_;  // by word number
};

}  // namespace chasm::oracle
