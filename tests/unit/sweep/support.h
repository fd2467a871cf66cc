#pragma once

#include <stdexcept>
#include <string>

#include "sim/sweep/sweep_spec.h"

namespace chasm::testing_support {

// A sweep of the tiny machine; `more` has further members ("\"axes\": ..."), without a comma at its
// ends.
inline std::string sweep_json(const std::string& more) {
  return R"({"name": "s", "base": {"arch": "tiny", "workload": "toy_mixed3"}, )" + more + "}";
}

inline std::string problems_of(const std::string& text) {
  Diagnostics problems;
  const auto document = parse_json(text, "s.json", problems);
  if (document) read_sweep(*document, problems);
  return problems.to_string();
}

inline SweepSpec spec_of(const std::string& text) {
  Diagnostics problems;
  const auto document = parse_json(text, "s.json", problems);
  auto spec = document ? read_sweep(*document, problems) : std::nullopt;
  if (!spec) throw std::runtime_error(problems.to_string());
  return *spec;
}

}  // namespace chasm::testing_support
