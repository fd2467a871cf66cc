// A witness of dependences: it notes when the words of a program are put in place, tile by tile,
// and fails (CHECK) when they are read before (docs/microarchitecture.md, section 9). It derives
// who wrote what from the loops alone and shares no rule of time with the machine it looks at.
// Small programs run with one; it does not look at values (functional mode does) nor at what
// overwrites what.
#pragma once

#include <map>
#include <optional>

#include "base/units.h"
#include "models/program/residency_cursor.h"

namespace chasm {

class PlaceCheck {
 public:
  explicit PlaceCheck(const Program&);
  // Whether a program has few enough steps to be looked at.
  static bool is_small(const Program&);

  // Buffer tiles of input and weight: the DRAM iteration at these offsets is in the buffer from
  // cycle `at`, and a fill of the register files at those offsets asks for its words at `at`.
  void loaded(Operand, const DimArray<std::uint64_t>& offsets, Cycle at);
  void fill_requested(Operand, const DimArray<std::uint64_t>& offsets, Cycle at) const;

  // Psums in the buffer.
  void drained(const Residency&, Cycle at);  // they are in place from then on
  void read_back_requested(const Residency&, Cycle at) const;

  // Lines of buffer output tiles, by number of the tile.
  void store_line_read(std::uint64_t tile, Cycle at);     // its buffer read is asked for
  void store_acknowledged(std::uint64_t tile, Cycle at);  // it is in DRAM
  void load_requested(std::uint64_t tile, Cycle at);      // a line of spilled psums
  void load_in_place(std::uint64_t tile, Cycle at);       // that line is in the buffer

 private:
  using Place = std::array<std::uint64_t, kDims>;  // of a tile: its first index of each dimension
  struct OutputTile {                              // a residency in the buffer
    std::optional<std::uint64_t> before;           // the last one of the same words
    std::uint64_t first_step = 0, end_step = 0;
    std::map<Place, Cycle> drained;  // by tile of the register files
    Cycle last_drain = 0, last_store = 0, last_load = 0;
    std::optional<Cycle> first_read, first_load;
    std::uint64_t stored_lines = 0, requested_lines = 0, loaded_lines = 0;
  };
  Place place(Operand, const DimArray<std::uint64_t>& offsets,
              const DimArray<std::uint64_t>& tile) const;
  Place output_place(const Residency& residency) const {
    return place(Operand::output, residency.offsets, array_);
  }
  std::uint64_t tile_of(const Residency&) const;
  std::uint64_t dram_iteration(const DimArray<std::uint64_t>& offsets) const;

  const Program& program_;
  DimArray<std::uint64_t> array_, buffer_;
  std::vector<TemporalLoop> dram_loops_;
  struct Load {
    Place place;
    Cycle at;
  };
  // By DRAM iteration: the same words may be loaded for a later one before they are used in this.
  std::array<std::map<std::uint64_t, Load>, 2> loads_;
  std::vector<OutputTile> tiles_;
};

}  // namespace chasm
