#include "mapper/energy_weights.h"

#include <map>

#include "base/check.h"
#include "models/arch/dram_link.h"
#include "models/arch/energy_bill.h"
#include "models/memory/dram/dram_energy.h"

namespace chasm {
namespace {

// Asks the bill for what one of each count costs.
class Prober {
 public:
  Prober(const Program& prototype, const ChunkSpec& chunk, const ArchSpec& arch,
         const EnergyTable& table)
      : prototype_(prototype), arch_(arch), table_(table) {
    machine_.clock_hz = arch.clock_hz;
    machine_.energy_table = arch.energy_table;
    machine_.dram = arch.dram;
    machine_.global_buffer = arch.global_buffer;
    machine_.chunks = {chunk};
  }

  EnergyWeights run() {
    EnergyWeights weights;
    WordCounts all;
    all.operations = prototype_.operation.iterations();
    weights.operations = pj(all);
    for (std::size_t o = 0; o < 2; ++o) {
      if (!prototype_.operation.access[o].used) continue;
      weights.operand[o].fill_word = pj(one([&](WordCounts& c) { c.fills[o].words = 1; }));
      weights.operand[o].fill_receiver = pj(one([&](WordCounts& c) { c.fills[o].receivers = 1; }));
      weights.operand[o].load_word = pj(one([&](WordCounts& c) { c.loads[o].words = 1; }));
    }
    // A word held by one PE alone takes no part in a spatial reduction.
    weights.held_word = pj(one([&](WordCounts& c) { c.drains.held_words = 1; }));
    const auto drained = [&](std::uint64_t OutputResidencies::*words) {
      return pj(one([&](WordCounts& c) { c.drains.*words = c.drains.held_words = 1; })) -
             weights.held_word;
    };
    weights.drain = {drained(&OutputResidencies::complete_words),
                     drained(&OutputResidencies::spilled_words)};
    weights.store = {pj(one([&](WordCounts& c) { c.stores.complete_words = 1; })),
                     pj(one([&](WordCounts& c) { c.stores.spilled_words = 1; }))};
    lines_and_cycles(weights);
    return weights;
  }

 private:
  template <class Set>
  static WordCounts one(Set set) {
    WordCounts counts;
    set(counts);
    return counts;
  }

  double pj(const WordCounts& counts) const { return pj(to_activity(counts, prototype_)); }
  double pj(const Activity& activity) const {
    const Arithmetic arithmetic = arithmetic_of(prototype_.operation.kind);
    const BillItem item{machine_.chunks.data(), arithmetic, activity, activity_widths(prototype_)};
    const DramStats nothing;
    return energy_bill(machine_, table_, {item}, 0, arch_.dram.is_ideal() ? nullptr : &nothing)
        .item_pj.front();
  }

  void lines_and_cycles(EnergyWeights& weights) const {
    Activity read, write;
    read.dram_read_bursts = write.dram_write_bursts = 1;
    weights.read_line = pj(read);
    weights.write_line = pj(write);
    weights.cycle = table_
                        .leakage_per_cycle(arch_.global_buffer.capacity_bytes,
                                           static_cast<double>(arch_.clock_hz))
                        .pj +
                    clock_pj_per_cycle(arch_, table_);
    if (!charged_by_currents(arch_.dram, table_)) return;
    const DramConfig dram = bank_dram(arch_.dram);
    const DramUnitEnergy unit = dram_unit_energy(dram);
    const double row = unit.activate / dram.organisation.lines_per_row();
    weights.read_line += row;
    weights.write_line += row;
    const double memory_cycles =
        static_cast<double>(dram.clock_hz) / static_cast<double>(arch_.clock_hz);
    weights.cycle += memory_cycles * dram.organisation.channels * dram.organisation.ranks *
                     (unit.active_standby + unit.refresh / dram.timing.nREFI);
  }

  const Program& prototype_;
  const ArchSpec& arch_;
  const EnergyTable& table_;
  ArchSpec machine_;  // with this chunk alone
};

// Shipped tables are read once, others each time.
EnergyTable known_table(const std::string& name) {
  static const std::map<std::string, EnergyTable> shipped = [] {
    std::map<std::string, EnergyTable> tables;
    for (const std::string& known : energy_table_names()) {
      Diagnostics problems;
      tables.emplace(known, load_energy_table(known, problems).value());
    }
    return tables;
  }();
  if (const auto found = shipped.find(name); found != shipped.end()) return found->second;
  Diagnostics problems;
  std::optional<EnergyTable> table = load_energy_table(name, problems);
  CHECK(table, "the energy table of a checked architecture: {}", problems.to_string());
  return std::move(*table);
}

}  // namespace

double EnergyWeights::of(const WordCounts& counts) const {
  double pj = operations;
  for (std::size_t o = 0; o < operand.size(); ++o)
    pj += operand[o].fill_word * static_cast<double>(counts.fills[o].words) +
          operand[o].fill_receiver * static_cast<double>(counts.fills[o].receivers) +
          operand[o].load_word * static_cast<double>(counts.loads[o].words);
  const auto add = [&](const Residencies& weights, const OutputResidencies& residencies) {
    pj += weights.complete_word * static_cast<double>(residencies.complete_words) +
          weights.spilled_word * static_cast<double>(residencies.spilled_words);
  };
  add(drain, counts.drains);
  add(store, counts.stores);
  return pj + held_word * static_cast<double>(counts.drains.held_words);
}

EnergyWeights energy_weights(const Program& prototype, const ChunkSpec& chunk, const ArchSpec& arch,
                             const EnergyTable& table) {
  return Prober(prototype, chunk, arch, table).run();
}

EnergyWeights energy_weights(const Program& prototype, const ChunkSpec& chunk,
                             const ArchSpec& arch) {
  return energy_weights(prototype, chunk, arch, known_table(arch.energy_table));
}

EnergyWeights energy_weights(const Program& prototype, const LevelEnergies& levels) {
  constexpr double kUnitBits = 16, kLineBits = 512;
  const double input = prototype.pe_bits[0], weight = prototype.pe_bits[1];
  // An iteration reads both operands and reads and writes a psum.
  const double accessed = (input + weight + 2.0 * prototype.psum.bits) / kUnitBits;
  EnergyWeights weights;
  weights.operations = static_cast<double>(prototype.operation.iterations()) *
                       (levels.operation + levels.register_file * accessed);
  for (std::size_t o = 0; o < 2; ++o) {
    const double words = prototype.placement[o].bits / kUnitBits;
    weights.operand[o].fill_word =
        words * (levels.network + (prototype.bypass_buffer[o] ? 0 : levels.buffer));
    weights.operand[o].load_word = words * levels.buffer;
  }
  const double output =
      prototype.placement[static_cast<std::size_t>(Operand::output)].bits / kUnitBits;
  const double psum = prototype.psum.bits / kUnitBits;
  weights.drain = {output * (levels.network + levels.buffer),
                   2 * psum * (levels.network + levels.buffer)};
  weights.store = {output * levels.buffer, 2 * psum * levels.buffer};
  weights.read_line = weights.write_line = levels.dram * kLineBits / kUnitBits;
  return weights;
}

}  // namespace chasm
