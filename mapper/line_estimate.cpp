#include "mapper/line_estimate.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "base/check.h"
#include "mapper/ceiling.h"

namespace chasm {
namespace {

constexpr std::uint64_t kLineUnits = 512 * Placement::kUnitsOfABit;
static_assert(std::has_single_bit(kLineUnits));

double real(std::uint64_t count) { return static_cast<double>(count); }
double lines_of(std::uint64_t units) { return real(units) / kLineUnits; }

// The largest power of two that divides some units, at most one line, and its inverse: in lines.
struct Grain {
  double size, inverse;
  explicit Grain(std::uint64_t units) {
    constexpr int kLineBits = std::countr_zero(kLineUnits);
    const int below = kLineBits - std::countr_zero(units | kLineUnits);
    const auto power_of_two = [](int exponent) {
      return std::bit_cast<double>(static_cast<std::uint64_t>(1023 + exponent) << 52);
    };
    size = power_of_two(-below), inverse = power_of_two(below);
  }
};

}  // namespace

LineEstimate::LineEstimate(const Operation& operation, const TensorAccess& access,
                           const TensorLayout& layout, std::uint64_t units)
    : is_parameter_(access.is_parameter),
      bounds_(operation.bounds),
      axes_(access.axes),
      base_(access.base_word * units),
      word_(units) {
  CHECK(axes_.size() <= kAxes, "{} axes of {}", axes_.size(), operation.name);
  for (const Axis& axis : axes_)
    for (const Axis::Term& term : axis.terms) dims_.push_back(term.dim);
  const std::uint64_t sample = layout.channels * layout.pixels;
  const bool canonical = layout.canonical();
  std::vector<Span> outside, inside;  // of the channels
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    Span span{Span::Kind::axis, a, static_cast<std::uint64_t>(axes_[a].extent),
              static_cast<std::uint64_t>(axes_[a].word_stride)};
    if (canonical || span.stride % sample == 0) {
      outside.push_back(span);
    } else if (span.stride % layout.pixels == 0) {
      channels_.push_back(a);
    } else {
      span.stride *= layout.block;
      inside.push_back(span);
    }
  }
  spans_ = std::move(outside);
  if (!canonical) {
    block_ = layout.block;
    pixels_ = layout.pixels;
    crossings_ = 1 - 1 / real(layout.blocks());
    spans_.push_back(
        {Span::Kind::channel_blocks, 0, layout.blocks(), layout.pixels * layout.block});
    spans_.insert(spans_.end(), inside.begin(), inside.end());
    spans_.push_back({Span::Kind::channels_in_block, 0, layout.block, 1});
  }
  std::reverse(spans_.begin(), spans_.end());
  const std::uint64_t innermost = spans_.empty() ? 0 : spans_.front().whole;
  std::erase_if(spans_, [](const Span& span) { return span.whole == 1; });
  rows_ = innermost > 1 || spans_.empty() || spans_.front().stride == 1;
  for (std::size_t s = 0; s < spans_.size(); ++s) {
    const Span& span = spans_[s];
    const bool joins = s + 1 == spans_.size() || spans_[s + 1].stride == span.stride * span.whole;
    plain_[s] = {lines_of(span.stride * word_), 1, real(span.whole), joins, 0, span.stride * word_};
  }
}

// How tiles of an axis move: they begin at multiples of the lowest bit of `starts`, 0 where there
// is but one; a coordinate and the next are `spacing` apart.
struct LineEstimate::Moves {
  std::uint64_t starts = 0;
  double spacing = 1;
};

LineEstimate::Moves LineEstimate::moves(const Axis& axis,
                                        const DimArray<std::uint64_t>& tile) const {
  Moves moves;
  std::uint64_t span = 1, indices = 1, step = 0;
  for (const Axis::Term& term : axis.terms) {
    const auto coefficient = static_cast<std::uint64_t>(term.coefficient);
    const std::uint64_t indices_of = std::min(tile[term.dim], bounds_[term.dim]);
    span += coefficient * (indices_of - 1);
    indices *= indices_of;
    if (indices_of == bounds_[term.dim]) continue;
    step = coefficient * indices_of;
    moves.starts |= step;
  }
  if (span > indices) moves.spacing = real(span) / real(indices);
  if (step == 0) return moves;
  // A whole tile begins at the padding, what is new in one behind the tile before.
  const auto offset = static_cast<std::uint64_t>(axis.offset);
  moves.starts |= offset | (offset + span - step);
  return moves;
}

// Blocks of the array tile are contiguous, and lie in lexicographic order of the axes.
void LineEstimate::prepare_blocks(Tiles& tiles) const {
  const auto block = [&](const Span& span) {
    const Dim d = axes_[span.axis].terms[0].dim;
    return std::min(tiles.block[d], bounds_[d]);
  };
  std::uint64_t words = 1, inner = 1;
  for (const Span& span : spans_) words *= block(span);
  tiles.piece = lines_of(words * word_);
  for (std::size_t s = 0; s < spans_.size(); ++s) {
    const std::uint64_t unit = block(spans_[s]), stride = words * inner * word_;
    const double share = 1 / real(unit);
    Tiles::Along& along = tiles.along[s];
    along = {lines_of(stride), share, real(spans_[s].whole) * share, true, 0, stride};
    const Dim d = axes_[spans_[s].axis].terms[0].dim;
    if (tiles.size[d] < bounds_[d]) along.starts = tiles.size[d] / unit * stride;
    inner *= spans_[s].whole;
    words /= unit;
  }
}

void LineEstimate::prepare(const DimArray<std::uint64_t>& tile,
                           const DimArray<std::uint64_t>& block, Tiles& tiles) const {
  bool same = tiles.piece > 0;
  for (const Dim d : dims_) same = same && tiles.size[d] == tile[d] && tiles.block[d] == block[d];
  if (same) return;
  tiles.size = tile, tiles.block = block;
  is_parameter_ ? prepare_blocks(tiles) : prepare_plain(tiles);
}

void LineEstimate::prepare_plain(Tiles& tiles) const {
  tiles.piece = lines_of(word_);
  tiles.channel_grain = 0;
  for (const std::size_t a : channels_)
    if (const std::uint64_t starts = moves(axes_[a], tiles.size).starts; starts > 0)
      tiles.channel_grain =
          std::gcd(tiles.channel_grain,
                   starts * (static_cast<std::uint64_t>(axes_[a].word_stride) / pixels_));
  for (std::size_t s = 0; s < spans_.size(); ++s) {
    const Span& span = spans_[s];
    Tiles::Along& along = tiles.along[s];
    along = plain_[s];
    if (span.kind == Span::Kind::axis) {
      const Moves moved = moves(axes_[span.axis], tiles.size);
      along.starts = moved.starts * along.coordinates;
      if (moved.spacing == 1) continue;
      along.stride *= moved.spacing;
      if (s == 0 && rows_)
        tiles.piece = along.stride;  // of a row all lines between its words are brought
    } else if (tiles.channel_grain > 0) {
      along.starts = span.kind == Span::Kind::channel_blocks
                         ? along.coordinates
                         : tiles.channel_grain * along.coordinates;
    }
  }
}

double LineEstimate::lines(const Tiles& tiles, const Lengths& lengths) const {
  double channels = 1, blocks = 1;
  for (const std::size_t a : channels_) channels *= lengths[a];
  if (!channels_.empty()) {
    const double grain = real(std::gcd(block_, tiles.channel_grain));
    blocks = tiles.channel_grain == 0
                 ? ceiling(channels / real(block_))
                 : 1 + std::max(0.0, channels - grain) / real(block_) * crossings_;
  }
  std::array<double, kAxes + 2> count;
  // A piece is side by side in a row, which is as long as the tensor is there; tiles begin anywhere
  // in a row, and rows anywhere in memory.
  double piece = tiles.piece, row = tiles.piece;
  std::uint64_t row_starts = base_, starts = 0;
  std::size_t pieces = 0;  // spans below: in a piece
  bool joined = rows_;
  for (std::size_t s = 0; s < spans_.size(); ++s) {
    const Span& span = spans_[s];
    const Tiles::Along& along = tiles.along[s];
    double n = lengths[span.axis];
    if (span.kind == Span::Kind::channel_blocks)
      n = blocks;
    else if (span.kind == Span::Kind::channels_in_block)
      n = channels / blocks;
    n = std::max(1.0, n * along.share);
    count[s] = n;
    const bool whole = n >= along.whole;
    if (joined) {
      if (!whole) starts = along.starts;
      piece += (n - 1) * along.stride;
      row = std::max(piece, along.whole * along.stride);
      pieces = s + 1;
      joined = whole && along.joins;
    } else {
      if (!whole) row_starts |= along.starts;
      if (n > 1) row_starts |= along.coordinates;
    }
  }
  const Grain row_grain(row_starts);
  const double grain = Grain(row_starts | starts).size;
  // A line that a tile ends in is the next one's too, unless the tile ends with it.
  const double row_lines = 1 + (ceiling(row * row_grain.inverse) - 1) * row_grain.size;
  const double of_row = piece / row;
  double lines = std::max(1.0, row_lines * of_row + (1 - of_row) * (1 - grain));
  // Each further piece brings what its stride is long: at most all of its lines, at least all but
  // one.
  for (std::size_t s = pieces; s < spans_.size(); ++s)
    lines += (count[s] - 1) * std::min(lines, std::max(lines - 1, tiles.along[s].stride));
  return lines;
}

}  // namespace chasm
