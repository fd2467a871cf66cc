#include "tests/support/oracle/random_case.h"

#include <utility>

#include <fmt/format.h>

#include "base/rng.h"
#include "base/units.h"
#include "models/program/verify.h"
#include "tests/support/oracle/random_arch.h"
#include "tests/support/oracle/random_draw.h"
#include "tests/support/oracle/random_operation.h"
#include "tests/support/oracle/random_program.h"

namespace chasm {
namespace {

using namespace oracle;

// Gives every operand its region: the spaces of the layers from below, now and then behind another
// layer's, and kept tensors in the upper half.
class Regions {
 public:
  Regions(Rng& rng, const GlobalBufferSpec& buffer) : rng_(rng), buffer_(buffer) {
    kept_ = buffer.capacity_bytes / 2;
  }

  void place(Program& program) {
    if (one_in(rng_, 3)) layers_ += gap();
    for (const Operand o : kAllOperands) {
      const auto i = static_cast<std::size_t>(o);
      if (!program.operation.of(o).used || program.bypass_buffer[i]) continue;
      std::uint64_t& next = program.kept[i] ? kept_ : layers_;
      if (program.kept[i] && one_in(rng_, 2)) next += gap();
      program.buffer_base[i] = next;
      const std::uint64_t bytes =
          program.kept[i] ? tensor_bytes(program, o) : buffer_bytes(program, o, buffer_.word_bytes);
      next += ceil_div(bytes, buffer_.word_bytes) * buffer_.word_bytes;
    }
  }

 private:
  std::uint64_t gap() { return rng_.below(40) * buffer_.word_bytes; }
  static std::uint64_t tensor_bytes(const Program& program, Operand o) {
    return packed_bytes(program.operation.of(o).words, buffer_bits(program, o));
  }

  Rng& rng_;
  const GlobalBufferSpec& buffer_;
  std::uint64_t layers_ = 0, kept_ = 0;
};

// Some products are gated, in any share; drawn apart, so that it changes nothing else.
void gate(Program& program, std::uint64_t seed) {
  Rng rng(~seed);
  const OpKind kind = program.operation.kind;
  const bool product = kind == OpKind::multiply_accumulate || kind == OpKind::shift_accumulate;
  if (product && one_in(rng, 2)) program.gated = 1 + rng.below(Program::kAllGated);
}

// Some activations take less room in DRAM; what that costs does not depend on their values.
void compress(Program& program, std::uint64_t seed) {
  Rng rng(~seed ^ 0xc0de);
  for (const Operand operand : kAllOperands) {
    Placement& placement = program.placement[static_cast<std::size_t>(operand)];
    const TensorAccess& access = program.operation.of(operand);
    if (access.used && !access.is_parameter && one_in(rng, 4))
      placement.compressed = 1 + rng.below(placement.bits * Placement::kUnitsOfABit);
  }
}

}  // namespace

RandomCase random_case(std::uint64_t seed) {
  Rng rng(seed);
  RandomCase result;
  result.arch.name = "random";
  random_memory(rng, result.arch);
  Regions regions(rng, result.arch.global_buffer);
  const std::uint64_t chunks = 1 + rng.below(3);
  for (std::uint32_t i = 0; i < chunks; ++i) {
    const Operation operation = random_operation(rng);
    ChunkSpec chunk = random_chunk(rng, operation);
    Program program = random_program(rng, chunk, operation, result.arch.layout);
    regions.place(program);
    fit(chunk, program, rng);
    gate(program, seed + i);
    compress(program, seed + i);
    chunk.name = "chunk" + std::to_string(i);
    result.arch.chunks.push_back(chunk);
    // Now and then a chunk has nothing to do.
    const bool idle = chunks > 1 && one_in(rng, 8) && !(i + 1 == chunks && result.jobs.empty());
    if (!idle) result.jobs.push_back({i, std::move(program), one_in(rng, 2) ? 0 : rng.below(60)});
  }
  return result;
}

}  // namespace chasm
