#include "models/program/verify_memory.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/units.h"
#include "models/program/geometry.h"

namespace chasm {
namespace {

constexpr std::uint64_t kLineBytes = 64;
constexpr auto kOutput = static_cast<std::size_t>(Operand::output);

struct Range {  // words, or bytes: first .. end - 1
  std::uint64_t first, end;
};
using Ranges = std::vector<Range>;  // ascending, apart

bool overlap(const Range& a, const Range& b) { return a.first < b.end && b.first < a.end; }
std::string bytes(const Range& r) { return fmt::format("bytes {} to {}", r.first, r.end - 1); }

void append(Ranges& ranges, const Range& next) {
  if (!ranges.empty() && ranges.back().end == next.first)
    ranges.back().end = next.end;
  else
    ranges.push_back(next);
}

// The words that an operation touches of a tensor: products over axes, so from the innermost one
// outwards every coordinate repeats what is inside it.
Ranges words_of(const Operation& operation, const TensorAccess& access) {
  Ranges ranges = {{access.base_word, access.base_word + 1}};
  const std::vector<AxisCoordinates> axes = whole_tile(operation, access);
  for (std::size_t a = axes.size(); a-- > 0;) {
    const auto stride = static_cast<std::uint64_t>(access.stored_axes()[a].word_stride);
    Ranges outer;
    for (const TileCoordinate& c : axes[a])
      for (const Range& inner : ranges) {
        const std::uint64_t shift = static_cast<std::uint64_t>(c.value) * stride;
        append(outer, {inner.first + shift, inner.end + shift});
      }
    ranges = std::move(outer);
  }
  return ranges;
}

void unite(Ranges& ranges, const Ranges& more) {
  ranges.insert(ranges.end(), more.begin(), more.end());
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.first < b.first; });
  Ranges merged;
  for (const Range& r : ranges) {
    if (!merged.empty() && r.first <= merged.back().end)
      merged.back().end = std::max(merged.back().end, r.end);
    else
      merged.push_back(r);
  }
  ranges = std::move(merged);
}

// The first word that is not in `have`.
std::optional<std::uint64_t> missing(const Ranges& wanted, const Ranges& have) {
  std::size_t h = 0;
  for (const Range& w : wanted) {
    while (h < have.size() && have[h].end <= w.first) ++h;
    if (h == have.size() || have[h].first > w.first) return w.first;
    if (have[h].end < w.end) return have[h].end;
  }
  return std::nullopt;
}

// A tensor in DRAM as one program sees it.
struct Region {
  std::string what;  // for messages: "the output of conv2"
  std::optional<std::uint32_t> tensor;
  Range bytes;
};

class MemoryVerifier {
 public:
  MemoryVerifier(const std::vector<const Program*>& programs, const std::string& file,
                 Diagnostics& diagnostics)
      : programs_(programs), file_(file), diagnostics_(diagnostics) {}

  bool run() {
    const std::size_t before = diagnostics_.error_count();
    for (const Program* program : programs_) placements(*program);
    if (diagnostics_.error_count() != before) return false;
    for (std::size_t i = 0; i < programs_.size(); ++i) record_uses(i);
    for (std::size_t i = 0; i < programs_.size(); ++i) reads(i);
    for (std::size_t i = 0; i < programs_.size(); ++i) writes(i);
    return diagnostics_.error_count() == before;
  }

 private:
  // What all programs together do with a tensor.
  struct Tensor {
    Placement placement;
    Region region;
    std::vector<std::size_t> writers;  // programs
    std::size_t last_use = 0;
    Ranges written;  // so far
  };

  void fault(const Program& program, const std::string& message, const std::string& hint = {}) {
    diagnostics_.error(file_, "", program.operation.name + ": " + message, hint);
  }

  static bool in_dram(const Program& program, Operand operand) {
    return program.operation.of(operand).used && !program.kept[static_cast<std::size_t>(operand)];
  }
  static bool spills(const Program& program) {
    return accumulates_over_steps(program) && !program.kept[kOutput];
  }
  static Range bytes_of(const TensorAccess& access, const Placement& placement) {
    const std::uint64_t words = placement.layout.stored_words(access.words);
    return {placement.dram_base, placement.dram_base + packed_bytes(words, placement.bits)};
  }
  Region region(const Program& program, Operand operand) const {
    const TensorAccess& access = program.operation.of(operand);
    Region r{fmt::format("the {} of {}", to_string(operand), program.operation.name), std::nullopt,
             bytes_of(access, program.placement[static_cast<std::size_t>(operand)])};
    if (!access.is_parameter) r.tensor = access.tensor;
    return r;
  }
  Region psum_region(const Program& program) const {
    return {fmt::format("the spilled psums of {}", program.operation.name), std::nullopt,
            bytes_of(program.operation.of(Operand::output), program.psum)};
  }

  // One program by itself.
  void placements(const Program& program) {
    for (const Operand o : kAllOperands) {
      if (!in_dram(program, o)) continue;
      const std::size_t before = diagnostics_.error_count();
      const Placement& placement = program.placement[static_cast<std::size_t>(o)];
      address(program, to_string(o), placement.dram_base);
      layout(program, o, placement);
      if (diagnostics_.error_count() == before) access(program, o);
    }
    if (!spills(program)) return;
    address(program, "the spilled psums", program.psum.dram_base);
    layout(program, Operand::output, program.psum);
  }

  void address(const Program& program, const char* what, std::uint64_t base) {
    if (base % kLineBytes != 0)
      fault(program,
            fmt::format("the DRAM address {} of {} is no multiple of the {} bytes of a line", base,
                        what, kLineBytes));
  }

  void layout(const Program& program, Operand operand, const Placement& placement) {
    const TensorLayout& l = placement.layout;
    const TensorAccess& access = program.operation.of(operand);
    if (l.canonical()) return;
    if (access.is_parameter)
      fault(program, fmt::format("{} is a parameter, which has no layout of activations",
                                 to_string(operand)));
    else if (l.channels == 0 || l.pixels == 0 || access.words % (l.channels * l.pixels) != 0)
      fault(program,
            fmt::format("the layout of {} has {} channels of {} pixels, the tensor {} words",
                        to_string(operand), l.channels, l.pixels, access.words));
  }

  // Every coordinate of parameters and outputs exists, and every word lies in the tensor. (Of an
  // input, coordinates outside are padding.)
  void access(const Program& program, Operand operand) {
    const TensorAccess& access = program.operation.of(operand);
    const bool padded = !access.is_parameter && operand != Operand::output;
    std::uint64_t last = access.base_word;
    for (const Axis& axis : access.stored_axes()) {
      std::int64_t reach = axis.offset;
      for (const Axis::Term& term : axis.terms)
        reach +=
            term.coefficient * static_cast<std::int64_t>(program.operation.bounds[term.dim] - 1);
      if (!padded && (axis.offset < 0 || reach >= axis.extent))
        return fault(program, fmt::format("{} coordinates {} to {} of an axis of {}, which has {}",
                                          operand == Operand::output ? "writes" : "reads",
                                          axis.offset, reach, to_string(operand), axis.extent));
      last += static_cast<std::uint64_t>((axis.extent - 1) * axis.word_stride);
    }
    if (last >= access.words)
      fault(program,
            operand == Operand::output
                ? fmt::format("writes word {} of its output, which has {}", last, access.words)
                : fmt::format("reads word {} of {}, which has {}: it was never written", last,
                              to_string(operand), access.words));
  }

  static bool is_whole(const Ranges& ranges, std::uint64_t words) {
    return ranges.size() == 1 && ranges[0].first == 0 && ranges[0].end >= words;
  }

  void record_uses(std::size_t i) {
    const Program& program = *programs_[i];
    for (const Operand o : kAllOperands) {
      const TensorAccess& access = program.operation.of(o);
      if (!in_dram(program, o) || access.is_parameter) continue;
      const Placement& placement = program.placement[static_cast<std::size_t>(o)];
      const auto [entry, is_new] = tensors_.try_emplace(access.tensor);
      Tensor& tensor = entry->second;
      if (is_new) tensor.placement = placement, tensor.region = region(program, o);
      if (!(tensor.placement == placement))
        fault(program,
              fmt::format("{} is tensor {} in {}, but {} is the same tensor in {} (address, width "
                          "or layout differ)",
                          to_string(o), access.tensor, bytes(region(program, o).bytes),
                          tensor.region.what, bytes(tensor.region.bytes)));
      if (o == Operand::output) tensor.writers.push_back(i);
      tensor.last_use = i;
    }
  }

  // In order of programs: what has been written so far covers what this one reads.
  void reads(std::size_t i) {
    const Program& program = *programs_[i];
    for (const Operand o : {Operand::input, Operand::weight}) {
      const TensorAccess& access = program.operation.of(o);
      if (!in_dram(program, o) || access.is_parameter) continue;
      const Tensor& tensor = tensors_.at(access.tensor);
      if (tensor.writers.empty() || is_whole(tensor.written, access.words)) continue;
      const std::optional<std::uint64_t> word =
          missing(words_of(program.operation, access), tensor.written);
      if (!word) continue;
      const std::size_t last = tensor.writers.back();
      fault(program,
            fmt::format(
                "reads word {} of {} (tensor {}), which was never written{}", *word, to_string(o),
                access.tensor,
                last > i ? fmt::format(": {} runs later", programs_[last]->operation.name) : ""));
    }
    if (in_dram(program, Operand::output))
      unite(tensors_.at(program.operation.of(Operand::output).tensor).written,
            words_of(program.operation, program.operation.of(Operand::output)));
  }

  // What this program writes lies apart from all that it, or a later one, still reads.
  void writes(std::size_t i) {
    const Program& program = *programs_[i];
    std::vector<Region> written;
    if (in_dram(program, Operand::output)) written.push_back(region(program, Operand::output));
    if (spills(program)) written.push_back(psum_region(program));
    if (written.size() == 2) apart(program, written[0], written[1]);
    for (const Region& region : written) {
      for (const auto& [number, tensor] : tensors_) {
        const bool own = region.tensor == number;
        if (own && reads_tensor(program, number))
          fault(program, fmt::format("reads tensor {} while it writes it", number));
        const bool there = tensor.writers.empty() || tensor.writers.front() < i;
        if (!own && there && tensor.last_use >= i) apart(program, region, tensor.region);
      }
      for (std::size_t later = i; later < programs_.size(); ++later)
        parameters_apart(program, region, *programs_[later]);
    }
  }

  static bool reads_tensor(const Program& program, std::uint32_t tensor) {
    return std::any_of(kAllOperands.begin(), kAllOperands.begin() + 2, [&](Operand o) {
      const TensorAccess& access = program.operation.of(o);
      return in_dram(program, o) && !access.is_parameter && access.tensor == tensor;
    });
  }

  void parameters_apart(const Program& program, const Region& written, const Program& reader) {
    for (const Operand o : {Operand::input, Operand::weight})
      if (in_dram(reader, o) && reader.operation.of(o).is_parameter)
        apart(program, written, region(reader, o));
  }

  void apart(const Program& program, const Region& written, const Region& other) {
    if (!overlap(written.bytes, other.bytes)) return;
    fault(program, fmt::format("{} ({} of DRAM) and {} ({}) overlap", written.what,
                               bytes(written.bytes), other.what, bytes(other.bytes)));
  }

  const std::vector<const Program*>& programs_;
  const std::string& file_;
  Diagnostics& diagnostics_;
  std::map<std::uint32_t, Tensor> tensors_;
};

}  // namespace

bool verify_memory(const std::vector<const Program*>& programs, const std::string& file,
                   Diagnostics& diagnostics) {
  return MemoryVerifier(programs, file, diagnostics).run();
}

}  // namespace chasm
