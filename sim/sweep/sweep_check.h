// What a schema cannot say about a sweep.
#pragma once

#include "sim/sweep/sweep_spec.h"

namespace chasm {

// Axes and what they vary, sampling, figures, inputs. Every problem becomes a diagnostic at its
// place in the file. Fills in `inputs_hash`.
void check_sweep(SweepSpec&, const Json& schema, Diagnostics&);
// The same without the inputs, which may not be there.
void check_sweep_alone(SweepSpec&, const Json& schema, Diagnostics&);

}  // namespace chasm
