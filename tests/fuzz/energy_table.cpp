// An energy table's file, and what it says that actions cost.
#include "models/energy/energy_table.h"

#include <cmath>

#include "tests/fuzz/driver.h"

namespace chasm::fuzz {
namespace {

void require_cost(double value) {
  CHECK(std::isfinite(value) && value >= 0, "a cost of {}", value);
}

void ask(const EnergyTable& table, std::uint32_t bits, std::uint64_t words) {
  const BufferShape buffer{words * 64, 4, 8};
  for (std::size_t i = 0; i < kPeOperations; ++i) {
    const auto operation = static_cast<PeOperation>(i);
    if (const auto energy = table.pe_operation(operation, bits, 2 * bits)) require_cost(energy->pj);
    if (const auto area = table.pe_datapath_area(operation, bits, 2 * bits))
      require_cost(area->mm2);
  }
  for (const UnitEnergy& energy :
       {table.register_file_read(words, bits), table.register_file_write(words, bits),
        table.bus_word(bits), table.neighbour_hop(bits), table.buffer_read(buffer, bits),
        table.buffer_write(buffer, bits), table.leakage_per_cycle(words, 1e9),
        table.clock_per_pe_cycle(), table.clock_per_cycle()})
    require_cost(energy.pj);
  if (const auto area = table.register_file_area(words, bits)) require_cost(area->mm2);
  if (const auto area = table.buffer_area(buffer)) require_cost(area->mm2);
}

}  // namespace

void one_input(std::string_view bytes) {
  Diagnostics problems;
  const auto table = load_energy_table(file_of(bytes), problems);
  require_reason(table, problems);
  if (!table) return;
  ask(*table, 1, 1);
  ask(*table, 8, 24);
  ask(*table, 64, 1 << 20);
}

}  // namespace chasm::fuzz
