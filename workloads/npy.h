// NumPy's .npy files of integers: little-endian int8, int16, int32, int64 and uint8 in C order
// (format versions 1.0 to 3.0; numpy.lib.format in NumPy's documentation).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostic.h"

namespace chasm {

struct NpyArray {
  std::vector<std::uint64_t> shape;
  std::vector<std::int64_t> values;
};

// What a file of ours must hold; anything else is a diagnostic.
struct NpyExpectation {
  std::vector<std::uint64_t> shape;
  std::int64_t low, high;  // of every value
  std::string what;        // e.g. "8-bit weights of layer "conv1""
};

std::optional<NpyArray> read_npy(const std::string& path, Diagnostics&);
// Also compares shape and range; the first value out of range is named by its index.
std::optional<NpyArray> read_npy(const std::string& path, const NpyExpectation&, Diagnostics&);

// `bits`: width of the values; they are stored in the smallest of 8, 16, 32 or 64 bits that holds
// it.
bool write_npy(const std::string& path, const std::vector<std::uint64_t>& shape,
               std::span<const std::int32_t> values, std::uint32_t bits, Diagnostics&);
bool write_npy(const std::string& path, const std::vector<std::uint64_t>& shape,
               std::span<const std::int64_t> values, std::uint32_t bits, Diagnostics&);

// `(1, 3, 32, 32)`, as NumPy prints a shape.
std::string shape_text(const std::vector<std::uint64_t>& shape);

}  // namespace chasm
