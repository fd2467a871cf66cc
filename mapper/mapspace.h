// Every mapping of one operation on one chunk, numbered: the splits of its dimensions, the orders
// of the temporal loops, and how many tiles the buffer keeps.
//
// A mapping is in the space where each dimension by itself, the others being as small as can be,
// respects what is demanded and what the chunk has; no two numbers are the same nest. What
// dimensions need together (PEs, register files, buffer, the passes of a row operation) is for
// `legal` to say.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/program/program.h"
#include "models/program/verify.h"
#include "mapper/constraints.h"
#include "mapper/loop_nest.h"
#include "mapper/nest_limits.h"
#include "mapper/splits.h"

namespace chasm {

__extension__ typedef unsigned __int128 Rank;

class MapSpace {
 public:
  // Orders hold each dimension once, outermost first. What has no effect may be anything: places of
  // dimensions with one trip, places of loops that the rules order, tiles of an operand that none
  // of the DRAM loops changes. `canonical` makes it the same for the same nest.
  struct Point {
    DimArray<std::uint32_t> split;  // index into splits(d)
    std::array<Dim, kDims> dram_order = kAllDims, buffer_order = kAllDims;
    std::array<std::uint32_t, kOperands> buffer_tiles{1, 1, 1};  // 1 or 2
    bool operator==(const Point&) const = default;
  };

  // `prototype` gives the operation, the widths, and what bypasses the buffer; its loops do not
  // matter.
  MapSpace(const Program& prototype, const ProgramLimits&, const MapConstraints& = {});

  const std::vector<Split>& splits(Dim d) const { return splits_[d]; }
  const Operation& operation() const { return operation_; }

  // Exact. 0 where a dimension cannot be split as demanded; all mappings may be illegal as well.
  Rank size() const { return size_; }
  Point unrank(Rank) const;       // of a number below size(); canonical
  Rank rank(const Point&) const;  // its inverse
  Point canonical(const Point&) const;

  LoopNest nest(const Point& point) const {
    LoopNest nest;
    set(point, nest);
    return nest;
  }
  void set(const Point&, LoopNest&) const;
  // None where the nest is not in the space.
  std::optional<Point> point(const LoopNest&) const;
  // The point with the largest tiles that are no larger than those of the nest, in its order as far
  // as the rules allow: of a nest with unbalanced factors, one with the same trips or fewer. None
  // where the rules demand larger tiles.
  std::optional<Point> nearest(const LoopNest&) const;

  // A legal point of small tiles; none where no point is legal.
  std::optional<Point> smallest() const;
  // What is lacking, and how much of it, where no point is legal; else "".
  std::string why_empty() const;
  // Demands of the dataflow that no legal mapping meets together with those before them; the space
  // is that of the others.
  const std::vector<Demand>& dropped() const { return dropped_; }

  bool legal(const LoopNest& nest) const { return limits_.legal(nest); }
  const NestLimits& limits() const { return limits_; }
  // Bytes of a tile of every operand in the buffer, of two where that is demanded.
  std::uint64_t tile_bytes(const DimArray<std::uint64_t>& tile, bool accumulates) const;

 private:
  // Splits of a dimension are sorted by whether they have DRAM loops, and buffer loops.
  static constexpr std::size_t kClasses = 4;
  struct Orders {        // of the loops of one level
    bool fixed = false;  // exactly `loops`
    std::vector<Loop> loops;
    DimArray<std::uint8_t> band{};
    std::uint8_t bands = 1;
    // A number for how many loops of each band there are: the sum of `weight` over them.
    DimArray<std::uint32_t> weight{};
    std::uint32_t states = 1;
    std::vector<Rank> count;  // by state

    explicit Orders(const SpaceRules::Order&);
    template <class Trips>
    Rank rank(const std::array<Dim, kDims>&, const Trips& trips) const;
    template <class Trips>
    std::array<Dim, kDims> unrank(Rank, const Trips& trips) const;
    template <class Trips>
    void add_loops(const std::array<Dim, kDims>&, const Trips& trips, LoopNest&) const;
  };
  struct State {  // of the dimensions that were looked at
    std::uint32_t dram = 0, buffer = 0, changing = 0;
  };

  MapSpace(const Program& prototype, const ProgramLimits&, const SpaceRules&);
  void make_splits_of(Dim, std::size_t most);
  std::string why_no_split(Dim) const;
  bool count();
  bool count_behind(std::size_t dim, State);
  State step(State, Dim, std::size_t split_class) const;
  std::size_t at(State s) const {
    return (std::size_t{s.dram} * buffer_.states + s.buffer) * (1U << kOperands) + s.changing;
  }
  static std::size_t class_of(const Split& s) {
    return (s.dram > 1 ? 2U : 0U) + (s.buffer > 1 ? 1U : 0U);
  }
  bool tiles_matter(std::size_t operand, std::uint32_t changing) const {
    return ((changing & open_tiles_) >> operand & 1U) != 0;
  }
  std::uint32_t changing(const Point&) const;
  const Split& split(const Point& point, Dim d) const { return splits_[d][point.split[d]]; }

  Operation operation_;
  NestLimits limits_;
  SpaceRules rules_;
  std::vector<Demand> dropped_;
  DimArray<std::vector<Split>> splits_;
  DimArray<std::array<std::uint32_t, kClasses + 1>> class_begin_{};
  DimArray<std::uint32_t>
      changes_{};  // operands that a DRAM loop of the dimension changes, as bits
  Orders dram_, buffer_;
  std::array<std::uint32_t, kOperands> fixed_tiles_{};  // where they are not open
  std::uint32_t open_tiles_ = 0;                        // operands, as bits
  // By dimension and State of those before it: mappings of it and of the others behind it.
  std::array<std::vector<Rank>, kDims + 1> behind_;
  Rank size_ = 0;
};

}  // namespace chasm
