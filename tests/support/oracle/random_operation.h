// Small random operations of every kind, built by hand: shapes, strides, dilation, padding, groups.
#pragma once

#include "base/rng.h"
#include "models/program/operation.h"

namespace chasm::oracle {

Operation random_operation(Rng&);

}  // namespace chasm::oracle
