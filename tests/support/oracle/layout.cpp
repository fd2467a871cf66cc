#include "tests/support/oracle/layout.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/units.h"

namespace chasm::oracle {
namespace {

constexpr std::uint64_t kUnits = 65536;  // of a bit
constexpr std::uint64_t kLineUnits = 64 * 8 * kUnits;

using Coordinates = std::vector<std::int64_t>;

std::vector<Coordinates> all_coordinates(const TensorAccess& access) {
  std::vector<Coordinates> all = {{}};
  for (const Axis& axis : access.axes) {
    std::vector<Coordinates> longer;
    for (const Coordinates& outer : all) {
      for (std::int64_t c = 0; c < axis.extent; ++c) {
        longer.push_back(outer);
        longer.back().push_back(c);
      }
    }
    all = std::move(longer);
  }
  return all;
}

std::uint64_t word_of(const TensorAccess& access, const Coordinates& coordinates) {
  std::int64_t word = static_cast<std::int64_t>(access.base_word);
  for (std::size_t a = 0; a < access.axes.size(); ++a) {
    word += coordinates[a] * access.axes[a].word_stride;
  }
  return static_cast<std::uint64_t>(word);
}

// The number of the array tile's block that holds these coordinates, one an axis.
Coordinates block_of(const TensorAccess& access, const Coordinates& coordinates,
                     const DimArray<std::uint64_t>& array_tile) {
  Coordinates block;
  for (std::size_t a = 0; a < access.axes.size(); ++a) {
    const auto& terms = access.axes[a].terms;
    CHECK(terms.size() == 1 && terms[0].coefficient == 1, "axis {} of a parameter", a);
    block.push_back(coordinates[a] / static_cast<std::int64_t>(array_tile[terms[0].dim]));
  }
  return block;
}

struct Position {
  Coordinates row;
  std::uint64_t word;  // number in the order of DRAM
};

// Activations in the order of their layout; `coordinates` are those of the operation.
Position position_of(const TensorLayout& layout, std::uint64_t word,
                     const Coordinates& coordinates) {
  if (layout.block == 0) {
    Coordinates row = coordinates;
    if (!row.empty()) row.pop_back();
    return {row, word};
  }
  // Pixel by pixel, the channels of one (and of one block of them) side by side.
  const std::uint64_t pixel = word % layout.pixels;
  const std::uint64_t channel = word / layout.pixels % layout.channels;
  const std::uint64_t sample = word / layout.pixels / layout.channels;
  const std::uint64_t blocks = ceil_div(layout.channels, layout.block);
  const std::uint64_t row = (sample * blocks + channel / layout.block) * layout.pixels + pixel;
  return {{static_cast<std::int64_t>(row)}, row * layout.block + channel % layout.block};
}

}  // namespace

Layout::Layout(const TensorAccess& access, const Placement& placement,
               const DimArray<std::uint64_t>& array_tile, bool parameters_in_rows)
    : by_blocks_(access.is_parameter),
      by_rows_(!by_blocks_ || parameters_in_rows),
      bits_(placement.bits),
      units_(placement.compressed > 0 ? placement.compressed : bits_ * kUnits) {
  // Parameters: sorted by block, then by coordinates.
  std::vector<std::pair<Coordinates, Coordinates>> ordered;
  for (const Coordinates& coordinates : all_coordinates(access)) {
    ordered.emplace_back(by_blocks_ ? block_of(access, coordinates, array_tile) : Coordinates{},
                         coordinates);
  }
  std::sort(ordered.begin(), ordered.end());
  for (std::size_t rank = 0; rank < ordered.size(); ++rank) {
    const std::uint64_t word = word_of(access, ordered[rank].second);
    const Position at =
        by_blocks_ ? Position{{}, rank} : position_of(placement.layout, word, ordered[rank].second);
    const Place place{at.row, placement.dram_base * 8 * kUnits + at.word * units_};
    CHECK(places_.emplace(word, place).second, "word {} has two coordinates", word);
  }
}

std::uint64_t Layout::first_line(std::uint64_t word) const { return begin(word) / kLineUnits; }

std::uint64_t Layout::last_line(std::uint64_t word) const {
  return (begin(word) + units_ - 1) / kLineUnits;
}

// For each row the span from its first to its last word; a line that the span before ended with is
// not moved again.
Layout::Numbers Layout::row_lines(const Words& words) const {
  std::map<std::vector<std::int64_t>, Words> rows;
  for (const std::uint64_t word : words) rows[places_.at(word).row].push_back(word);
  const auto earlier = [&](std::uint64_t a, std::uint64_t b) { return begin(a) < begin(b); };
  std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> spans;  // by address
  for (const auto& [row, in_row] : rows) {
    const auto [first, last] = std::minmax_element(in_row.begin(), in_row.end(), earlier);
    spans[begin(*first)] = {*first, *last};
  }
  Numbers numbers;
  for (const auto& [address, span] : spans) {
    for (std::uint64_t line = first_line(span.first); line <= last_line(span.second); ++line) {
      if (numbers.empty() || numbers.back() != line) numbers.push_back(line);
    }
  }
  return numbers;
}

// The lines that hold any bit of the words, once each.
Layout::Numbers Layout::word_lines(const Words& words) const {
  std::set<std::uint64_t> numbers;
  for (const std::uint64_t word : words) {
    for (std::uint64_t line = first_line(word); line <= last_line(word); ++line)
      numbers.insert(line);
  }
  return {numbers.begin(), numbers.end()};
}

std::vector<Line> Layout::transfer(const Words& words) const {
  std::vector<Line> lines;
  for (const std::uint64_t number : by_rows_ ? row_lines(words) : word_lines(words)) {
    lines.push_back({number});
  }
  const auto line_at = [&](std::uint64_t number) -> Line& {
    return *std::find_if(lines.begin(), lines.end(),
                         [&](const Line& line) { return line.number == number; });
  };
  for (const std::uint64_t word : words) {
    Line& line = line_at(first_line(word));
    ++line.words;
    line.bits += bits_;
  }
  return lines;
}

}  // namespace chasm::oracle
