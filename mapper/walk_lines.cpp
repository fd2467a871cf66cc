#include "mapper/walk_lines.h"

#include "base/units.h"

namespace chasm::walk {
namespace {

constexpr std::uint64_t kLineBits = 64 * 8;

}  // namespace

// Spans of words that follow each other without a gap become one before they are cut into lines.
class LineWriter {
 public:
  LineWriter(const Placement& placement, LineList& list)
      : list_(list), base_(placement.dram_base * 8 / kLineBits), bits_(placement.bits) {
    list_.clear();
  }
  ~LineWriter() {
    flush();
    for (const LineRun& run : list_.runs_) {
      list_.lines_ += run.lines;
      list_.with_words_ += run.words > 0 ? run.lines : 0;
    }
  }
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  // All words of [first, first + count), count > 0.
  void dense(std::uint64_t first, std::uint64_t count) {
    if (count_ > 0 && first_ + count_ == first) {
      count_ += count;
      return;
    }
    flush();
    first_ = first;
    count_ = count;
  }
  // Word numbers in ascending order: the lines from the first to the last one.
  void sparse(const std::vector<std::uint64_t>& words) {
    if (words.empty()) return;
    if (words.back() - words.front() + 1 == words.size()) return dense(words.front(), words.size());
    flush();
    std::uint64_t line = words.front() * bits_ / kLineBits, held = 0;
    for (const std::uint64_t word : words) {
      const std::uint64_t at = word * bits_ / kLineBits;
      if (at > line) {
        put(line, 1, held);
        if (at > line + 1) put(line + 1, at - line - 1, 0);
        line = at;
        held = 0;
      }
      ++held;
    }
    put(line, 1, held);
    tail(line, words.back());
  }

 private:
  // Lines that hold just the end of the last word.
  void tail(std::uint64_t line, std::uint64_t last_word) {
    const std::uint64_t last = ((last_word + 1) * bits_ - 1) / kLineBits;
    if (last > line) put(line + 1, last - line, 0);
  }

  void flush() {
    if (count_ == 0) return;
    const std::uint64_t end = first_ + count_;
    std::uint64_t word = first_, line = word * bits_ / kLineBits;
    const std::uint64_t last = (end - 1) * bits_ / kLineBits;
    count_ = 0;
    while (line <= last) {
      const std::uint64_t next = std::min(end, ceil_div((line + 1) * kLineBits, bits_));
      const bool whole = kLineBits % bits_ == 0 && word * bits_ % kLineBits == 0;
      const std::uint64_t same = whole ? (end - word) * bits_ / kLineBits : 0;
      if (same > 1) {  // full lines
        put(line, same, kLineBits / bits_);
        line += same;
        word += same * (kLineBits / bits_);
      } else {
        put(line, 1, next - word);
        ++line;
        word = next;
      }
    }
    tail(last, end - 1);
  }

  // `line` counts from the placement's base. A line that is there already gets more words.
  void put(std::uint64_t line, std::uint64_t lines, std::uint64_t words) {
    line += base_;
    std::vector<LineRun>& runs = list_.runs_;
    if (!runs.empty() && runs.back().first + runs.back().lines - 1 == line) {
      const std::uint64_t held = runs.back().words;
      if (runs.back().lines == 1)
        runs.pop_back();
      else
        --runs.back().lines;
      append({line, 1, held + words});
      if (lines == 1) return;
      ++line;
      --lines;
    }
    append({line, lines, words});
  }
  void append(const LineRun& run) {
    std::vector<LineRun>& runs = list_.runs_;
    const bool joins = !runs.empty() && runs.back().words == run.words &&
                       runs.back().first + runs.back().lines == run.first;
    if (joins)
      runs.back().lines += run.lines;
    else
      runs.push_back(run);
  }

  LineList& list_;
  std::uint64_t base_, bits_;
  std::uint64_t first_ = 0, count_ = 0;  // the span that may still grow
};

namespace {

// Some axes together: what they add to the number of a word, and whether it is held on all of them.
struct Offset {
  std::uint64_t words;
  bool kept;
};
using Offsets = std::vector<Offset>;

void combine(Offsets& offsets, const AxisCoordinates& axis, std::uint64_t stride) {
  Offsets result;
  result.reserve(offsets.size() * axis.size());
  for (const Offset& outer : offsets) {
    for (const TileCoordinate& c : axis)
      result.push_back(
          {outer.words + static_cast<std::uint64_t>(c.value) * stride, outer.kept && c.kept});
  }
  offsets.swap(result);
}

std::uint64_t stride_of(const Axis& axis) { return static_cast<std::uint64_t>(axis.word_stride); }

// The words of one row: those at `begin` .. `end` behind `base`, or the new ones of them.
class RowWriter {
 public:
  explicit RowWriter(LineWriter& writer) : writer_(writer) {}
  void row(std::uint64_t base, const Offset* begin, const Offset* end, bool skip_kept) {
    words_.clear();
    for (; begin != end; ++begin) {
      if (!skip_kept || !begin->kept) words_.push_back(base + begin->words);
    }
    writer_.sparse(words_);
  }

 private:
  LineWriter& writer_;
  std::vector<std::uint64_t> words_;
};

void canonical_lines(const TensorAccess& access, const std::vector<AxisCoordinates>& axes,
                     bool only_new, LineWriter& writer) {
  const std::vector<Axis>& stored = access.stored_axes();
  const std::size_t inner = axes.size() - 1;
  Offsets rows{{access.base_word, true}}, row{{0, true}};
  for (std::size_t a = 0; a < inner; ++a) combine(rows, axes[a], stride_of(stored[a]));
  combine(row, axes[inner], stride_of(stored[inner]));
  const bool contiguous = row.back().words - row.front().words + 1 == row.size();
  RowWriter row_writer(writer);
  for (const Offset& outer : rows) {
    const bool skip = only_new && outer.kept;
    if (contiguous && !skip)
      writer.dense(outer.words + row.front().words, row.size());
    else
      row_writer.row(outer.words, row.data(), row.data() + row.size(), skip);
  }
}

// Samples, blocks of channels, pixels, channels of the block.
void pixel_lines(const TensorAccess& access, const TensorLayout& layout,
                 const std::vector<AxisCoordinates>& axes, bool only_new, LineWriter& writer) {
  const std::uint64_t sample_words = layout.channels * layout.pixels;
  Offsets samples{{access.base_word / sample_words, true}};
  Offsets channels{{access.base_word % sample_words / layout.pixels, true}};
  Offsets pixels{{access.base_word % layout.pixels, true}};
  const std::vector<Axis>& stored = access.stored_axes();
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::uint64_t stride = stride_of(stored[a]);
    if (stride % sample_words == 0)
      combine(samples, axes[a], stride / sample_words);
    else if (stride % layout.pixels == 0)
      combine(channels, axes[a], stride / layout.pixels);
    else
      combine(pixels, axes[a], stride);
  }
  RowWriter row_writer(writer);
  const Offset* const channels_end = channels.data() + channels.size();
  for (const Offset& sample : samples)
    for (const Offset* first = channels.data(); first != channels_end;) {
      const std::uint64_t block = first->words / layout.block;
      const Offset* const end = std::find_if(
          first, channels_end, [&](const Offset& c) { return c.words / layout.block != block; });
      const std::uint64_t row = (sample.words * layout.blocks() + block) * layout.pixels;
      for (const Offset& pixel : pixels)  // channels count from 0, not from the block
        row_writer.row((row + pixel.words - block) * layout.block, first, end,
                       only_new && sample.kept && pixel.kept);
      first = end;
    }
}

}  // namespace

void lines_of_tensor(const TensorAccess& access, const Placement& placement,
                     const std::vector<AxisCoordinates>& axes, bool only_new, LineList& list) {
  LineWriter writer(placement, list);
  for (const AxisCoordinates& axis : axes) {
    if (axis.empty()) return;
  }
  if (placement.layout.canonical())
    canonical_lines(access, axes, only_new, writer);
  else
    pixel_lines(access, placement.layout, axes, only_new, writer);
}

void lines_of_parameters(const Program& program, Operand operand,
                         const DimArray<std::uint64_t>& offsets,
                         const DimArray<std::uint64_t>& extents, LineList& list) {
  LineWriter writer(program.placement[static_cast<std::size_t>(operand)], list);
  const DimArray<std::uint64_t>&bounds = program.operation.bounds, block = array_tile(program);
  std::vector<Dim> dims;
  for (const Axis& axis : program.operation.of(operand).axes)
    for (const Axis::Term& term : axis.terms) dims.push_back(term.dim);
  // `before` words lie before the block; `slice` words of it, for one index of all inner dimensions
  // (`below` of them).
  const auto write = [&](const auto& self, std::size_t i, std::uint64_t before, std::uint64_t slice,
                         std::uint64_t below) -> void {
    if (i == dims.size()) return writer.dense(before, slice);
    const Dim d = dims[i];
    const std::uint64_t inner = below / bounds[d];
    const std::uint64_t end = std::min(offsets[d] + extents[d], bounds[d]);
    for (std::uint64_t at = offsets[d]; at < end; at += block[d])
      self(self, i + 1, before + at * slice * inner, slice * std::min(block[d], bounds[d] - at),
           inner);
  };
  std::uint64_t all = 1;
  for (const Dim d : dims) all *= bounds[d];
  write(write, 0, 0, 1, all);
}

ParameterBlocks::ParameterBlocks(const Program& program, Operand operand)
    : placement_(program.placement[static_cast<std::size_t>(operand)]) {
  const DimArray<std::uint64_t> block = array_tile(program);
  for (const Axis& axis : program.operation.of(operand).axes)
    for (const Axis::Term& term : axis.terms)
      parts_.push_back({term.dim, program.operation.bounds[term.dim], block[term.dim], 1});
  for (std::size_t i = parts_.size(); i-- > 1;)
    parts_[i - 1].inner = parts_[i].inner * parts_[i].bound;
}

// Whole slices of the outer dimensions lie before the block, then of the inner ones.
void ParameterBlocks::lines(const DimArray<std::uint64_t>& offsets, LineList& list) const {
  std::uint64_t before = 0, words = 1;
  for (const Part& part : parts_) {
    const std::uint64_t at = offsets[part.dim];
    before += at * words * part.inner;
    words *= std::min(part.block, part.bound - at);
  }
  LineWriter(placement_, list).dense(before, words);
}

}  // namespace chasm::walk
