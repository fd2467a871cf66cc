#include "sim/cli/limit_options.h"

#include <fmt/format.h>

#include "base/measure.h"
#include "base/parse.h"

namespace chasm {
namespace {

constexpr double kLeastSeconds = 0.001, kMostSeconds = 1e8;
constexpr std::uint64_t kLeastBytes = 1'000'000, kMostBytes = std::uint64_t{1} << 50;

double seconds_of(const Arguments& arguments) {
  const auto seconds = parse_double(arguments.value("max-seconds"));
  if (seconds && *seconds >= kLeastSeconds && *seconds <= kMostSeconds) return *seconds;
  throw arguments.usage_error(fmt::format("--max-seconds takes seconds from {} to {}, not \"{}\"",
                                          kLeastSeconds, kMostSeconds,
                                          arguments.value("max-seconds")));
}

std::uint64_t bytes_of(const Arguments& arguments) {
  const std::string text = arguments.value("max-memory");
  std::optional<std::uint64_t> bytes = parse_unsigned(text);
  if (const auto measure = parse_measure(text, "bytes");
      measure && measure->is_number_integer() && *measure >= 0)
    bytes = measure->get<std::uint64_t>();
  if (bytes && *bytes >= kLeastBytes && *bytes <= kMostBytes) return *bytes;
  throw arguments.usage_error(fmt::format(
      "--max-memory takes bytes (4GiB, 500MB, 2000000000) from 1 MB to 1024 TiB, not \"{}\"",
      text));
}

}  // namespace

std::vector<OptionSpec> limit_option_specs(const std::string& each) {
  return {{"max-seconds", 0, "T",
           each + "stop after that time, with exit code 5 and what was being done", false},
          {"max-memory", 0, "BYTES",
           each + "stop before more memory is taken (4GiB, 500MB; default: three quarters of the "
                  "machine's), with exit code 5 and what was being done",
           false}};
}

Limits limits_of(const Arguments& arguments) {
  Limits limits;
  if (arguments.has("max-seconds")) limits.seconds = seconds_of(arguments);
#ifndef CHASM_SANITIZED  // the sanitizer's allocator needs far more, and ends in a way of its own
  limits.memory_bytes = machine_memory_bytes() / 4 * 3;
#endif
  if (arguments.has("max-memory")) limits.memory_bytes = bytes_of(arguments);
  return limits;
}

}  // namespace chasm
