// What a schema cannot say about a sweep.
#pragma once

#include "sim/sweep/sweep_spec.h"

namespace chasm {

// Axes and what they vary, sampling, figures, inputs. Every problem becomes a diagnostic at its
// place in the file. Fills in `inputs_hash`.
void check_sweep(SweepSpec&, const Json& schema, Diagnostics&);

}  // namespace chasm
