#include "mapper/walk_lines.h"

#include "base/units.h"

namespace chasm::walk {
namespace {

constexpr std::uint64_t kLineBytes = 64;
// Words in DRAM are counted in 1/65536 bit.
constexpr std::uint64_t kLineUnits = kLineBytes * 8 * Placement::kUnitsOfABit;

}  // namespace

// Spans of words that follow each other without a gap become one before they are cut into lines.
class LineWriter {
 public:
  LineWriter(const Placement& placement, LineList& list)
      : list_(list), base_(placement.dram_base / kLineBytes), word_(placement.dram_units()) {
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
  // base + each of `words`, ascending and not empty: the lines from the first to the last one.
  void row(std::uint64_t base, const std::vector<std::uint64_t>& words) {
    if (words.back() - words.front() + 1 == words.size())
      return dense(base + words.front(), words.size());
    flush();
    std::uint64_t line = (base + words.front()) * word_ / kLineUnits, held = 0;
    for (const std::uint64_t word : words) {
      const std::uint64_t at = (base + word) * word_ / kLineUnits;
      if (at > line) {
        put(line, 1, held);
        if (at > line + 1) put(line + 1, at - line - 1, 0);
        line = at;
        held = 0;
      }
      ++held;
    }
    put(line, 1, held);
    tail(line, base + words.back());
  }

 private:
  // Lines that hold just the end of the last word.
  void tail(std::uint64_t line, std::uint64_t last_word) {
    const std::uint64_t last = ((last_word + 1) * word_ - 1) / kLineUnits;
    if (last > line) put(line + 1, last - line, 0);
  }

  void flush() {
    if (count_ == 0) return;
    const std::uint64_t end = first_ + count_;
    std::uint64_t word = first_, line = word * word_ / kLineUnits;
    const std::uint64_t last = (end - 1) * word_ / kLineUnits;
    count_ = 0;
    while (line <= last) {
      const std::uint64_t next = std::min(end, ceil_div((line + 1) * kLineUnits, word_));
      const bool whole = kLineUnits % word_ == 0 && word * word_ % kLineUnits == 0;
      const std::uint64_t same = whole ? (end - word) * word_ / kLineUnits : 0;
      if (same > 1) {  // full lines
        put(line, same, kLineUnits / word_);
        line += same;
        word += same * (kLineUnits / word_);
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
  std::uint64_t base_, word_;            // first line; units of a word
  std::uint64_t first_ = 0, count_ = 0;  // the span that may still grow
};

void lines_of_tensor(const TensorAccess& access, const Placement& placement,
                     const std::vector<AxisCoordinates>& axes, bool only_new, LineList& list) {
  LineWriter writer(placement, list);
  TileRows(access, placement.layout, axes, only_new)
      .for_each([&](std::uint64_t base, const std::vector<std::uint64_t>& words) {
        writer.row(base, words);
      });
}

void lines_of_blocks(const ParameterBlocks& blocks, const Placement& placement,
                     const DimArray<std::uint64_t>& offsets, const DimArray<std::uint64_t>& extents,
                     LineList& list) {
  LineWriter writer(placement, list);
  blocks.for_each(offsets, extents,
                  [&](std::uint64_t first, std::uint64_t words) { writer.dense(first, words); });
}

}  // namespace chasm::walk
