#include <algorithm>

#include "base/check.h"
#include "base/units.h"
#include "tests/support/oracle/planners.h"

namespace chasm::oracle {
namespace {

class OutputPlanner {
 public:
  OutputPlanner(const ArchSpec& arch, const ChunkSpec& chunk, const Program& program, Plan& plan)
      : arch_(arch),
        chunk_(chunk),
        program_(program),
        plan_(plan),
        access_(program.operation.of(Operand::output)),
        tiles_(tiles_of_steps(access_, plan.steps)) {}

  void run() {
    CHECK(!program_.bypass_buffer[static_cast<std::size_t>(Operand::output)],
          "outputs that bypass the buffer are not modelled");
    plan_.psum_slots = chunk_.fifo_buffered.psum ? 3 : chunk_.double_buffered.psum ? 2 : 1;
    plan_.output_kept = program_.kept[static_cast<std::size_t>(Operand::output)];
    plan_.output_slots = program_.buffer_tiles[static_cast<std::size_t>(Operand::output)];
    find_residencies();
    find_output_tiles();
    for (std::size_t j = 0; j < plan_.residencies.size(); ++j) decide_residency(j);
    for (std::size_t r = 0; r < plan_.output_tiles.size(); ++r) decide_output_tile(r);
  }

 private:
  Placement outputs() const {
    return program_.placement[static_cast<std::size_t>(Operand::output)];
  }
  // Spilled psums lie in the layout of the tensor.
  Layout layout(Placement placement) const {
    placement.layout = outputs().layout;
    return {access_, placement, ones()};
  }

  void find_residencies() {
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
      const Words words = union_of(tiles_[s]);
      if (s == 0 || words != plan_.residencies.back().words) {
        plan_.residencies.push_back({s, s, words, 0, 0, false, false, false, 0, 0, std::nullopt});
      }
      plan_.residencies.back().last_step = s;
      plan_.residency_of.push_back(plan_.residencies.size() - 1);
    }
    for (Residency& residency : plan_.residencies) residency.held = words_held(residency);
  }

  // A PE that worked in any step of the residency holds psums until the drain, even if it idles in
  // the last step.
  std::uint64_t words_held(const Residency& residency) const {
    std::uint64_t held = 0;
    for (std::size_t e = 0; e < plan_.steps[0].pes.size(); ++e) {
      Words of_pe;
      for (std::size_t s = residency.first_step; s <= residency.last_step; ++s) {
        of_pe = unite(of_pe, tiles_[s][e].words);
      }
      held += of_pe.size();
    }
    return held;
  }

  void find_output_tiles() {
    std::vector<Words> of_iteration(plan_.steps.back().dram_iteration + 1);
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
      Words& tile = of_iteration[plan_.steps[s].dram_iteration];
      tile = unite(tile, union_of(tiles_[s]));
    }
    std::vector<std::size_t> tile_of_iteration;
    for (const Words& words : of_iteration) {
      if (plan_.output_tiles.empty() || plan_.output_tiles.back().words != words) {
        plan_.output_tiles.push_back({words, std::nullopt, false, false, false, {}, {}});
      }
      tile_of_iteration.push_back(plan_.output_tiles.size() - 1);
    }
    for (Residency& residency : plan_.residencies) {
      residency.output_tile = tile_of_iteration[plan_.steps[residency.first_step].dram_iteration];
      CHECK(residency.output_tile ==
                tile_of_iteration[plan_.steps[residency.last_step].dram_iteration],
            "a residency spans two output tiles");
    }
  }

  bool seen_before(std::size_t j) const {
    const auto& all = plan_.residencies;
    return std::any_of(
        all.begin(), all.begin() + static_cast<std::ptrdiff_t>(j),
        [&](const Residency& other) { return !common(other.words, all[j].words).empty(); });
  }
  bool seen_after(std::size_t j) const {
    const auto& all = plan_.residencies;
    return std::any_of(
        all.begin() + static_cast<std::ptrdiff_t>(j) + 1, all.end(),
        [&](const Residency& other) { return !common(other.words, all[j].words).empty(); });
  }

  void decide_residency(std::size_t j) {
    Residency& residency = plan_.residencies[j];
    const bool row_op = program_.operation.is_row_op();
    residency.complete = !seen_after(j);
    residency.drains = residency.complete || !row_op;
    residency.read_back = seen_before(j) && !row_op;
    for (std::size_t i = 0; i < j; ++i)
      if (!common(plan_.residencies[i].words, residency.words).empty()) residency.written_by = i;
    const std::uint64_t words = residency.words.size();
    const Placement width = residency.complete ? outputs() : program_.psum;
    const auto& bus = chunk_.bus_words_per_cycle;
    const std::uint32_t word_bytes = arch_.global_buffer.word_bytes;
    residency.read_back_beats = beats_of(words, program_.psum.bits, bus.psum_in, word_bytes);
    residency.drain_beats = beats_of(words, width.bits, bus.output, word_bytes);
    if (residency.drains) plan_.output_tiles[residency.output_tile].last_drain = j;
  }

  void decide_output_tile(std::size_t r) {
    OutputTile& tile = plan_.output_tiles[r];
    bool before = false, after = false;
    for (std::size_t other = 0; other < plan_.output_tiles.size(); ++other) {
      const bool same = !common(plan_.output_tiles[other].words, tile.words).empty();
      before = before || (same && other < r);
      after = after || (same && other > r);
    }
    tile.complete = !after;
    tile.load_psums = before && !program_.operation.is_row_op() && !plan_.output_kept;
    tile.stores = tile.last_drain && !plan_.output_kept;
    if (tile.load_psums) tile.psum_lines = layout(program_.psum).transfer(tile.words);
    if (tile.stores) {
      tile.store_lines = layout(tile.complete ? outputs() : program_.psum).transfer(tile.words);
    }
  }

  const ArchSpec& arch_;
  const ChunkSpec& chunk_;
  const Program& program_;
  Plan& plan_;
  const TensorAccess& access_;
  TilesOfSteps tiles_;
};

}  // namespace

void plan_outputs(const ArchSpec& arch, const ChunkSpec& chunk, const Program& program,
                  Plan& plan) {
  OutputPlanner(arch, chunk, program, plan).run();
}

}  // namespace chasm::oracle
