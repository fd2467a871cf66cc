#include "models/program/flatten.h"

#include <algorithm>

#include "base/check.h"

namespace chasm {
namespace {

bool moves(const Axis& axis, Dim d) {
  return std::any_of(axis.terms.begin(), axis.terms.end(),
                     [d](const Axis::Term& term) { return term.dim == d; });
}

// Joins the axes of `dims`, which follow each other without gaps, into one that `into` moves.
void join(TensorAccess& access, std::initializer_list<Dim> dims, Dim into, std::uint64_t bound) {
  std::int64_t stride = 0;
  std::erase_if(access.axes, [&](const Axis& axis) {
    const bool part = std::any_of(dims.begin(), dims.end(), [&](Dim d) { return moves(axis, d); });
    if (part) stride = axis.word_stride;  // the innermost is the last
    return part;
  });
  access.axes.push_back({{{into, 1}}, 0, static_cast<std::int64_t>(bound), stride});
}

// The matrix of elements [N][G][C][P] that the image-to-column unit makes of the input.
void see_through_im2col(TensorAccess& input, const DimArray<std::uint64_t>& before,
                        const DimArray<std::uint64_t>& after) {
  input.im2col = Im2col{std::move(input.axes), before};
  input.axes.clear();
  std::int64_t stride = 1;
  for (const Dim d : {Dim::P, Dim::C, Dim::G, Dim::N}) {
    const auto bound = static_cast<std::int64_t>(after[d]);
    input.axes.insert(input.axes.begin(), {{{d, 1}}, 0, bound, stride});
    stride *= bound;
  }
}

}  // namespace

Operation flattened(const Operation& operation) {
  const DimArray<std::uint64_t>& before = operation.bounds;
  if (!operation.is_mac() || (before[Dim::Q] == 1 && before[Dim::R] == 1 && before[Dim::S] == 1))
    return operation;
  Operation flat = operation;
  flat.bounds[Dim::P] = before[Dim::P] * before[Dim::Q];
  flat.bounds[Dim::C] = before[Dim::C] * before[Dim::R] * before[Dim::S];
  flat.bounds[Dim::Q] = flat.bounds[Dim::R] = flat.bounds[Dim::S] = 1;
  join(flat.of(Operand::weight), {Dim::C, Dim::R, Dim::S}, Dim::C, flat.bounds[Dim::C]);
  join(flat.of(Operand::output), {Dim::P, Dim::Q}, Dim::P, flat.bounds[Dim::P]);
  see_through_im2col(flat.of(Operand::input), before, flat.bounds);
  return flat;
}

}  // namespace chasm
