// Psums that are read back wait for the drain that wrote them, however many residencies the
// register files hold and whichever lie between, to the cycle (docs/microarchitecture.md, sections
// 2 and 9). All tensors are kept in the buffer: no DRAM.
#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "models/accelerator.h"
#include "tests/cross/small_programs.h"
#include "tests/support/oracle/in_child.h"

namespace chasm {
namespace {

enum class Psums { single, twofold, fifo };

std::uint64_t residencies_held(Psums psums) {
  return psums == Psums::fifo ? 3 : psums == Psums::twofold ? 2 : 1;
}

// One PE with room for all operands, so that they never hold it up after the first.
ArchSpec one_pe_of(Psums psums, Cycle depth, Cycle latency, Cycle write_latency) {
  ArchSpec arch;
  ChunkSpec& chunk = arch.chunks.emplace_back();
  chunk.pipeline_depth = static_cast<std::uint32_t>(depth);
  chunk.double_buffered = {false, false, psums == Psums::twofold};
  chunk.fifo_buffered = {true, true, psums == Psums::fifo};
  chunk.register_file_words = {1000, 1000, 1000};
  GlobalBufferSpec& buffer = arch.global_buffer;
  buffer.ports = 6;
  buffer.banks = 1 << 20;
  buffer.latency_cycles = static_cast<std::uint32_t>(latency);
  buffer.write_latency_cycles = static_cast<std::uint32_t>(write_latency);
  return arch;
}

// Tiles of one output each, all of them once a pass.
Program passes_over(std::uint64_t tiles, std::uint64_t passes) {
  Program program =
      matrix_vector(static_cast<std::int64_t>(tiles), static_cast<std::int64_t>(passes));
  program.kept = {true, true, true};
  program.buffer_base = {0, 1 << 18, 1 << 19};  // in banks that do not meet
  program.buffer = {{Dim::C, passes}, {Dim::K, tiles}};
  return program;
}

struct Point {
  Psums psums;
  std::uint64_t tiles, passes;
  Cycle depth, latency, write_latency;
};

// As many tiles as the register files hold are on their way at once, and each of them needs its
// issue, the pipeline, its drain, and (but in the first pass) the read-back before, one after the
// other.
Cycle cycles_by_law(const Point& p) {
  const std::uint64_t at_once = std::min(residencies_held(p.psums), p.tiles);
  const Cycle drained = 1 + p.depth + 1 + p.write_latency, returned = drained + 1 + p.latency;
  return 1 + p.latency + p.tiles / at_once * (drained + (p.passes - 1) * returned) + at_once - 1;
}

std::string simulated(const Point& p) {
  const ArchSpec arch = one_pe_of(p.psums, p.depth, p.latency, p.write_latency);
  const Program program = passes_over(p.tiles, p.passes);
  return fmt::format("{}", run_jobs(arch, {{0, &program, 0}})[0].report.end);
}

void expect_law(const Point& p) {
  if (p.tiles % std::min(residencies_held(p.psums), p.tiles) != 0) return;  // groups are not whole
  const ChildResult child = in_child([&] { return simulated(p); }, 30);
  EXPECT_EQ(child.text, fmt::format("{}", cycles_by_law(p)))
      << p.tiles << " tiles, " << p.passes << " passes, depth " << p.depth << ", latencies "
      << p.latency << " and " << p.write_latency;
}

TEST(ReadBackLaw, AReturnCostsIssuePipelineDrainAndReadBack) {
  for (const Psums psums : {Psums::single, Psums::twofold, Psums::fifo})
    for (const std::uint64_t tiles : {2U, 3U, 4U, 6U})
      for (const std::uint64_t passes : {1U, 2U, 5U})
        for (const Cycle depth : {1U, 8U})
          for (const Cycle latency : {0U, 3U})
            for (const Cycle write_latency : {0U, 2U})
              expect_law({psums, tiles, passes, depth, latency, write_latency});
}

}  // namespace
}  // namespace chasm
