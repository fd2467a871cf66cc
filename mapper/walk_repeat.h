// Finds iterations of a loop after which the machine is as it was some iterations before, in all
// but time and place, and jumps over as many of them as are alike.
#pragma once

#include <vector>

#include "mapper/walk_alike.h"
#include "mapper/walk_machine.h"

namespace chasm::walk {

class Repeat {
 public:
  Repeat(const Program&, const ArchSpec&, Machine&);

  // To be called when the machine has settled.
  void look() {
    const std::size_t loop = machine_.issue().take_advanced();
    if (loop < levels_.size()) look_at(loop);
  }

 private:
  // How the machine was at an iteration of a loop.
  struct Picture {
    Snapshot state;
    std::array<std::uint64_t, Machine::kParts> places{};
    std::uint64_t iteration = 0, step = 0;
    WalkedTiming totals;
  };
  struct Level {
    Picture then;
    Alike::Range range{1, 0};  // while the loops outside stand still
    bool has_range = false;
    bool has = false;
    std::uint64_t age = 0, most_age = 1;  // looks since the picture, and until the next one
    std::uint64_t pause = 0, next_pause = 1;
  };

  void look_at(std::size_t loop);
  void take(std::size_t loop, Picture&) const;
  bool try_jump(std::size_t loop, const Picture& then, const Picture& now);

  Alike alike_;
  Machine& machine_;
  std::vector<Level> levels_;
  Picture now_;
};

}  // namespace chasm::walk
