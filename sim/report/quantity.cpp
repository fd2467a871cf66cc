#include "sim/report/quantity.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace chasm {
namespace {

constexpr int kFirstExponent = -15;
constexpr std::array<const char*, 12> kPrefixes = {"f", "p", "n", "u", "m", "",
                                                   "k", "M", "G", "T", "P", "E"};

// Four significant digits of a number in [1, 1000).
std::string four_digits(double value) {
  const int decimals = value < 10 ? 3 : value < 100 ? 2 : 1;
  return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace

std::string si(double value, std::string_view unit) {
  const std::string tail = unit.empty() ? "" : std::string(unit);
  if (value == 0 || !std::isfinite(value))
    return fmt::format("{}{}{}", value, tail.empty() ? "" : " ", tail);
  const double magnitude = std::fabs(value);
  std::size_t step = 0;
  double scale = std::pow(10.0, kFirstExponent);
  // 999.95 would be printed as 1000.0: it belongs to the next prefix.
  while (step + 1 < kPrefixes.size() && magnitude / scale >= 999.95) {
    ++step;
    scale = std::pow(10.0, kFirstExponent + 3 * static_cast<int>(step));
  }
  const std::string suffix = kPrefixes[step] + tail;
  const bool whole = suffix.empty() && magnitude == std::floor(magnitude);
  const std::string digits =
      whole ? fmt::format("{:.0f}", magnitude) : four_digits(magnitude / scale);
  return fmt::format("{}{}{}{}", value < 0 ? "-" : "", digits, suffix.empty() ? "" : " ", suffix);
}

std::string grouped(std::uint64_t value) {
  const std::string digits = fmt::format("{}", value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string percent(double share) {
  if (share == 0) return "0%";
  if (share > 0 && share < 0.0005) return "<0.1%";
  return fmt::format("{:.1f}%", share * 100);
}

}  // namespace chasm
