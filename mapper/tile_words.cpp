#include "mapper/tile_words.h"

namespace chasm {

TileWords::TileWords(const TensorAccess& access) : used_(access.used ? 1 : 0) {
  for (const Axis& axis : access.axes) {
    Coordinates coordinates{Coordinates::Kind::counted, {}, {}, 1, 1, axis};
    coordinates.extent = static_cast<std::uint64_t>(axis.extent);
    if (axis.terms.size() == 1) {
      coordinates.kind = Coordinates::Kind::one;
      coordinates.coarse = coordinates.fine = axis.terms[0].dim;
    } else if (axis.terms.size() == 2) {
      const bool ordered = axis.terms[0].coefficient >= axis.terms[1].coefficient;
      const Axis::Term &a = axis.terms[ordered ? 0 : 1], &b = axis.terms[ordered ? 1 : 0];
      if (a.coefficient % b.coefficient == 0) coordinates.kind = Coordinates::Kind::two;
      coordinates.coarse = a.dim;
      coordinates.fine = b.dim;
      coordinates.apart = static_cast<std::uint64_t>(a.coefficient / b.coefficient);
    }
    axes_.push_back(coordinates);
  }
}

}  // namespace chasm
