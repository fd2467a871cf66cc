// Where a figure of a result comes from: every energy as count x unit energy with its source, every
// area with its source, every cycle of a layer by its cause, with the resources that bound it.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "models/arch/arch_spec.h"
#include "sim/report/text_table.h"
#include "sim/run/repeat.h"
#include "sim/run/run_result.h"

namespace chasm {

// Of a component ("CLP", "CLP.register_file", "dram"), or all where it is empty. An unknown one is
// a diagnostic.
std::string explain_energy(const RunResult&, const std::string& component, const TextStyle&,
                           Diagnostics&);

// Of PE datapaths, register files and buffer, each with its source.
std::string explain_area(const RunResult&, const TextStyle&);

// The bill of a layer, over all images: its counts at the units of the run's bill. The
// architecture is the run's.
std::vector<EnergyEntry> layer_energy(const RunResult&, const LayerResult&, const ArchSpec&);
std::string layer_energy_text(const RunResult&, const LayerResult&, const ArchSpec&,
                              const TextStyle&);

// One resource that a layer uses: it takes at least work / rate cycles.
struct Bound {
  std::string resource, work_unit;
  double work = 0, rate = 0;  // rate: a core cycle
  double cycles() const { return rate > 0 ? work / rate : 0; }
};
// Of all images together; resources that it does not use are left out.
std::vector<Bound> bounds_of(const LayerResult&, const ArchSpec&, double dram_bytes_per_cycle);

// As a table that says which is tightest.
std::string bounds_text(const LayerResult&, const std::vector<Bound>&, const TextStyle&);

// One thing that could be more, and the changes of the architecture that make it so.
struct WhatIf {
  std::string text;
  std::vector<Override> changes;
};
std::vector<WhatIf> what_ifs(const LayerResult&, const ArchSpec&);

// The layer over all images; none: an unknown name, which is a diagnostic.
std::optional<LayerResult> layer_named(const RunResult&, const std::string& name, Diagnostics&);

// `repeated`: what the run took unchanged, then with each of `what_ifs`; empty: not asked for.
std::string explain_layer(const RunResult&, const LayerResult&, const ArchSpec&,
                          const std::vector<std::optional<RepeatedCycles>>& repeated,
                          const TextStyle&);

}  // namespace chasm
