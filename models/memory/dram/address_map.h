// From a byte address to channel, bank, row and column: each takes a set of address bits.
//
// A mapping is a name, fields from the most to the least significant above the 64-byte line (Ro
// row, Ra rank, Ba bank, Bg bank group, Co column, Ch channel: "RoRaBaCoBgCh"), or a list of
// byte-address bits for each field, least significant first.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/memory/dram/dram_config.h"

namespace chasm {

struct DramLocation {
  std::uint32_t channel = 0, rank = 0, bank_group = 0, bank = 0;
  std::uint32_t row = 0;
  std::uint32_t line = 0;     // of the row, in bursts
  std::uint32_t bank_id = 0;  // of the channel: rank, then group, then bank
};

class DramAddressMap {
 public:
  // Bits of a field that lie side by side in the address.
  struct Run {
    std::uint32_t from, bits, to;  // lowest bit in the line address, and in the field
  };
  enum Field : std::size_t { kRow, kRank, kBank, kBankGroup, kColumn, kChannel, kFields };

  // The map of a configuration; problems are reported at /mapping.
  static std::optional<DramAddressMap> make(const DramConfig&, const std::string& file,
                                            Diagnostics&);

  // Of a configuration that has been checked.
  static DramAddressMap of_checked(const DramConfig&);

  // `address` lies below the capacity; its low six bits do not matter.
  DramLocation locate(std::uint64_t address) const;
  std::uint64_t capacity_bytes() const { return std::uint64_t{1} << (line_bits_ + 6); }

 private:
  friend class AddressMapMaker;
  std::array<std::vector<Run>, kFields> runs_;
  std::uint32_t line_bits_ = 0;
  std::uint32_t bank_groups_ = 1, banks_per_group_ = 1;
};

}  // namespace chasm
