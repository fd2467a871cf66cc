// The actions that a layer is billed for: what was counted, and which line of the bill it goes to.
// Names only; what one costs is in models/arch/energy_bill.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/arch/arch_spec.h"
#include "models/energy/activity.h"

namespace chasm {

// What one layer did on its chunk.
struct BillItem {
  const ChunkSpec* chunk = nullptr;              // of the architecture's
  Arithmetic arithmetic = Arithmetic::multiply;  // of the layer: what its PE operations are
  Activity activity;
  ActivityWidths widths;
};

// The parts of the machine in the order of the bill; the first are those that layers spend on
// (EnergyPart).
enum class BillPart {
  pe,
  register_file,
  bus,
  reduction,
  global_buffer,
  dram,
  dram_upkeep,
  leakage,
  clock
};

// Orders the lines of a bill, and tells apart what must not be merged: actions of different unit
// energy.
struct BillKey {
  std::size_t chunk = 0;  // index, or the number of chunks for what they share
  BillPart part = BillPart::pe;
  PeKind arithmetic = PeKind::multiply;  // of PE operations
  WordKind kind = WordKind::input;
  std::uint32_t bits = 0;
  bool write = false;
  std::uint32_t psum_bits = 0;
  bool operator<(const BillKey&) const;
};

struct BillAction {
  BillKey key;
  std::uint64_t count = 0;
};

// In the order in which they are charged; those that did not happen are left out. A key may be
// there several times.
std::vector<BillAction> actions_of(const ArchSpec&, const BillItem&);

std::string component_of(const ArchSpec&, const BillKey&);  // "CLP.register_file.input"
std::string action_of(const BillKey&);                      // "read_8b"

}  // namespace chasm
