#include "models/arch/energy_bill.h"

#include <algorithm>
#include <array>
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

constexpr std::array<WordKind, kWordKinds> kAllKinds = {WordKind::input, WordKind::weight,
                                                        WordKind::psum, WordKind::output};

// The parts of the machine in the order of the bill; the first are those of EnergyPart.
enum class Part { pe, register_file, bus, reduction, global_buffer, dram, dram_upkeep, leakage };

// Orders the lines, and tells apart what must not be merged: actions of different unit energy.
struct Key {
  std::size_t chunk = 0;  // index, or the number of chunks for what they share
  Part part = Part::pe;
  PeKind arithmetic = PeKind::multiply;  // of PE operations
  WordKind kind = WordKind::input;
  std::uint32_t bits = 0;
  bool write = false;
  std::uint32_t psum_bits = 0;
  bool operator<(const Key& o) const {
    return std::tie(chunk, part, arithmetic, kind, bits, write, psum_bits) <
           std::tie(o.chunk, o.part, o.arithmetic, o.kind, o.bits, o.write, o.psum_bits);
  }
};

Key key_of(std::size_t chunk, Part part, WordKind kind, std::uint32_t bits) {
  Key key;
  key.chunk = chunk;
  key.part = part;
  key.kind = kind;
  key.bits = bits;
  return key;
}

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
  void dram_upkeep(const DramStats&);
  EnergyBill take();

 private:
  // Adds to a line; `make` gives its texts and its unit the first time.
  template <class Make>
  void charge(const Key&, std::uint64_t count, Make make);
  void pe(std::size_t chunk, const BillItem&);
  void register_files(std::size_t chunk, const BillItem&);
  void network(std::size_t chunk, const BillItem&);
  void buffer(const BillItem&);
  void dram(const Activity&);
  std::optional<UnitEnergy> dram_burst(bool write) const;

  const ArchSpec& spec_;
  const EnergyTable& table_;
  const BufferShape buffer_;
  std::optional<DramConfig> dram_;  // none: charged by the table
  std::map<Key, BillLine> lines_;
  EnergyByPart item_pj_{};  // by part; of the run: the last
  EnergyBill bill_;
};

template <class Make>
void Biller::charge(const Key& key, std::uint64_t count, Make make) {
  if (count == 0) return;
  auto [at, is_new] = lines_.try_emplace(key);
  BillLine& line = at->second;
  if (is_new) {
    std::optional<UnitEnergy> unit;
    std::tie(line.component, line.action, unit) = make();
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

using Made = std::tuple<std::string, std::string, std::optional<UnitEnergy>>;

void Biller::pe(std::size_t chunk, const BillItem& item) {
  const ChunkSpec& c = *item.chunk;
  const std::uint32_t operand =
      std::max(item.widths.pe[WordKind::input], item.widths.pe[WordKind::weight]);
  const std::uint32_t psum = item.widths.pe[WordKind::psum];
  const PeKind arithmetic = kind_for(item.arithmetic);
  Key key = key_of(chunk, Part::pe, WordKind::input, operand);
  key.arithmetic = arithmetic;
  key.psum_bits = psum;
  charge(key, item.activity.pe_operations, [&] {
    return Made(c.name + ".pe", fmt::format("{}_{}b", to_string(arithmetic), operand),
                table_.pe_operation(pe_operation(arithmetic), operand, psum));
  });
}

void Biller::register_files(std::size_t chunk, const BillItem& item) {
  const ChunkSpec& c = *item.chunk;
  // A finished output leaves from the psum register file.
  const std::array<std::uint32_t, kWordKinds> words = {
      c.register_file_words.input, c.register_file_words.weight, c.register_file_words.psum,
      c.register_file_words.psum};
  for (const WordKind kind : kAllKinds) {
    const std::uint32_t bits = item.widths.pe[kind];
    const std::uint32_t depth = words[static_cast<std::size_t>(kind)];
    const std::string component = fmt::format("{}.register_file.{}", c.name, to_string(kind));
    const ReadsWrites& count = item.activity.register_file[kind];
    Key key = key_of(chunk, Part::register_file, kind, bits);
    charge(key, count.reads, [&] {
      return Made(component, fmt::format("read_{}b", bits), table_.register_file_read(depth, bits));
    });
    key.write = true;
    charge(key, count.writes, [&] {
      return Made(component, fmt::format("write_{}b", bits),
                  table_.register_file_write(depth, bits));
    });
  }
}

void Biller::network(std::size_t chunk, const BillItem& item) {
  const ChunkSpec& c = *item.chunk;
  for (const WordKind kind : kAllKinds) {
    const bool finished = kind == WordKind::output;
    const std::uint32_t bits = finished ? item.widths.stored[kind] : item.widths.pe[kind];
    charge(key_of(chunk, Part::bus, kind, bits), item.activity.bus_words[kind], [&] {
      return Made(fmt::format("{}.bus.{}", c.name, to_string(kind)), fmt::format("word_{}b", bits),
                  table_.bus_word(bits));
    });
  }
  const std::uint32_t psum = item.widths.pe[WordKind::psum];
  charge(key_of(chunk, Part::reduction, WordKind::psum, psum), item.activity.reduction_words, [&] {
    return Made(c.name + ".reduction", fmt::format("hop_{}b", psum), table_.neighbour_hop(psum));
  });
}

void Biller::buffer(const BillItem& item) {
  for (const WordKind kind : kAllKinds) {
    const std::uint32_t bits = item.widths.stored[kind];
    const ReadsWrites& count = item.activity.buffer[kind];
    const Key key = key_of(spec_.chunks.size(), Part::global_buffer, WordKind::input, bits);
    Key write = key;
    write.write = true;
    charge(key, count.reads, [&] {
      return Made("global_buffer", fmt::format("read_{}b", bits),
                  table_.buffer_read(buffer_, bits));
    });
    charge(write, count.writes, [&] {
      return Made("global_buffer", fmt::format("write_{}b", bits),
                  table_.buffer_write(buffer_, bits));
    });
  }
}

void Biller::dram(const Activity& activity) {
  const std::size_t shared = spec_.chunks.size();
  Key key = key_of(shared, Part::dram, WordKind::input, kBurstBits);
  charge(key, activity.dram_read_bursts,
         [&] { return Made("dram", "read_burst_64B", dram_burst(false)); });
  key.write = true;
  charge(key, activity.dram_write_bursts,
         [&] { return Made("dram", "write_burst_64B", dram_burst(true)); });
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
    const Key key = key_of(spec_.chunks.size(), Part::dram_upkeep, WordKind::input, number);
    charge(key, line.count, [&] {
      return Made("dram", line.action, UnitEnergy{line.unit_pj, dram_source(*dram_)});
    });
  }
  bill_.dram_upkeep_pj = sum(item_pj_);
}

void Biller::item(const BillItem& item) {
  const ChunkSpec* first = spec_.chunks.data();
  CHECK(item.chunk >= first && item.chunk < first + spec_.chunks.size(),
        "a billed chunk is not one of the architecture's");
  const auto chunk = static_cast<std::size_t>(item.chunk - first);
  item_pj_ = {};
  pe(chunk, item);
  register_files(chunk, item);
  network(chunk, item);
  buffer(item);
  dram(item.activity);
  bill_.item_pj.push_back(sum(item_pj_));
  bill_.item_part_pj.push_back(item_pj_);
}

void Biller::leakage(Cycle cycles) {
  item_pj_ = {};
  charge({spec_.chunks.size(), Part::leakage}, cycles, [&] {
    return Made(
        "leakage", "cycle",
        table_.leakage_per_cycle(buffer_.capacity_bytes, static_cast<double>(spec_.clock_hz)));
  });
  bill_.leakage_pj = sum(item_pj_);
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

EnergyBill energy_bill(const ArchSpec& spec, const EnergyTable& table,
                       const std::vector<BillItem>& items, Cycle total_cycles,
                       const DramStats* dram) {
  Biller biller(spec, table);
  for (const BillItem& item : items) biller.item(item);
  CHECK((dram != nullptr) != spec.dram.is_ideal(), "counts of a DRAM that is {}",
        spec.dram.standard);
  if (dram != nullptr) biller.dram_upkeep(*dram);
  biller.leakage(total_cycles);
  return biller.take();
}

}  // namespace chasm
