// Which lines of the bill the counts of a layer go to.
#include "models/arch/energy_actions.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/units.h"

namespace chasm {
namespace {

constexpr std::uint32_t kBurstBits = 64 * 8;

constexpr std::array<WordKind, kWordKinds> kAllKinds = {WordKind::input, WordKind::weight,
                                                        WordKind::psum, WordKind::output};

BillKey key_of(std::size_t chunk, BillPart part, WordKind kind, std::uint32_t bits) {
  BillKey key;
  key.chunk = chunk;
  key.part = part;
  key.kind = kind;
  key.bits = bits;
  return key;
}

class Lister {
 public:
  Lister(const ArchSpec& arch, const BillItem& item)
      : item_(item),
        chunk_(static_cast<std::size_t>(item.chunk - arch.chunks.data())),
        shared_(arch.chunks.size()) {}

  std::vector<BillAction> run() {
    pe();
    register_files();
    network();
    buffer();
    dram();
    return std::move(actions_);
  }

 private:
  void add(const BillKey& key, std::uint64_t count) {
    if (count > 0) actions_.push_back({key, count});
  }
  void add(BillKey key, const ReadsWrites& counts) {
    add(key, counts.reads);
    key.write = true;
    add(key, counts.writes);
  }
  void pe();
  void register_files();
  void network();
  void buffer();
  void dram();

  const BillItem& item_;
  const std::size_t chunk_, shared_;
  std::vector<BillAction> actions_;
};

// Operations that were gated cost nothing; their weight registers were not read either, which
// their counts say already.
void Lister::pe() {
  const auto& bits = item_.widths.pe;
  BillKey key = key_of(chunk_, BillPart::pe, WordKind::input,
                       std::max(bits[WordKind::input], bits[WordKind::weight]));
  key.arithmetic = kind_for(item_.arithmetic);
  key.psum_bits = bits[WordKind::psum];
  add(key, minus(item_.activity.pe_operations, item_.activity.gated_operations));
}

void Lister::register_files() {
  for (const WordKind kind : kAllKinds)
    add(key_of(chunk_, BillPart::register_file, kind, item_.widths.pe[kind]),
        item_.activity.register_file[kind]);
}

void Lister::network() {
  for (const WordKind kind : kAllKinds) {
    const bool finished = kind == WordKind::output;
    const std::uint32_t bits = finished ? item_.widths.stored[kind] : item_.widths.pe[kind];
    add(key_of(chunk_, BillPart::bus, kind, bits), item_.activity.bus_words[kind]);
  }
  add(key_of(chunk_, BillPart::reduction, WordKind::psum, item_.widths.pe[WordKind::psum]),
      item_.activity.reduction_words);
}

void Lister::buffer() {
  for (const WordKind kind : kAllKinds)
    add(key_of(shared_, BillPart::global_buffer, WordKind::input, item_.widths.stored[kind]),
        item_.activity.buffer[kind]);
}

void Lister::dram() {
  add(key_of(shared_, BillPart::dram, WordKind::input, kBurstBits),
      {item_.activity.dram_read_bursts, item_.activity.dram_write_bursts});
}

}  // namespace

bool BillKey::operator<(const BillKey& o) const {
  return std::tie(chunk, part, arithmetic, kind, bits, write, psum_bits) <
         std::tie(o.chunk, o.part, o.arithmetic, o.kind, o.bits, o.write, o.psum_bits);
}

std::vector<BillAction> actions_of(const ArchSpec& arch, const BillItem& item) {
  return Lister(arch, item).run();
}

std::string component_of(const ArchSpec& arch, const BillKey& key) {
  const auto of_chunk = [&](const char* part) { return arch.chunks[key.chunk].name + "." + part; };
  switch (key.part) {
    case BillPart::pe:
      return of_chunk("pe");
    case BillPart::register_file:
      return fmt::format("{}.{}", of_chunk("register_file"), to_string(key.kind));
    case BillPart::bus:
      return fmt::format("{}.{}", of_chunk("bus"), to_string(key.kind));
    case BillPart::reduction:
      return of_chunk("reduction");
    case BillPart::global_buffer:
      return "global_buffer";
    case BillPart::dram:
    case BillPart::dram_upkeep:
      return "dram";
    case BillPart::leakage:
      return "leakage";
    case BillPart::clock:
      return key.chunk < arch.chunks.size() ? of_chunk("clock") : "clock";
  }
  return "";
}

std::string action_of(const BillKey& key) {
  switch (key.part) {
    case BillPart::pe:
      return fmt::format("{}_{}b", to_string(key.arithmetic), key.bits);
    case BillPart::register_file:
    case BillPart::global_buffer:
      return fmt::format("{}_{}b", key.write ? "write" : "read", key.bits);
    case BillPart::bus:
      return fmt::format("word_{}b", key.bits);
    case BillPart::reduction:
      return fmt::format("hop_{}b", key.bits);
    case BillPart::dram:
      return fmt::format("{}_burst_{}B", key.write ? "write" : "read", key.bits / 8);
    default:
      return "cycle";
  }
}

}  // namespace chasm
