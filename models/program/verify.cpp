#include "models/program/verify.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/units.h"

namespace chasm {
namespace {

constexpr auto kOutput = static_cast<std::size_t>(Operand::output);

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

std::string list(const std::vector<Loop>& loops) {
  std::string text;
  for (const Loop& loop : loops) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", letter(loop.dim), loop.trips);
  }
  return text;
}

class Verifier {
 public:
  Verifier(const Program& program, const ProgramLimits& limits, const std::string& file,
           const std::string& where, Diagnostics& diagnostics)
      : program_(program),
        operation_(program.operation),
        limits_(limits),
        file_(file),
        where_(where),
        diagnostics_(diagnostics) {}

  bool run_loops() {
    const std::size_t before = diagnostics_.error_count();
    loops();
    coverage();
    return diagnostics_.error_count() == before;
  }

  bool run() {
    if (!run_loops()) return false;
    const std::size_t before = diagnostics_.error_count();
    array("spatial_x", program_.spatial_x, limits_.cols, "columns");
    array("spatial_y", program_.spatial_y, limits_.rows, "rows");
    spatial_reduction();
    if (limits_.systolic) systolic();
    if (operation_.is_row_op()) row_order();
    register_files();
    buffer();
    kept_tensors();
    buffer_addresses();
    gating();
    return diagnostics_.error_count() == before;
  }

 private:
  struct Level {
    const char* pointer;
    const std::vector<Loop>& loops;
  };
  std::array<Level, 5> levels() const {
    return {{{"/dram/temporal", program_.dram},
             {"/buffer/temporal", program_.buffer},
             {"/array/spatial_x", program_.spatial_x},
             {"/array/spatial_y", program_.spatial_y},
             {"/rf/temporal", program_.rf}}};
  }

  void invalid(const std::string& pointer, const std::string& message,
               const std::string& hint = {}) {
    diagnostics_.error(file_, where_ + pointer, operation_.name + ": " + message, hint);
  }
  void does_not_fit(const std::string& pointer, const std::string& message,
                    const std::string& hint = {}) {
    diagnostics_.infeasible(file_, where_ + pointer, operation_.name + ": " + message, hint);
  }

  void loops() {
    for (const Level& level : levels()) {
      for (std::size_t i = 0; i < level.loops.size(); ++i) {
        const Loop& loop = level.loops[i];
        const std::uint64_t bound = operation_.bounds[loop.dim];
        if (loop.trips >= 1 && loop.trips <= bound) continue;
        invalid(fmt::format("{}/{}", level.pointer, i),
                fmt::format(
                    "loop {} has {} trips, but dimension {} has {} iterations; allowed: 1 to {}",
                    letter(loop.dim), loop.trips, letter(loop.dim), bound, bound),
                operation_.of(Operand::input).im2col
                    ? "on a systolic chunk P counts the output pixels and C the words of a filter; "
                      "Q, R and S are part of them"
                    : "");
      }
    }
  }

  void coverage() {
    DimArray<std::uint64_t> covered = ones();
    for (const Level& level : levels()) {
      for (const Loop& loop : level.loops) {
        covered[loop.dim] = saturating_product(covered[loop.dim], loop.trips);
      }
    }
    for (const Dim d : kAllDims) {
      if (covered[d] == UINT64_MAX) {
        invalid("", fmt::format("the loops of {} multiply to more than 2^64", letter(d)));
      } else if (covered[d] < operation_.bounds[d]) {
        invalid("",
                fmt::format("the loops of dimension {} cover {} of its {} iterations", letter(d),
                            covered[d], operation_.bounds[d]),
                "their product over all levels must be at least that");
      }
    }
  }

  void array(const char* name, const std::vector<Loop>& loops, std::uint64_t pes,
             const char* what) {
    std::uint64_t product = 1;
    for (const Loop& loop : loops) product = saturating_product(product, loop.trips);
    if (product <= pes) return;
    does_not_fit(fmt::format("/array/{}", name),
                 fmt::format("{} ({}) needs {} {} of PEs, chunk {} has {}", name, list(loops),
                             product, what, limits_.chunk, pes));
  }

  // Only a product with zero is nothing.
  void gating() {
    if (program_.gated == 0) return;
    if (operation_.kind != OpKind::multiply_accumulate &&
        operation_.kind != OpKind::shift_accumulate)
      invalid("", fmt::format("operations of kind {} cannot be gated", to_string(operation_.kind)));
    if (program_.gated > Program::kAllGated)
      invalid("", fmt::format("{} of {} operations are gated", program_.gated, Program::kAllGated));
  }

  // A row operation combines its row (C) like a reduction, though its output keeps the dimension.
  bool reduces(Dim d) const {
    return operation_.is_reduction(d) || (operation_.is_row_op() && d == Dim::C);
  }

  void spatial_reduction() {
    for (std::size_t level = 2; level < 4; ++level) {
      const auto [pointer, loops] = levels()[level];
      for (std::size_t i = 0; i < loops.size(); ++i) {
        if (limits_.spatial_reduction || limits_.systolic || loops[i].trips == 1 ||
            !reduces(loops[i].dim))
          continue;
        does_not_fit(
            fmt::format("{}/{}", pointer, i),
            fmt::format("{} {} spreads a reduction over PEs, but chunk {} cannot add between "
                        "PEs (spatial_reduction is none)",
                        letter(loops[i].dim), loops[i].trips, limits_.chunk));
      }
    }
  }

  // The dataflow says what lies along each side; convolutions are flattened to matrix products.
  void systolic() {
    CHECK(operation_.bounds[Dim::Q] * operation_.bounds[Dim::R] * operation_.bounds[Dim::S] == 1,
          "{} runs on a systolic array, but is not flattened", operation_.name);
    systolic_side("/array/spatial_x", program_.spatial_x, limits_.systolic_col, "columns");
    systolic_side("/array/spatial_y", program_.spatial_y, limits_.systolic_row, "rows");
    CHECK(!program_.bypass_buffer[static_cast<std::size_t>(Operand::input)],
          "{}: an image-to-column unit reads the buffer, but the input bypasses it",
          operation_.name);
  }

  void systolic_side(const char* pointer, const std::vector<Loop>& loops, Dim allowed,
                     const char* side) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
      if (loops[i].trips == 1 || loops[i].dim == allowed) continue;
      does_not_fit(
          fmt::format("{}/{}", pointer, i),
          fmt::format("loop {} {} cannot lie along the {} of the systolic chunk {}; in "
                      "its dataflow only {} can",
                      letter(loops[i].dim), loops[i].trips, side, limits_.chunk, letter(allowed)));
    }
  }

  // The passes of a row operation: [everything else [R 3 [C]]], so that statistics of a row stay in
  // its PE.
  void row_order() {
    bool inside = false;
    for (std::size_t level = 0; level < 2; ++level) {
      const auto [pointer, loops] = levels()[level];
      for (std::size_t i = 0; i < loops.size(); ++i) {
        const Loop& loop = loops[i];
        if (loop.trips == 1) continue;
        const std::string at = fmt::format("{}/{}", pointer, i);
        if (loop.dim == Dim::R) {
          inside = true;
        } else if (inside != (loop.dim == Dim::C)) {
          invalid(at, fmt::format("loop {} {} of a {} must be {} the loop over its passes (R {})",
                                  letter(loop.dim), loop.trips, to_string(operation_.kind),
                                  inside ? "outside" : "inside", operation_.bounds[Dim::R]));
        }
      }
    }
    for (std::size_t level = 2; level < 5; ++level) row_passes(levels()[level]);
    std::uint64_t passes = 1;
    for (const auto* loops : {&program_.dram, &program_.buffer}) {
      for (const Loop& loop : *loops) passes *= loop.dim == Dim::R ? loop.trips : 1;
    }
    if (passes != operation_.bounds[Dim::R]) {
      invalid("",
              fmt::format("a {} needs a loop R {} at DRAM or buffer level, its passes; there are "
                          "{}",
                          to_string(operation_.kind), operation_.bounds[Dim::R], passes));
    }
  }

  void row_passes(const Level& level) {
    for (std::size_t i = 0; i < level.loops.size(); ++i) {
      if (level.loops[i].dim != Dim::R || level.loops[i].trips == 1) continue;
      invalid(fmt::format("{}/{}", level.pointer, i),
              fmt::format("the passes of a {} (R {}) must be a loop at DRAM or buffer level",
                          to_string(operation_.kind), level.loops[i].trips));
    }
  }

  void register_files() {
    static constexpr std::array kNames = {"input", "weight", "psum"};
    const DimArray<std::uint64_t> tile = rf_tile(program_);
    for (std::size_t o = 0; o < kOperands; ++o) {
      const std::uint64_t words = tile_words(operation_.access[o], tile);
      const std::uint64_t copies = limits_.double_buffered[o] ? 2 : 1;
      const std::uint64_t capacity = limits_.register_file_words[o];
      if (saturating_product(words, copies) <= capacity) continue;
      const std::string what = fmt::format("{} {}{}", words, kNames[o], words == 1 ? "" : "s");
      does_not_fit(
          "/rf/temporal",
          fmt::format("{} {}{}, the {} register file of chunk {} holds {}", kept_by(o), what,
                      copies == 1 ? ""
                                  : fmt::format(" x {} tiles = {} words", copies,
                                                saturating_product(words, copies)),
                      kNames[o], limits_.chunk, capacity),
          smaller_tile(o, tile, capacity / copies));
    }
  }

  // "rf loops K4 x S3 keep": the loops that make the tile of an operand.
  std::string kept_by(std::size_t o) const {
    std::string loops;
    for (const Loop& loop : program_.rf)
      if (loop.trips > 1 && operation_.access[o].depends_on(loop.dim))
        loops += fmt::format("{}{}{}", loops.empty() ? "" : " x ", letter(loop.dim), loop.trips);
    return loops.empty() ? "a PE keeps" : "rf loops " + loops + " keep";
  }

  // The outermost dimensions that, made smaller, let the tile fit; the first ones to 1 where that
  // alone is not enough.
  std::string smaller_tile(std::size_t o, DimArray<std::uint64_t> tile, std::uint64_t room) const {
    const TensorAccess& access = operation_.access[o];
    std::string hint;
    for (const Loop& loop : program_.rf) {
      if (tile[loop.dim] == 1 || !access.depends_on(loop.dim)) continue;
      std::uint64_t low = 1, high = tile[loop.dim];  // of tiles, low fits (or is the smallest)
      while (high - low > 1) {
        tile[loop.dim] = low + (high - low) / 2;
        (tile_words(access, tile) <= room ? low : high) = tile[loop.dim];
      }
      tile[loop.dim] = low;
      hint += fmt::format("{}{} <= {}", hint.empty() ? "make " : " and ", letter(loop.dim), low);
      if (tile_words(access, tile) <= room) return hint;
    }
    return "not even one word fits";
  }

  void buffer() {
    if (program_.bypass_buffer[kOutput] && accumulates_over_steps(program_)) {
      does_not_fit(
          "/buffer/temporal",
          fmt::format("reduction loops at DRAM or buffer level spill partial sums, but the "
                      "output of chunk {} bypasses the global buffer",
                      limits_.chunk),
          "keep C, R and S in the array and the register files");
    }
    std::uint64_t total = 0;
    std::string parts;
    for (const Operand o : kAllOperands) {
      if (!has_buffer_tiles(program_, o)) continue;
      const std::uint32_t tiles = program_.buffer_tiles[static_cast<std::size_t>(o)];
      if (tiles < 1 || tiles > 2) {
        invalid(fmt::format("/buffer/tiles/{}", to_string(o)),
                fmt::format("{} tiles of {} in the buffer; allowed: 1 or 2", tiles, to_string(o)));
        return;
      }
      const std::uint64_t bytes = buffer_bytes(program_, o, limits_.buffer_word_bytes);
      total += bytes;
      parts += fmt::format("{}{} {} in {} tile{}", parts.empty() ? "" : ", ", to_string(o), bytes,
                           tiles, tiles == 1 ? "" : "s");
    }
    if (total <= limits_.buffer_capacity_bytes) return;
    does_not_fit("/buffer",
                 fmt::format("the buffer tiles take {} bytes ({}), the global buffer has {}: "
                             "{} too few",
                             total, parts, limits_.buffer_capacity_bytes,
                             total - limits_.buffer_capacity_bytes));
  }

  void kept_tensors() {
    for (std::size_t o = 0; o < kOperands; ++o) {
      const TensorAccess& access = operation_.access[o];
      if (!program_.kept[o] || (access.used && !access.is_parameter && !program_.bypass_buffer[o]))
        continue;
      invalid("/buffer",
              fmt::format("{} cannot be kept in the buffer: {}", to_string(kAllOperands[o]),
                          !access.used          ? "there is none"
                          : access.is_parameter ? "it is a parameter"
                                                : "it bypasses the buffer"));
    }
  }

  // What an operand occupies in the buffer.
  struct Region {
    Operand operand;
    std::uint64_t begin, end;
  };

  // Addresses that the controller gave; all 0 before it did.
  void buffer_addresses() {
    const auto& base = program_.buffer_base;
    if (std::all_of(base.begin(), base.end(), [](std::uint64_t b) { return b == 0; })) return;
    std::vector<Region> regions;
    for (const Operand o : kAllOperands) {
      const std::uint64_t begin = base[static_cast<std::size_t>(o)];
      const std::uint64_t bytes = region_bytes(o);
      if (bytes == 0) continue;
      if (begin % limits_.buffer_word_bytes != 0)
        invalid("/buffer", fmt::format("the buffer address {} of {} is no multiple of the {} bytes "
                                       "of a word",
                                       begin, to_string(o), limits_.buffer_word_bytes));
      if (begin > limits_.buffer_capacity_bytes || bytes > limits_.buffer_capacity_bytes - begin)
        does_not_fit("/buffer",
                     fmt::format("the {} bytes of {} at address {} end behind the global buffer, "
                                 "which has {} bytes",
                                 bytes, to_string(o), begin, limits_.buffer_capacity_bytes));
      else
        regions.push_back({o, begin, begin + bytes});
    }
    for (std::size_t i = 0; i < regions.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) disjoint(regions[j], regions[i]);
  }

  std::uint64_t region_bytes(Operand operand) const {
    const auto o = static_cast<std::size_t>(operand);
    return program_.kept[o]
               ? packed_bytes(operation_.access[o].words, buffer_bits(program_, operand))
               : buffer_bytes(program_, operand, limits_.buffer_word_bytes);
  }

  // Two operands may read one kept tensor.
  void disjoint(const Region& a, const Region& b) {
    if (a.end <= b.begin || b.end <= a.begin) return;
    const auto kept = [&](Operand o) { return program_.kept[static_cast<std::size_t>(o)]; };
    if (kept(a.operand) && kept(b.operand) &&
        operation_.of(a.operand).tensor == operation_.of(b.operand).tensor)
      return;
    invalid("/buffer", fmt::format("{} (bytes {} to {} of the buffer) and {} ({} to {}) overlap",
                                   to_string(a.operand), a.begin, a.end - 1, to_string(b.operand),
                                   b.begin, b.end - 1));
  }

  const Program& program_;
  const Operation& operation_;
  const ProgramLimits limits_;
  const std::string& file_;
  const std::string& where_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::uint64_t buffer_bytes(const Program& program, Operand operand,
                           std::uint32_t buffer_word_bytes) {
  const auto o = static_cast<std::size_t>(operand);
  const TensorAccess& access = program.operation.of(operand);
  if (!has_buffer_tiles(program, operand)) return 0;
  const std::uint64_t words =
      buffer_words(access, clipped(buffer_tile(program), program.operation));
  const std::uint64_t bytes = packed_bytes(words, buffer_bits(program, operand));
  return ceil_div(bytes, buffer_word_bytes) * buffer_word_bytes * program.buffer_tiles[o];
}

bool verify_program_loops(const Program& program, const std::string& file, const std::string& where,
                          Diagnostics& diagnostics) {
  return Verifier(program, {}, file, where, diagnostics).run_loops();
}

bool verify_program(const Program& program, const ProgramLimits& limits, const std::string& file,
                    const std::string& where, Diagnostics& diagnostics) {
  return Verifier(program, limits, file, where, diagnostics).run();
}

}  // namespace chasm
