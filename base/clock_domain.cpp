#include "base/clock_domain.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "base/error.h"

namespace chasm {

std::vector<ClockDomain> make_clock_domains(const std::vector<std::uint64_t>& frequencies_hz) {
  std::uint64_t ticks_per_second = 1;
  for (const std::uint64_t f : frequencies_hz) {
    const std::uint64_t factor = f / std::gcd(ticks_per_second, f);
    if (f == 0 || ticks_per_second > (std::uint64_t{1} << 62) / factor)
      throw Error(ExitCode::invalid_input,
                  fmt::format("clock of {} Hz has no common tick with the other clocks", f));
    ticks_per_second *= factor;
  }
  std::vector<ClockDomain> domains;
  for (const std::uint64_t f : frequencies_hz) {
    const std::uint64_t ticks = ticks_per_second / f;
    if (ticks > 8000)
      throw Error(
          ExitCode::invalid_input,
          fmt::format(
              "clock of {} Hz: {} ticks a cycle; choose clocks with a larger common divisor", f,
              ticks));
    domains.push_back({f, ticks});
  }
  return domains;
}

}  // namespace chasm
