// What a mapping costs, in closed form: the exact words on every path (mapper/word_counts.h; behind
// an image-to-column unit padding is spread evenly and boxes are of average size), an
// estimate of the cycles after the contract of docs/microarchitecture.md (averages instead of
// events, no contention between chunks), and the energy of both. It ranks mappings; the
// simulator says what they really cost.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/arch/arch_spec.h"
#include "models/program/program.h"
#include "mapper/energy_weights.h"
#include "mapper/line_estimate.h"
#include "mapper/loop_nest.h"
#include "mapper/nest_moves.h"
#include "mapper/tile_words.h"
#include "mapper/word_counts.h"

namespace chasm {

struct Cost {
  double steps = 0;
  double issue_cycles = 0;  // sum over the steps
  // input, weight: steps that bring new words, and those words; output: residencies in the PEs and
  // the words they drain.
  std::array<double, kOperands> fills{}, bus_words{};
  double psum_in_words = 0;  // read back into the PEs
  // Between DRAM and the buffer (or FIFO). input, weight: loads with new words, and those words;
  // output: residencies in the buffer, and the words of their stores.
  std::array<double, kOperands> loads{}, dram_words{};
  double psum_load_words = 0;  // spilled sums loaded again
  // Words that PEs take in, and drained words as often as PEs hold them.
  std::array<double, 2> receivers{};
  double held_words = 0;
  // Of 64 bytes, partly used ones included; an estimate.
  double read_lines = 0, write_lines = 0;
  double dram_lines() const { return read_lines + write_lines; }
  double cycles = 0;
  double energy = 0;  // pJ, or in the unit of other EnergyWeights
};

// Not thread-safe: it keeps what it has summed up for the next nest.
class CostModel {
 public:
  // `prototype` gives the operation, the stored widths and what bypasses the buffer; its loops do
  // not matter.
  CostModel(const Program& prototype, const ChunkSpec&, const ArchSpec&, const EnergyWeights&);
  // By the energy table of the architecture.
  CostModel(const Program& prototype, const ChunkSpec& chunk, const ArchSpec& arch)
      : CostModel(prototype, chunk, arch, energy_weights(prototype, chunk, arch)) {}
  CostModel(const CostModel&) = delete;
  CostModel& operator=(const CostModel&) = delete;

  // What all loop orders over one array tile, and over one buffer tile, have in common.
  struct ArrayLevel {
    std::array<double, 2> pe_words{};  // register-file tile of a PE: input, weight
    double steps = 0, issue_cycles = 0, reduction_latency = 0;
  };
  struct BufferLevel {
    NestMoves<RealSums> moves;
    Moves<RealSums> folds;                     // of a systolic array
    double array_tiles = 1, buffer_tiles = 1;  // of the output: each is completed once
    BoxWords box_words;                        // of an input below an image-to-column unit
    double iterations = 1;                     // of the DRAM loops
    DimArray<std::uint64_t> array = ones(), tile = ones();  // indices of an array tile, buffer tile
    // Of the transfers from DRAM and to it, past the buffer too.
    std::array<LineEstimate::Tiles, kOperands> lines;
    LineEstimate::Lengths output_lengths{};  // of a buffer tile
  };
  // Numbers of the splits of a nest's dimensions, by which their sums are found.
  using Splits = NestSplits::Numbers;
  Splits splits(const LoopNest& nest) const { return factors_.splits.numbers(nest); }
  std::uint32_t split(Dim d, std::uint64_t rf, std::uint64_t spatial, std::uint64_t buffer,
                      std::uint64_t dram) const {
    return factors_.splits.number(d, rf, spatial, buffer, dram);
  }
  ArrayLevel array_level(const LoopNest&, const Splits&) const;
  // The level is new, or one of the same model for another nest.
  void prepare(const Splits&, BufferLevel&) const;

  ArrayLevel array_level(const LoopNest& nest) const { return array_level(nest, splits(nest)); }
  BufferLevel buffer_level(const LoopNest& nest) const {
    BufferLevel level;
    prepare(splits(nest), level);
    return level;
  }

  // Of a nest whose buffer tiles are chosen; the levels are those of the same nest, or of one that
  // differs in order only.
  Cost evaluate(const LoopNest&, const ArrayLevel&, const BufferLevel&) const;
  Cost evaluate(const LoopNest& nest, const Splits& splits) const {
    if (splits_ != splits) {  // else an order alone is new
      prepare(splits, buffer_level_);
      array_level_ = array_level(nest, splits);
      splits_ = splits;
    }
    return evaluate(nest, array_level_, buffer_level_);
  }
  Cost evaluate(const LoopNest& nest) const { return evaluate(nest, splits(nest)); }

  const EnergyWeights& weights() const { return weights_; }
  // Bounds that no mapping beats: operations and register file accesses alone, every PE busy.
  double least_energy() const { return weights_.operations; }
  double least_cycles() const;

 private:
  struct Timing;
  class Lines;
  struct Nest;  // a nest with its levels
  using Lengths = LineEstimate::Lengths;
  // Beats a word, of the bus or of the buffer's port if that is slower.
  double beats_of(double words_per_cycle, double bits, bool buffered) const;
  void prepare_lines(const DimArray<double>& positions, BufferLevel&) const;
  double skew_cycles(const Nest&) const;
  void fills(Operand, const Nest&, Cost&, Timing&) const;
  double fills_ahead(Operand, const Nest&, double kept_share) const;
  struct Outputs;
  Outputs outputs(const Moves<RealSums>&, const Nest&, std::size_t count, double tiles) const;
  void drains(const Nest&, Cost&, Timing&) const;
  void loads(Operand, const Nest&, Cost&, Timing&) const;
  double moved_box(const Nest&, Dim advancing, const Moves<RealSums>::Parts&) const;
  void stores(const Nest&, Cost&, Timing&) const;
  double energy(const Cost&) const;

  // Of a dimension's split, by its number.
  struct DimFacts {
    std::uint64_t array, buffer;  // indices of a tile
    double steps, positions;      // array tiles, buffer tiles
    BlockExtents blocks;
  };
  const DimFacts& facts(Dim d, const Splits& splits) const {
    if (facts_[d].size() <= splits[d]) add_facts(d, splits[d]);
    return facts_[d][splits[d]];
  }
  void add_facts(Dim, std::uint32_t up_to) const;

  Program prototype_;
  ChunkSpec chunk_;
  GlobalBufferSpec buffer_;
  EnergyWeights weights_;
  std::array<LineEstimate, kOperands> lines_;  // of the output: as such
  LineEstimate psum_lines_;
  // Beats a word.
  std::array<double, 2> fill_;
  double drain_, psum_drain_, psum_in_;
  mutable NestFactors factors_;
  mutable std::optional<OperandFactors> folds_;
  mutable DimArray<std::vector<DimFacts>> facts_;
  std::array<TileWords, 2> pe_words_;
  // Of the nest evaluated last.
  mutable std::optional<Splits> splits_;
  mutable ArrayLevel array_level_;
  mutable BufferLevel buffer_level_;
  std::vector<Dim> dims_;  // of more than one iteration
  DimArray<bool> reduces_{};
  double output_words_ = 1;
  double density_ = 1;   // of the elements of an image-to-column unit: not padding
  std::uint64_t lanes_;  // operations a PE and cycle
  // A line on the DRAM link, as many in flight as there may be; and one that goes through the
  // buffer.
  double dram_latency_ = 0, line_cycles_ = 1, buffer_line_cycles_ = 1;
};

}  // namespace chasm
