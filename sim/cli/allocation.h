// chasm map --allocate, --combinations and --pareto: choices between variants of an architecture,
// and of mappings, with what comes of them as text.
#pragma once

#include <string>

#include "sim/cli/inputs.h"
#include "sim/cli/map_options.h"
#include "sim/report/text_table.h"

namespace chasm {

// PEs given to the chunks anew: eq8 (by operations, NASA's Eq. 8), even (the same number for all)
// or cost (the best of these two and of what the quick search expects of the layers, by what their
// searched mappings take in simulation), within `mm2`, or the area they have now where
// that is 0. Changes the architecture of the inputs; returns a table of what changed. Throws Error
// (invalid input) where the energy table has no areas.
std::string allocate(Inputs&, const std::string& method, double mm2, const MapRequest&,
                     bool side_by_side, const TextStyle&);

// Every combination of the dataflows rs, is, ws and os on the chunks, each with an equal share of
// the buffer, as a table, best first. Where layers cannot keep to a dataflow, a second table says
// how many, and which demands are dropped.
std::string combinations_table(const Inputs&, const MapRequest&, const TextStyle&);

// Of every different operation the mappings that no other one beats in both cycles and energy, by
// the cost model, fastest first, as CSV (docs/formats.md).
std::string fronts_csv(const Inputs&, MapRequest, bool side_by_side);

}  // namespace chasm
