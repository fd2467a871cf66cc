#include "models/program/place_check.h"

#include <algorithm>

namespace chasm {
namespace {

constexpr std::uint64_t kMostSteps = 2048;

}  // namespace

bool PlaceCheck::is_small(const Program& program) {
  std::uint64_t steps = 1;
  for (const TemporalLoop& loop : temporal_loops(program)) {
    if (loop.trips > kMostSteps / steps) return false;
    steps *= loop.trips;
  }
  return true;
}

PlaceCheck::PlaceCheck(const Program& program)
    : program_(program),
      array_(array_tile(program)),
      buffer_(buffer_tile(program)),
      dram_loops_(temporal_loops(program)) {
  dram_loops_.resize(program.dram.size());
  ResidencyCursor cursor(program, program.dram.size());
  std::map<Place, std::uint64_t> last;
  for (Residency residency; cursor.next(residency);) {
    OutputTile tile;
    tile.first_step = residency.first_step;
    tile.end_step = residency.end_step();
    const auto [found, is_new] =
        last.try_emplace(place(Operand::output, residency.offsets, buffer_), tiles_.size());
    if (!is_new) tile.before = std::exchange(found->second, tiles_.size());
    tiles_.push_back(std::move(tile));
  }
}

PlaceCheck::Place PlaceCheck::place(Operand operand, const DimArray<std::uint64_t>& offsets,
                                    const DimArray<std::uint64_t>& tile) const {
  Place place{};
  for (const Dim d : kAllDims)
    if (program_.operation.of(operand).depends_on(d))
      place[index(d)] = offsets[d] / tile[d] * tile[d];
  return place;
}

std::uint64_t PlaceCheck::tile_of(const Residency& residency) const {
  const auto after = std::upper_bound(
      tiles_.begin(), tiles_.end(), residency.first_step,
      [](std::uint64_t step, const OutputTile& tile) { return step < tile.end_step; });
  CHECK(after != tiles_.end() && after->first_step <= residency.first_step,
        "residency {} lies in no buffer tile", residency.index);
  return static_cast<std::uint64_t>(after - tiles_.begin());
}

std::uint64_t PlaceCheck::dram_iteration(const DimArray<std::uint64_t>& offsets) const {
  std::uint64_t number = 0;
  for (const TemporalLoop& loop : dram_loops_)
    number = number * loop.trips + offsets[loop.dim] / loop.block % loop.trips;
  return number;
}

void PlaceCheck::loaded(Operand operand, const DimArray<std::uint64_t>& offsets, Cycle at) {
  loads_[static_cast<std::size_t>(operand)][dram_iteration(offsets)] = {
      place(operand, offsets, buffer_), at};
}

// The latest load at or before the fill's own iteration brought its tile.
void PlaceCheck::fill_requested(Operand operand, const DimArray<std::uint64_t>& offsets,
                                Cycle at) const {
  const auto o = static_cast<std::size_t>(operand);
  if (program_.kept[o] || program_.bypass_buffer[o]) return;
  const auto after = loads_[o].upper_bound(dram_iteration(offsets));
  const Load* const load = after == loads_[o].begin() ? nullptr : &std::prev(after)->second;
  CHECK(load != nullptr && load->place == place(operand, offsets, buffer_) && load->at <= at,
        "{}: {} is filled at cycle {} from a buffer tile that is not in place",
        program_.operation.name, to_string(operand), at);
}

void PlaceCheck::drained(const Residency& residency, Cycle at) {
  const std::uint64_t number = tile_of(residency);
  OutputTile& tile = tiles_[number];
  CHECK(!tile.first_read, "{}: residency {} is drained when its buffer tile is being stored",
        program_.operation.name, residency.index);
  tile.drained[output_place(residency)] = at;
  tile.last_drain = std::max(tile.last_drain, at);
}

// The psums were drained into this buffer tile, or into a kept one at any time, or were loaded.
void PlaceCheck::read_back_requested(const Residency& residency, Cycle at) const {
  const Place place = output_place(residency);
  std::optional<std::uint64_t> number = tile_of(residency);
  const OutputTile& tile = tiles_[*number];
  std::optional<Cycle> in_place;
  if (tile.requested_lines > 0 && tile.loaded_lines == tile.requested_lines)
    in_place = tile.last_load;
  for (; number; number = tiles_[*number].before) {
    const auto drain = tiles_[*number].drained.find(place);
    if (drain != tiles_[*number].drained.end()) {
      in_place = std::max(in_place.value_or(0), drain->second);
      break;
    }
    if (!program_.kept[static_cast<std::size_t>(Operand::output)]) break;
  }
  CHECK(in_place && *in_place <= at,
        "{}: psums of residency {} are read back at cycle {}, before they are in place",
        program_.operation.name, residency.index, at);
}

void PlaceCheck::store_line_read(std::uint64_t number, Cycle at) {
  OutputTile& tile = tiles_.at(number);
  CHECK(!tile.drained.empty() && tile.last_drain <= at,
        "{}: buffer tile {} is stored at cycle {}, before its drains are in place",
        program_.operation.name, number, at);
  if (!tile.first_read) tile.first_read = at;
}

void PlaceCheck::store_acknowledged(std::uint64_t number, Cycle at) {
  OutputTile& tile = tiles_.at(number);
  tile.last_store = std::max(tile.last_store, at);
  ++tile.stored_lines;
}

void PlaceCheck::load_requested(std::uint64_t number, Cycle at) {
  OutputTile& tile = tiles_.at(number);
  if (!tile.first_load) tile.first_load = at;
  ++tile.requested_lines;
}

// A tile of psums has the same lines whenever it is stored or loaded.
void PlaceCheck::load_in_place(std::uint64_t number, Cycle at) {
  OutputTile& tile = tiles_.at(number);
  tile.last_load = std::max(tile.last_load, at);
  ++tile.loaded_lines;
  CHECK(tile.before, "{}: psums of buffer tile {} are loaded, but nobody stored any",
        program_.operation.name, number);
  const OutputTile& before = tiles_[*tile.before];
  CHECK(before.stored_lines >= tile.requested_lines && before.last_store <= *tile.first_load,
        "{}: psums of buffer tile {} are loaded from cycle {}, before tile {} is stored",
        program_.operation.name, number, *tile.first_load, *tile.before);
}

}  // namespace chasm
