// The parts of make_plan (plan.h), one file each.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/support/oracle/plan.h"

namespace chasm::oracle {

// Cycles of each step, with the folds of a systolic array.
std::vector<std::uint64_t> issue_cycles(const ChunkSpec&, const Program&, const std::vector<Step>&);

OperandPlan plan_operand(const ArchSpec&, const ChunkSpec&, const Program&,
                         const std::vector<Step>&, Operand, const Readings&);

// Residencies and output tiles; the steps must be there.
void plan_outputs(const ArchSpec&, const ChunkSpec&, const Program&, Plan&);

// Of words that go over a bus and through a buffer port together.
std::uint64_t beats_of(std::uint64_t words, std::uint32_t bits, std::uint32_t bus_words,
                       std::uint32_t word_bytes);

}  // namespace chasm::oracle
