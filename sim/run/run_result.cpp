#include "sim/run/run_result.h"

namespace chasm {

double LayerResult::pe_utilization() const {
  const double peak =
      static_cast<double>(cycles()) * static_cast<double>(peak_operations_per_cycle);
  return peak > 0 ? static_cast<double>(operations) / peak : 0.0;
}

double RunResult::energy_pj() const {
  double sum = 0;
  for (const EnergyEntry& entry : energy) sum += entry.total_pj;
  return sum;
}

double RunResult::latency_s() const {
  return clock_hz > 0 ? static_cast<double>(cycles) / clock_hz : 0.0;
}

}  // namespace chasm
