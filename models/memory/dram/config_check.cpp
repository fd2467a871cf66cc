#include "models/memory/dram/config_check.h"

#include <bit>

#include <fmt/format.h>

#include "models/memory/dram/address_map.h"

namespace chasm {
namespace {

constexpr std::uint32_t kLineBits = 512;
constexpr std::uint32_t kMostBanks = 64;  // of a channel: the scheduler keeps them in one word

class Checker {
 public:
  Checker(const DramConfig& config, const std::string& file, Diagnostics& out)
      : c_(config), o_(config.organisation), t_(config.timing), file_(file), out_(out) {}

  void all() {
    organisation();
    row_cycle();
    bus();
    activates();
    refresh();
    controller();
  }

 private:
  void error(const std::string& at, const std::string& message, const std::string& hint = {}) {
    out_.error(file_, at, message, hint);
  }
  void at_least(const char* name, std::uint32_t value, std::uint32_t least, const char* formula) {
    if (value < least)
      error(fmt::format("/timing/{}", name),
            fmt::format("{} = {} cycles is less than {} = {}", name, value, formula, least));
  }

  void organisation() {
    const auto power = [&](const char* name, std::uint32_t value) {
      if (!std::has_single_bit(value))
        error(fmt::format("/organisation/{}", name), fmt::format("{} is no power of two", value));
    };
    power("channels", o_.channels);
    power("ranks", o_.ranks);
    power("bank_groups", o_.bank_groups);
    power("banks_per_group", o_.banks_per_group);
    power("rows", o_.rows);
    power("columns", o_.columns);
    power("bus_bits", o_.bus_bits);
    power("burst_length", o_.burst_length);
    if (o_.banks() > kMostBanks)
      error("/organisation", fmt::format("{} ranks of {} banks are {} banks a channel; at most {}",
                                         o_.ranks, o_.banks_per_rank(), o_.banks(), kMostBanks));
    if (o_.burst_length * o_.bus_bits != kLineBits)
      error("/organisation/burst_length",
            fmt::format("a burst of {} beats on {} bits is {} bytes; it must be one 64-byte line",
                        o_.burst_length, o_.bus_bits, o_.burst_length * o_.bus_bits / 8));
    else if (o_.columns < o_.burst_length)
      error("/organisation/columns",
            fmt::format("a row of {} columns is shorter than a burst of {}", o_.columns,
                        o_.burst_length));
  }

  void row_cycle() {
    at_least("nRC", t_.nRC, t_.nRAS + t_.nRP, "nRAS + nRP");
    at_least("nRAS", t_.nRAS, t_.nRCD, "nRCD");
    at_least("nRPab", t_.nRPab, t_.nRP, "nRP");
  }

  void bus() {
    at_least("nCCD_S", t_.nCCD_S, t_.nBL, "nBL");
    at_least("nCCD_L", t_.nCCD_L, t_.nCCD_S, "nCCD_S");
    at_least("nWTR_L", t_.nWTR_L, t_.nWTR_S, "nWTR_S");
    if (t_.nBL > o_.burst_length)
      error("/timing/nBL", fmt::format("{} cycles are more than the {} beats of a burst "
                                       "(/organisation/burst_length)",
                                       t_.nBL, o_.burst_length));
  }

  void activates() {
    at_least("nRRD_L", t_.nRRD_L, t_.nRRD_S, "nRRD_S");
    at_least("nFAW", t_.nFAW, t_.nRRD_S, "nRRD_S");
  }

  void refresh() {
    const DramRefresh mode = c_.controller.refresh;
    if (mode == DramRefresh::per_bank && (t_.nREFIpb == 0 || t_.nRFCpb == 0)) {
      error("/controller/refresh", fmt::format("\"{}\" has no per-bank refresh", c_.name),
            "use \"all-bank\", or give timing.nREFIpb and timing.nRFCpb");
      return;
    }
    const bool one = mode == DramRefresh::per_bank;
    const std::uint32_t interval = one ? t_.nREFIpb : t_.nREFI;
    const std::uint32_t busy =
        (one ? t_.nRFCpb : t_.nRFC) + t_.nRPab + t_.nRC + 8 * c_.command_cycles.row;
    if (mode != DramRefresh::none && interval <= busy)
      error(one ? "/timing/nREFIpb" : "/timing/nREFI",
            fmt::format("{} cycles between refreshes leave no time for anything else: closing the "
                        "rows and refreshing take {}",
                        interval, busy));
  }

  void controller() {
    const DramControllerSpec& c = c_.controller;
    if (c.write_high > c.write_queue)
      error("/controller/write_high",
            fmt::format("{} entries are more than /controller/write_queue = {}", c.write_high,
                        c.write_queue));
    if (c.write_low >= c.write_high)
      error("/controller/write_low",
            fmt::format("{} is not below /controller/write_high = {}", c.write_low, c.write_high));
  }

  const DramConfig& c_;
  const DramOrganisation& o_;
  const DramTiming& t_;
  const std::string& file_;
  Diagnostics& out_;
};

}  // namespace

bool check_dram(const DramConfig& config, const std::string& file, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.error_count();
  Checker(config, file, diagnostics).all();
  // A mapping divides up sizes, which must make sense first.
  if (diagnostics.error_count() == before) DramAddressMap::make(config, file, diagnostics);
  return diagnostics.error_count() == before;
}

}  // namespace chasm
