#include "models/energy/energy_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"

namespace chasm {
namespace {

std::string cite(const EnergyTableData::Note& note) {
  return fmt::format("{} ({})", note.source, note.node);
}

UnitEnergy per_bit(const EnergyTableData::PerBit& entry, std::uint32_t bits) {
  return {entry.value * bits, cite(entry)};
}

// The sum over the units that an operation uses; none where one is not characterised.
struct Sum {
  double value = 0;
  std::string source;
};
std::optional<Sum> sum_of_units(const std::vector<EnergyTableData::Term>& terms,
                                const EnergyTableData::Datapath& datapath,
                                std::uint32_t operand_bits, std::uint32_t psum_bits) {
  if (terms.empty()) return std::nullopt;
  Sum sum;
  std::vector<std::string> cited;
  for (const EnergyTableData::Term& term : terms) {
    const auto& entry = datapath[static_cast<std::size_t>(term.unit)];
    if (!entry) return std::nullopt;
    const std::uint32_t bits = term.at_psum_width ? psum_bits : operand_bits;
    sum.value += entry->curve.at(bits);
    sum.source +=
        fmt::format("{}{} {}b", sum.source.empty() ? "" : " + ", to_string(term.unit), bits);
    if (std::find(cited.begin(), cited.end(), cite(*entry)) == cited.end())
      cited.push_back(cite(*entry));
  }
  for (std::size_t i = 0; i < cited.size(); ++i) sum.source += (i == 0 ? ": " : "; ") + cited[i];
  return sum;
}

double kib_of_bank(const BufferShape& shape) {
  return static_cast<double>(shape.capacity_bytes) / shape.banks / 1024.0;
}

// Energy of an access that is `bits` wide. Between two characterised widths it is linear in the
// width, and so it is below them; above the widest, and where there is only one, it is in
// proportion (banks side by side).
double access_pj(const EnergyTableData::Buffer& buffer, double kib, double bits,
                 Curve EnergyTableData::Buffer::Port::*curve) {
  const auto& ports = buffer.ports;
  const auto& widest = ports.back();
  if (ports.size() == 1 || bits >= widest.bits)
    return (widest.*curve).at(kib) * (bits / widest.bits);
  Curve by_width;
  for (const auto& port : ports) by_width.points.push_back({port.bits, (port.*curve).at(kib)});
  return by_width.at(bits);
}

UnitEnergy buffer_word(const EnergyTableData::Buffer& buffer, const BufferShape& shape,
                       std::uint32_t bits, Curve EnergyTableData::Buffer::Port::*curve) {
  const double port_bits = 8.0 * shape.word_bytes;
  const double kib = kib_of_bank(shape);
  return {access_pj(buffer, kib, port_bits, curve) * (bits / port_bits),
          fmt::format("a bank of {:.6g} KiB, {} of the {} bits of its port: {}", kib, bits,
                      8 * shape.word_bytes, cite(buffer))};
}

}  // namespace

const char* to_string(PeOperation operation) {
  static constexpr std::array<const char*, kPeOperations> kNames = {"multiply", "shift", "adder",
                                                                    "vector"};
  return kNames[static_cast<std::size_t>(operation)];
}

const char* to_string(DatapathUnit unit) {
  static constexpr std::array<const char*, kDatapathUnits> kNames = {"multiply", "add", "shift"};
  return kNames[static_cast<std::size_t>(unit)];
}

std::optional<UnitEnergy> EnergyTable::pe_operation(PeOperation operation,
                                                    std::uint32_t operand_bits,
                                                    std::uint32_t psum_bits) const {
  std::optional<Sum> sum = sum_of_units(data_.operations[static_cast<std::size_t>(operation)],
                                        data_.datapath, operand_bits, psum_bits);
  if (!sum) return std::nullopt;
  return UnitEnergy{sum->value, std::move(sum->source)};
}

UnitEnergy EnergyTable::register_file_read(std::uint64_t words, std::uint32_t bits) const {
  const auto& rf = data_.register_file;
  return {rf.read.at(static_cast<double>(words)) * (bits / rf.word_bits),
          fmt::format("{} words of {} bits: {}", words, bits, cite(rf))};
}

UnitEnergy EnergyTable::register_file_write(std::uint64_t words, std::uint32_t bits) const {
  const auto& rf = data_.register_file;
  return {rf.write.at(static_cast<double>(words)) * (bits / rf.word_bits),
          fmt::format("{} words of {} bits: {}", words, bits, cite(rf))};
}

UnitEnergy EnergyTable::bus_word(std::uint32_t bits) const { return per_bit(data_.bus, bits); }

UnitEnergy EnergyTable::neighbour_hop(std::uint32_t bits) const {
  return per_bit(data_.neighbour, bits);
}

UnitEnergy EnergyTable::buffer_read(const BufferShape& shape, std::uint32_t bits) const {
  return buffer_word(data_.buffer, shape, bits, &EnergyTableData::Buffer::Port::read);
}

UnitEnergy EnergyTable::buffer_write(const BufferShape& shape, std::uint32_t bits) const {
  return buffer_word(data_.buffer, shape, bits, &EnergyTableData::Buffer::Port::write);
}

std::optional<UnitEnergy> EnergyTable::dram_read_bit(std::string_view standard) const {
  const auto entry = data_.dram.find(std::string(standard));
  if (entry == data_.dram.end()) return std::nullopt;
  return UnitEnergy{entry->second.read, cite(entry->second)};
}

std::optional<UnitEnergy> EnergyTable::dram_write_bit(std::string_view standard) const {
  const auto entry = data_.dram.find(std::string(standard));
  if (entry == data_.dram.end()) return std::nullopt;
  return UnitEnergy{entry->second.write, cite(entry->second)};
}

UnitEnergy EnergyTable::leakage_per_cycle(std::uint64_t buffer_bytes, double clock_hz) const {
  CHECK(clock_hz > 0, "leakage at {} Hz", clock_hz);
  const auto& leak = data_.leakage;
  const double uw =
      leak.fixed_uw + leak.buffer_uw_per_kib * static_cast<double>(buffer_bytes) / 1024.0;
  return {uw * 1e6 / clock_hz, cite(leak)};  // 1 uW = 10^6 pJ/s
}

UnitEnergy EnergyTable::clock_per_pe_cycle() const {
  return {data_.clock.per_pe, "a PE in a cycle: " + cite(data_.clock)};
}

UnitEnergy EnergyTable::clock_per_cycle() const {
  return {data_.clock.fixed, "all but the PEs in a cycle: " + cite(data_.clock)};
}

std::optional<UnitArea> EnergyTable::pe_datapath_area(PeOperation operation,
                                                      std::uint32_t operand_bits,
                                                      std::uint32_t psum_bits) const {
  if (!data_.area) return std::nullopt;
  std::optional<Sum> um2 = sum_of_units(data_.operations[static_cast<std::size_t>(operation)],
                                        data_.area->datapath, operand_bits, psum_bits);
  if (!um2) return std::nullopt;
  return UnitArea{um2->value * 1e-6, std::move(um2->source)};
}

std::optional<UnitArea> EnergyTable::register_file_area(std::uint64_t words,
                                                        std::uint32_t bits) const {
  if (!data_.area) return std::nullopt;
  const auto& entry = data_.area->register_file_bit;
  return UnitArea{static_cast<double>(words) * bits * entry.value * 1e-6, cite(entry)};
}

std::optional<UnitArea> EnergyTable::buffer_area(const BufferShape& shape) const {
  if (!data_.area) return std::nullopt;
  const auto& entry = data_.area->buffer;
  return UnitArea{shape.banks * entry.curve.at(kib_of_bank(shape)), cite(entry)};
}

}  // namespace chasm
