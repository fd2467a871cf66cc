#include "mapper/timing_walk.h"

#include "mapper/walk_machine.h"

namespace chasm {

WalkedTiming walk_timing(const Program& program, const ChunkSpec& chunk, const ArchSpec& arch,
                         const WalkOptions&) {
  walk::Machine machine(program, chunk, arch);
  for (machine.settle(); !machine.ended(); machine.settle()) machine.next_event();
  return machine.result();
}

}  // namespace chasm
