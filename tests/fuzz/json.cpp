// JSON, and the check against the schema of a network and of a result: texts of any kind.
#include "base/json.h"

#include "workloads/network.h"
#include "sim/report/pretty_json.h"
#include "sim/report/result_json.h"
#include "tests/fuzz/driver.h"

namespace chasm::fuzz {
namespace {

Json parsed(std::string_view text) {
  Diagnostics problems;
  auto document = parse_json(text, "written", problems);
  CHECK(document, "what was written cannot be read: {}", problems.to_string());
  return std::move(document->root);
}

}  // namespace

void one_input(std::string_view bytes) {
  static const Json schemas[] = {parsed(workload_schema()), parsed(result_schema())};
  Diagnostics problems;
  const auto document = parse_json(bytes, "input", problems);
  require_reason(document, problems);
  if (!document) return;
  CHECK(parsed(document->root.dump()) == document->root);
  CHECK(parsed(pretty_json(document->root)) == document->root);
  const bool legal = validate_schema(document->root, "input", schemas[bytes.size() % 2], problems);
  CHECK(legal == problems.ok());
}

}  // namespace chasm::fuzz
