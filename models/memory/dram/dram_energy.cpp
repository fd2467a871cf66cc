#include "models/memory/dram/dram_energy.h"

namespace chasm {

// The differences of currents that datasheets' power notes use (Micron TN-40-07; DRAMPower): IDD0
// cycles through activate and precharge once an nRC, IDD4 streams bursts with a row open, IDD5B
// refreshes without pause. mA x V x ns is pJ.
DramUnitEnergy dram_unit_energy(const DramConfig& config) {
  const DramTiming& t = config.timing;
  const double cycle = config.cycle_ns() * config.organisation.devices_per_rank;
  DramUnitEnergy unit;
  for (const DramRail& rail : config.power.rails) {
    const double pj = rail.volts * cycle;  // of 1 mA in a cycle, all devices
    const double row_cycle =
        rail.idd0 * t.nRC - rail.idd3n * t.nRAS - rail.idd2n * (t.nRC - t.nRAS);
    unit.activate += row_cycle * pj;
    unit.read += (rail.idd4r - rail.idd3n) * t.nBL * pj;
    unit.write += (rail.idd4w - rail.idd3n) * t.nBL * pj;
    unit.refresh += (rail.idd5b - rail.idd3n) * t.nRFC * pj;
    if (rail.idd5pb > 0) unit.refresh_bank += (rail.idd5pb - rail.idd3n) * t.nRFCpb * pj;
    unit.active_standby += rail.idd3n * pj;
    unit.precharge_standby += rail.idd2n * pj;
    unit.active_power_down += rail.idd3p * pj;
    unit.precharge_power_down += rail.idd2p * pj;
  }
  constexpr double kBurstBits = 512;
  unit.io_read = config.power.io_read_pj_per_bit * kBurstBits;
  unit.io_write = config.power.io_write_pj_per_bit * kBurstBits;
  return unit;
}

std::vector<DramEnergyLine> dram_energy(const DramConfig& config, const DramStats& stats) {
  using C = DramCommand;
  const DramUnitEnergy unit = dram_unit_energy(config);
  const std::uint64_t reads = stats.count(C::read) + stats.count(C::read_precharge);
  const std::uint64_t writes = stats.count(C::write) + stats.count(C::write_precharge);
  return {
      {"activate", stats.count(C::activate), unit.activate, false},
      {"read", reads, unit.read, false},
      {"write", writes, unit.write, false},
      {"refresh", stats.count(C::refresh), unit.refresh, false},
      {"refresh_bank", stats.count(C::refresh_bank), unit.refresh_bank, false},
      {"active_standby_cycle", stats.active_standby, unit.active_standby, false},
      {"precharge_standby_cycle", stats.precharge_standby, unit.precharge_standby, false},
      {"active_power_down_cycle", stats.active_power_down, unit.active_power_down, false},
      {"precharge_power_down_cycle", stats.precharge_power_down, unit.precharge_power_down, false},
      {"io_read", reads, unit.io_read, true},
      {"io_write", writes, unit.io_write, true}};
}

}  // namespace chasm
