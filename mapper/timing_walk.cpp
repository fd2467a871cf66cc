#include "mapper/timing_walk.h"

#include "mapper/walk_machine.h"
#include "mapper/walk_repeat.h"

namespace chasm {

WalkedTiming walk_timing(const Program& program, const ChunkSpec& chunk, const ArchSpec& arch,
                         const WalkOptions& options) {
  walk::Machine machine(program, chunk, arch);
  walk::Repeat repeat(program, arch, machine);
  do {
    machine.settle();
    if (options.repeat) repeat.look();
    while (!machine.ended() && !machine.next_event()) {
    }
    if (!machine.ended() && machine.now() > options.most_cycles) {
      WalkedTiming beyond;
      beyond.cycles = machine.now();
      return beyond;
    }
  } while (!machine.ended());
  return machine.result();
}

}  // namespace chasm
