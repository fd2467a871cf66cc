// The commands of a DRAM.
#pragma once

#include <array>
#include <cstddef>

namespace chasm {

enum class DramCommand : unsigned {
  activate,
  precharge,
  precharge_all,
  read,
  read_precharge,  // with auto-precharge
  write,
  write_precharge,
  refresh,       // all banks of the rank
  refresh_bank,  // one
  power_down,
  power_up
};
inline constexpr std::size_t kDramCommands = 11;
constexpr std::size_t index_of(DramCommand c) { return static_cast<std::size_t>(c); }

// As command traces write them.
inline constexpr std::array<const char*, kDramCommands> kDramCommandNames = {
    "ACT", "PRE", "PREA", "RD", "RDA", "WR", "WRA", "REF", "REFB", "PDE", "PDX"};
inline const char* to_string(DramCommand c) { return kDramCommandNames[index_of(c)]; }

constexpr bool is_read(DramCommand c) {
  return c == DramCommand::read || c == DramCommand::read_precharge;
}
constexpr bool is_write(DramCommand c) {
  return c == DramCommand::write || c == DramCommand::write_precharge;
}
constexpr bool is_column(DramCommand c) { return is_read(c) || is_write(c); }

}  // namespace chasm
