#include "tests/support/map_machine.h"

#include "mapper/build_program.h"
#include "tests/support/oracle/random_arch.h"
#include "tests/support/oracle/random_draw.h"
#include "tests/support/oracle/random_operation.h"

namespace chasm {

using namespace oracle;

MapMachine random_map_machine(Rng& rng, std::uint64_t most_iterations) {
  MapMachine machine;
  Operation operation = random_operation(rng);
  while (operation.iterations() > most_iterations) operation = random_operation(rng);
  ChunkSpec& chunk = machine.chunk = random_chunk(rng, operation);
  chunk.name = "chunk";
  chunk.rows = between(rng, 1, 5);
  chunk.cols = between(rng, 1, 5);
  chunk.register_file_words = {between(rng, 1, 24), between(rng, 1, 24), between(rng, 1, 12)};
  const bool outputs_bypass = one_in(rng, 4);
  if (chunk.interconnect == Interconnect::systolic) chunk.bypass_global_buffer.input = false;
  GlobalBufferSpec buffer;
  buffer.capacity_bytes = one_of<std::uint64_t>(rng, {24, 64, 200, 600, 4096});
  buffer.word_bytes = one_of<std::uint32_t>(rng, {1, 2, 4, 8});
  machine.limits = limits_of(chunk, buffer);

  Program& prototype = machine.prototype;
  prototype.operation = operation_on(chunk, operation);
  prototype.bypass_buffer = {chunk.bypass_global_buffer.input, chunk.bypass_global_buffer.weight,
                             outputs_bypass};
  for (std::size_t o = 0; o < kOperands; ++o) {
    prototype.placement[o].bits = prototype.pe_bits[o] = one_of<std::uint32_t>(rng, {4, 6, 8, 16});
    prototype.kept[o] = one_in(rng, 12);
  }
  prototype.psum.bits = one_of<std::uint32_t>(rng, {16, 24});
  return machine;
}

}  // namespace chasm
