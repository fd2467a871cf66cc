// A sweep's file, and its points.
#include "sim/sweep/sweep_points.h"
#include "sim/sweep/sweep_spec.h"
#include "tests/fuzz/driver.h"

namespace chasm::fuzz {

void one_input(std::string_view bytes) {
  Diagnostics problems;
  const auto document = load_sweep_document(file_of(bytes), problems);
  const auto spec = document ? read_sweep(*document, problems) : std::nullopt;
  require_reason(spec, problems);
  if (!spec || !problems.ok()) return;
  CHECK(static_cast<double>(sweep_points(*spec).size()) <= point_count(*spec));
}

}  // namespace chasm::fuzz
