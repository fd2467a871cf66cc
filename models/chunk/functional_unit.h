// Functional mode: moves the real words a program moves, through buffer tiles and the register
// files of every PE, and executes every iteration on them. Each PE sees just what was delivered to
// it: a word that was never sent, or was already overwritten, is found out at once. It also counts
// the words of every fill on its own and compares (docs/microarchitecture.md, section 1).
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "workloads/arithmetic.h"
#include "workloads/tensors.h"
#include "models/energy/activity.h"
#include "models/program/word_mover.h"

namespace chasm {

class FunctionalUnit final : public WordMover {
 public:
  // `data` is what DRAM holds: inputs and parameters are read, the layer's output tensor is
  // written.
  FunctionalUnit(const Program&, const Network&, const QuantizationPlan&, NetworkData& data,
                 Activity&);

  void load(Operand, const DimArray<std::uint64_t>& offsets) override;
  void fill(Operand, std::uint64_t first_step, const DimArray<std::uint64_t>& offsets,
            std::uint64_t new_words, std::uint64_t receivers) override;
  void read_back(const Residency&) override;
  void execute(std::uint64_t step, const DimArray<std::uint64_t>& offsets) override;
  void drain(const Residency&) override;
  void open_output(std::uint64_t tile, bool load_psums) override;
  void store_output(std::uint64_t tile, bool complete) override;

 private:
  // Indices of every dimension that a PE, the array or the buffer works on.
  struct Block {
    DimArray<std::uint64_t> offsets, lengths;
    bool empty() const;
  };
  // Words of an operand over a block, with their values: dense over the coordinates of each axis.
  struct Tile {
    std::vector<std::vector<std::int64_t>> coordinates;  // per axis, ascending
    std::vector<std::int32_t> values;
  };
  struct BufferImage {
    DimArray<std::uint64_t> offsets;
    Tile tile;
  };
  struct Snapshot {  // register files of all PEs after a fill
    std::uint64_t first_step;
    std::vector<Tile> pes;
  };
  struct Psums {
    DimArray<std::uint64_t> offsets;
    bool final_pass = true;
    std::vector<std::vector<std::int64_t>> pes;
  };
  // How the inner loops of a PE find an operand's word.
  struct Walk;

  Block pe_block(std::size_t pe, const DimArray<std::uint64_t>& offsets) const;
  Block buffer_block(const DimArray<std::uint64_t>& offsets) const;
  std::vector<std::vector<std::int64_t>> coordinates_of(const std::vector<Axis>&,
                                                        const Block&) const;
  std::int32_t dram_word(Operand, std::uint64_t word) const;
  const BufferImage& image_of(Operand, const DimArray<std::uint64_t>& offsets);
  Walk walk_of(const TensorAccess&, const Tile&, const Block&) const;
  std::uint64_t row_of(std::uint64_t word) const;
  static Walk output_walk(const TensorAccess&, const Block&);
  Psums& psums_at(const DimArray<std::uint64_t>& offsets);
  void execute_pe(std::size_t pe, const Block&, Psums&);
  void execute_row_op(const Block&, const Tile& input, std::vector<std::int64_t>& results);
  template <class Step>
  void for_each_iteration(const Block&, const Walk& x, const Walk& w, const Walk& y, Step step);
  template <class Visit>
  void for_each_word(const std::vector<Axis>&, std::uint64_t base_word, const Block&,
                     Visit visit) const;
  template <class Visit>
  void for_each_output(const Block&, Visit visit) const;
  static std::ptrdiff_t index_in(const Tile&, const std::vector<std::int64_t>& at);
  std::optional<std::vector<std::int64_t>> stored_at(
      const TensorAccess&, const std::vector<std::int64_t>& element) const;
  static std::uint64_t word_at(const TensorAccess&, const std::vector<std::int64_t>& stored);
  std::optional<std::int32_t> delivered(Operand, const BufferImage*,
                                        const std::vector<std::int64_t>& at,
                                        std::uint64_t word) const;

  const Program& program_;
  const Operation& operation_;
  const Layer& layer_;
  NetworkData& data_;
  Activity& activity_;
  OutputStage output_stage_;
  std::optional<RowStage> row_stage_;
  std::array<std::optional<InputConversion>, 2> conversion_;
  Tensor& output_;
  std::size_t columns_, pe_count_;
  DimArray<std::uint64_t> rf_, array_, buffer_;

  std::array<std::deque<BufferImage>, 2> images_;
  std::array<std::deque<Snapshot>, 2> snapshots_;
  std::array<std::vector<std::uint32_t>, 2> sent_;  // per word: the fill that last sent it
  std::array<std::uint32_t, 2> fills_{};
  std::deque<Psums> psums_;  // residencies that are not drained, oldest first
  struct ReadBack {
    DimArray<std::uint64_t> offsets;
    std::vector<std::pair<std::uint64_t, std::int64_t>> words;
  };
  std::deque<ReadBack> read_back_;
  std::vector<RowState> rows_;

  ResidencyCursor tile_cursor_;
  std::deque<Residency> tiles_;              // output tiles in the buffer, by number
  std::vector<std::int64_t> buffer_values_;  // of the output, by word
  std::vector<std::uint64_t>
      buffer_tile_of_;  // 1 + the tile a word of the buffer belongs to, 0 none
  std::vector<std::int64_t> dram_psums_;
  std::vector<std::uint32_t> drained_;  // per word: the drain that last touched it
  std::uint32_t drains_ = 0;
};

}  // namespace chasm
