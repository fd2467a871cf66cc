// From an operation, a chunk and loops to the program the chunk executes.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "workloads/quantization.h"
#include "models/arch/arch_spec.h"
#include "models/program/program.h"
#include "models/program/verify.h"
#include "mapper/mapping.h"

namespace chasm {

ProgramLimits limits_of(const ChunkSpec&, const GlobalBufferSpec&);
LayerWidths widths_of(const ChunkSpec&);

// What a chunk makes of an operation of a layer: a matrix product on a systolic array.
Operation operation_on(const ChunkSpec&, const Operation&);

// What goes past the buffer where a mapping says nothing: all that the chunk lets past it.
std::array<bool, kOperands> bypass_of(const ChunkSpec&);
// Every choice there is for the operation, that one first; or the one that is demanded, without
// what cannot go past.
std::vector<std::array<bool, kOperands>> bypass_choices(
    const Operation&, const ChunkSpec&,
    const std::optional<std::array<bool, kOperands>>& demanded = std::nullopt);

// Stored widths come from `plan`; addresses stay 0. Buffer tiles that the mapping leaves open are
// chosen by choose_buffer_tiles.
Program build_program(const Operation&, const ChunkSpec&, const ProgramLimits&,
                      const OperationMapping&, const QuantizationPlan& plan);

// Where the words of an activation of that shape lie.
TensorLayout layout_of(const LayoutSpec&, const Shape&);
// What a word of 16 bits or less takes in Eyeriss's run-length code (JSSC 2017, IV-B), on average
// and in 1/65536 bit: 64 bits hold three pairs of a run of up to 31 zeros and the word that ends
// it. 0 where that is not less than it takes plain.
std::uint64_t rlc_units(double zeros, std::uint32_t bits);
// Sets the layouts of the activations (and of the spilled sums, which is the output's).
void lay_out(Program&, const LayoutSpec&, const Network&);
// Sets the share of operations that a chunk with zero gating leaves out: that of zeros in the
// input.
void gate_zeros(Program&, const ChunkSpec&, const Network&);

// Sets the buffer tiles: the given ones, the open ones by choose_tiles (mapper/buffer_fit.h).
void choose_buffer_tiles(Program&, const ProgramLimits&,
                         const std::array<std::optional<std::uint32_t>, kOperands>& fixed);

}  // namespace chasm
