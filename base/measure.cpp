#include "base/measure.h"

#include <array>
#include <cmath>

#include "base/parse.h"

namespace chasm {
namespace {

// Whole factors are multiplied and whole divisors divided by, so that 0.933 GHz is 933 MHz exactly.
struct Symbol {
  std::string_view of, symbol;
  double times, divided_by;
};

constexpr double kKibi = 1024;
constexpr std::array<Symbol, 13> kSymbols = {{{"bytes", "B", 1, 1},
                                              {"bytes", "kB", 1e3, 1},
                                              {"bytes", "KiB", kKibi, 1},
                                              {"bytes", "MB", 1e6, 1},
                                              {"bytes", "MiB", kKibi* kKibi, 1},
                                              {"bytes", "GB", 1e9, 1},
                                              {"bytes", "GiB", kKibi* kKibi* kKibi, 1},
                                              {"MHz", "Hz", 1, 1e6},
                                              {"MHz", "kHz", 1, 1e3},
                                              {"MHz", "MHz", 1, 1},
                                              {"MHz", "GHz", 1e3, 1},
                                              {"bytes per core cycle", "B/cycle", 1, 1},
                                              {"bytes per core cycle", "KiB/cycle", kKibi, 1}}};

}  // namespace

std::optional<Json> parse_measure(std::string_view text, std::string_view unit) {
  const std::size_t number_end = text.find_first_not_of("0123456789.eE+-");
  if (number_end == std::string_view::npos) return std::nullopt;
  const std::optional<double> number = parse_double(text.substr(0, number_end));
  const std::size_t symbol_begin = text.find_first_not_of(' ', number_end);
  if (!number || symbol_begin == std::string_view::npos) return std::nullopt;
  const std::string_view symbol = text.substr(symbol_begin);
  for (const Symbol& s : kSymbols) {
    if (s.of != unit || s.symbol != symbol) continue;
    const double value = *number * s.times / s.divided_by;
    constexpr double kExact = 9007199254740992.0;  // 2^53
    if (!std::isfinite(value)) return std::nullopt;
    if (std::floor(value) == value && std::abs(value) < kExact)
      return Json(static_cast<std::int64_t>(value));
    return Json(value);
  }
  return std::nullopt;
}

std::vector<std::string> measure_units(std::string_view unit) {
  std::vector<std::string> symbols;
  for (const Symbol& s : kSymbols)
    if (s.of == unit) symbols.emplace_back(s.symbol);
  return symbols;
}

}  // namespace chasm
