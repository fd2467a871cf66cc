// CHECK: an invariant of ours. A failure is a bug of the program, never the user's fault: it prints
// the place, the condition and the given state (name the module and the cycle), then ends the
// process with exit code 70.
#pragma once

#include <string>

#include <fmt/format.h>

namespace chasm {

[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               const std::string& state);

}  // namespace chasm

#define CHECK(condition, ...)                                                               \
  do {                                                                                      \
    if (!(condition)) [[unlikely]]                                                          \
      ::chasm::check_failed(__FILE__, __LINE__, #condition, ::fmt::format("" __VA_ARGS__)); \
  } while (false)
