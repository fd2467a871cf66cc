#include "sim/cli/results.h"

#include "base/check.h"
#include "base/error.h"
#include "sim/report/result_reader.h"

namespace chasm {

RunResult required_result(const std::string& path) {
  Diagnostics problems;
  std::optional<RunResult> run = load_result(path, problems);
  if (!problems.ok()) throw Error(ExitCode::invalid_input, problems);
  CHECK(run, "a result was refused without a diagnostic");
  return std::move(*run);
}

}  // namespace chasm
