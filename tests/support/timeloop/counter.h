// What Timeloop counts for a mapping of a convolution, after its published rules (README.md beside
// this file explains each, and where it differs from what a machine moves). It shares no code with
// mapper/word_counts.h. Perfect factors only: the loops of a dimension multiply to its bound.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/program/operation.h"

namespace chasm::timeloop {

enum class Tensor : std::uint8_t { inputs, weights, outputs };
inline constexpr std::array kTensors = {Tensor::inputs, Tensor::weights, Tensor::outputs};

struct Loop {
  Dim dim;
  std::uint64_t trips = 1;
  bool spatial = false;  // over PEs instead of time
};

struct Level {
  std::string name;
  std::size_t outside = 0;      // loops outside its tile: the first so many of the nest
  std::array<bool, 3> keeps{};  // by Tensor; the others pass it by
  double energy_per_word = 0;
};

struct Mapping {
  std::uint64_t stride = 1;
  std::vector<Loop> loops;    // outermost first
  std::vector<Level> levels;  // outermost first; DRAM is the first and keeps everything
  double energy_per_operation = 1;
};

// Summed over all instances of a level.
struct Words {
  std::uint64_t reads = 0, fills = 0, updates = 0;
  bool operator==(const Words&) const = default;
};

struct Counts {
  std::uint64_t operations = 0, cycles = 0;
  std::vector<std::array<Words, 3>> levels;  // as in the mapping; zeros where a tensor passes by
  double energy = 0;
  double edp() const { return energy * static_cast<double>(cycles); }
};

// Which steps of a loop are looked at: the first two, the second standing for the rest (as
// Timeloop does unless told otherwise), or all.
enum class Steps : std::uint8_t { first_two, all };

Counts count(const Mapping&, Steps = Steps::first_two);

// Words of a tensor's tile below so many loops.
std::uint64_t tile_words(const Mapping&, Tensor, std::size_t outside);

}  // namespace chasm::timeloop
