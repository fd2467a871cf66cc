// Convolutions as matrix products, for systolic arrays (docs/microarchitecture.md, section 8).
#pragma once

#include "models/program/operation.h"

namespace chasm {

// P becomes the number of the output pixel (P x Q), C that of the word in a filter (C x R x S); Q,
// R and S end with one iteration. Operations that have no more than that, and those that do not
// accumulate products, stay as they are.
Operation flattened(const Operation&);

}  // namespace chasm
