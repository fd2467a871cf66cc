#include "base/check.h"

#include <cstdio>
#include <cstdlib>

#include "base/error.h"
#include "base/unfinished.h"

namespace chasm {

void check_failed(const char* file, int line, const char* condition, const std::string& state) {
  fmt::print(stderr, "chasm: internal error at {}:{}: {} does not hold{}{}\n", file, line,
             condition, state.empty() ? "" : ": ", state);
  std::fflush(stderr);
  remove_unfinished();
  std::_Exit(static_cast<int>(ExitCode::internal));
}

}  // namespace chasm
