// Whether a chunk can execute a program: every rule of docs/formats.md, "Program", each fault with
// the loop and the numbers. Knows nothing of architecture files: the limits are a plain struct.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/diagnostic.h"
#include "models/program/program.h"

namespace chasm {

struct ProgramLimits {
  std::string chunk;  // for the messages
  std::uint64_t rows = 1, cols = 1;
  bool systolic = false;
  // Of a systolic array: the dimensions that may lie along rows and columns.
  Dim systolic_row = Dim::P, systolic_col = Dim::K;
  bool spatial_reduction = true;  // partial sums of several PEs can be added up
  // Register file words a PE for input, weight and psum (at Operand::output), and whether half of
  // them is filled while the other half is used.
  std::array<std::uint64_t, kOperands> register_file_words{};
  std::array<bool, kOperands> double_buffered{};
  std::uint64_t buffer_capacity_bytes = 0;
  std::uint32_t buffer_word_bytes = 1;
};

// Bytes of global buffer that the tiles of an operand take (all its buffer_tiles); 0 where it
// has none there.
std::uint64_t buffer_bytes(const Program&, Operand, std::uint32_t buffer_word_bytes);

// The rules that need no chunk: every loop has 1 to bound trips, the loops of a dimension cover it
// and multiply to less than 2^64. Sizes of tiles mean something only after this.
bool verify_program_loops(const Program&, const std::string& file, const std::string& where,
                          Diagnostics&);

// Reports at `file` and below the JSON pointer `where` (that of the layer's mapping). Loops that
// make no sense for the operation are invalid input; what is sound but exceeds the chunk is
// infeasible. Returns whether there was no error.
bool verify_program(const Program&, const ProgramLimits&, const std::string& file,
                    const std::string& where, Diagnostics&);

}  // namespace chasm
