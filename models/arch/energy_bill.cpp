#include "models/arch/energy_bill.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include <fmt/format.h>

#include "base/check.h"
#include "models/arch/dram_link.h"
#include "models/memory/dram/dram_energy.h"

namespace chasm {
namespace {

constexpr std::uint32_t kBurstBits = 64 * 8;

double sum(const EnergyByPart& parts) { return std::accumulate(parts.begin(), parts.end(), 0.0); }

std::string dram_source(const DramConfig& config) {
  return config.name + ": " + config.power.rails.front().source;
}

class Biller {
 public:
  Biller(const ArchSpec& spec, const EnergyTable& table)
      : spec_(spec),
        table_(table),
        buffer_{spec.global_buffer.capacity_bytes, spec.global_buffer.banks,
                spec.global_buffer.word_bytes} {
    if (charged_by_currents(spec.dram, table)) dram_ = bank_dram(spec.dram);
  }

  void item(const BillItem&);
  void leakage(Cycle cycles);
  void clock(Cycle cycles);
  void dram_upkeep(const DramStats&);
  EnergyBill take();

 private:
  // Adds to a line; `make` gives its text and its unit the first time.
  template <class Make>
  void charge(const BillKey&, std::uint64_t count, Make make);
  std::optional<UnitEnergy> unit_of(const BillKey&) const;
  std::optional<UnitEnergy> register_file_access(const BillKey&) const;
  std::optional<UnitEnergy> dram_burst(bool write) const;

  const ArchSpec& spec_;
  const EnergyTable& table_;
  const BufferShape buffer_;
  std::optional<DramConfig> dram_;  // none: charged by the table
  std::map<BillKey, BillLine> lines_;
  EnergyByPart item_pj_{};  // by part; of the run: the last
  EnergyBill bill_;
};

template <class Make>
void Biller::charge(const BillKey& key, std::uint64_t count, Make make) {
  if (count == 0) return;
  auto [at, is_new] = lines_.try_emplace(key);
  BillLine& line = at->second;
  if (is_new) {
    std::optional<UnitEnergy> unit;
    std::tie(line.action, unit) = make();
    line.component = component_of(spec_, key);
    CHECK(unit.has_value(), "the energy table has no entry for {} of {}", line.action,
          line.component);
    line.unit_pj = unit->pj;
    line.source = std::move(unit->source);
  }
  line.count += count;
  // What belongs to no layer has no part of its own, and is asked for as a whole.
  const std::size_t part = std::min(static_cast<std::size_t>(key.part), kEnergyParts - 1);
  item_pj_[part] += static_cast<double>(count) * line.unit_pj;
}

using Made = std::tuple<std::string, std::optional<UnitEnergy>>;

std::optional<UnitEnergy> Biller::register_file_access(const BillKey& key) const {
  const auto& words = spec_.chunks[key.chunk].register_file_words;
  // A finished output leaves from the psum register file.
  const std::uint32_t depth = key.kind == WordKind::input    ? words.input
                              : key.kind == WordKind::weight ? words.weight
                                                             : words.psum;
  return key.write ? table_.register_file_write(depth, key.bits)
                   : table_.register_file_read(depth, key.bits);
}

std::optional<UnitEnergy> Biller::unit_of(const BillKey& key) const {
  switch (key.part) {
    case BillPart::pe:
      return table_.pe_operation(pe_operation(key.arithmetic), key.bits, key.psum_bits);
    case BillPart::register_file:
      return register_file_access(key);
    case BillPart::bus:
      return table_.bus_word(key.bits);
    case BillPart::reduction:
      return table_.neighbour_hop(key.bits);
    case BillPart::global_buffer:
      return key.write ? table_.buffer_write(buffer_, key.bits)
                       : table_.buffer_read(buffer_, key.bits);
    case BillPart::dram:
      return dram_burst(key.write);
    default:
      return std::nullopt;
  }
}

// By the table, bit for bit, or by the currents of the standard, pins included.
std::optional<UnitEnergy> Biller::dram_burst(bool write) const {
  if (dram_) {
    const DramUnitEnergy unit = dram_unit_energy(*dram_);
    return UnitEnergy{write ? unit.write + unit.io_write : unit.read + unit.io_read,
                      dram_source(*dram_) + "; pins: " + dram_->power.io_source};
  }
  const std::string& standard = spec_.dram.standard;
  auto bit = write ? table_.dram_write_bit(standard) : table_.dram_read_bit(standard);
  if (bit) bit->pj *= kBurstBits;
  return bit;
}

// What a DRAM with banks does beside bursts; where the table says what it costs, that is all of it.
void Biller::dram_upkeep(const DramStats& stats) {
  if (!dram_) return;
  item_pj_ = {};
  std::uint32_t number = 0;
  for (const DramEnergyLine& line : dram_energy(*dram_, stats)) {
    ++number;
    const bool burst = line.io || line.action == "read" || line.action == "write";
    if (burst) continue;
    BillKey key;
    key.chunk = spec_.chunks.size();
    key.part = BillPart::dram_upkeep;
    key.bits = number;
    charge(key, line.count, [&] {
      return Made(line.action, UnitEnergy{line.unit_pj, dram_source(*dram_)});
    });
  }
  bill_.dram_upkeep_pj = sum(item_pj_);
}

void Biller::item(const BillItem& item) {
  const ChunkSpec* first = spec_.chunks.data();
  CHECK(item.chunk >= first && item.chunk < first + spec_.chunks.size(),
        "a billed chunk is not one of the architecture's");
  item_pj_ = {};
  for (const BillAction& action : actions_of(spec_, item))
    charge(action.key, action.count,
           [&] { return Made(action_of(action.key), unit_of(action.key)); });
  bill_.item_pj.push_back(sum(item_pj_));
  bill_.item_part_pj.push_back(item_pj_);
}

void Biller::leakage(Cycle cycles) {
  item_pj_ = {};
  charge({spec_.chunks.size(), BillPart::leakage}, cycles, [&] {
    return Made("cycle", table_.leakage_per_cycle(buffer_.capacity_bytes,
                                                  static_cast<double>(spec_.clock_hz)));
  });
  bill_.leakage_pj = sum(item_pj_);
}

// The tree is not gated: every PE takes its part in every cycle of the run. A table that charges
// nothing for it has no lines.
void Biller::clock(Cycle cycles) {
  item_pj_ = {};
  const UnitEnergy pe = table_.clock_per_pe_cycle(), rest = table_.clock_per_cycle();
  for (std::size_t c = 0; pe.pj > 0 && c < spec_.chunks.size(); ++c) {
    const std::uint64_t pes = spec_.chunks[c].pes();
    CHECK(cycles <= UINT64_MAX / pes, "{} cycles of {} PEs", cycles, pes);
    charge({c, BillPart::clock}, cycles * pes, [&] { return Made("pe_cycle", pe); });
  }
  if (rest.pj > 0)
    charge({spec_.chunks.size(), BillPart::clock}, cycles, [&] { return Made("cycle", rest); });
  bill_.clock_pj = sum(item_pj_);
}

EnergyBill Biller::take() {
  for (auto& [key, line] : lines_) {
    line.total_pj = static_cast<double>(line.count) * line.unit_pj;
    bill_.lines.push_back(std::move(line));
  }
  return std::move(bill_);
}

}  // namespace

PeOperation pe_operation(PeKind kind) {
  switch (kind) {
    case PeKind::multiply:
      return PeOperation::multiply;
    case PeKind::shift:
      return PeOperation::shift;
    case PeKind::adder:
      return PeOperation::adder;
    case PeKind::vector:
      return PeOperation::vector;
  }
  CHECK(false, "PE kind {}", static_cast<int>(kind));
}

bool charged_by_currents(const DramSpec& dram, const EnergyTable& table) {
  return !dram.is_ideal() && !table.dram_read_bit(dram.standard);
}

double clock_pj_per_cycle(const ArchSpec& arch, const EnergyTable& table) {
  double pj = table.clock_per_cycle().pj;
  for (const ChunkSpec& chunk : arch.chunks)
    pj += static_cast<double>(chunk.pes()) * table.clock_per_pe_cycle().pj;
  return pj;
}

const char* to_string(EnergyPart part) {
  constexpr std::array<const char*, kEnergyParts> kNames = {"pe",        "register_file", "bus",
                                                            "reduction", "global_buffer", "dram"};
  return kNames[static_cast<std::size_t>(part)];
}

double EnergyBill::total_pj() const {
  double total = 0;
  for (const BillLine& line : lines) total += line.total_pj;
  return total;
}

bool covers(const EnergyTable& table, const ArchSpec& spec, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.error_count();
  for (const ChunkSpec& c : spec.chunks)
    for (const Arithmetic a : kAllArithmetics)
      if (c.runs(a) && !table.pe_operation(pe_operation(kind_for(a)), c.bits.input, c.bits.psum))
        diagnostics.error(
            table.name(), fmt::format("/operations/{}", to_string(kind_for(a))),
            fmt::format("the table has no energy of the PEs of chunk \"{}\" of \"{}\"", c.name,
                        spec.name));
  if (spec.dram.is_ideal() && !table.dram_read_bit(spec.dram.standard))
    diagnostics.error(table.name(), "/energy/dram",
                      fmt::format("the table has no energy of the DRAM \"{}\" of \"{}\"",
                                  spec.dram.standard, spec.name));
  return diagnostics.error_count() == before;
}

std::optional<EnergyTable> table_for(const ArchSpec& arch, Diagnostics& diagnostics) {
  std::optional<EnergyTable> table = load_energy_table(arch.energy_table, diagnostics);
  if (table && !covers(*table, arch, diagnostics)) table.reset();
  return table;
}

EnergyBill energy_bill(const ArchSpec& spec, const EnergyTable& table,
                       const std::vector<BillItem>& items, Cycle total_cycles,
                       const DramStats* dram) {
  Biller biller(spec, table);
  for (const BillItem& item : items) biller.item(item);
  CHECK((dram != nullptr) != spec.dram.is_ideal(), "counts of a DRAM that is {}",
        spec.dram.standard);
  if (dram != nullptr) biller.dram_upkeep(*dram);
  biller.leakage(total_cycles);
  biller.clock(total_cycles);
  return biller.take();
}

}  // namespace chasm
