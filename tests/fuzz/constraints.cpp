// A file of mapping constraints, and what it demands of each operation of a network.
#include "models/program/flatten.h"
#include "mapper/assign.h"
#include "mapper/constraints_file.h"
#include "mapper/map_network.h"
#include "tests/fuzz/inputs.h"

namespace chasm::fuzz {

void one_input(std::string_view bytes) {
  Diagnostics problems;
  const auto document = parse_json(bytes, "input", problems);
  const auto constraints = document ? ConstraintsFile::read(*document, problems) : std::nullopt;
  require_reason(constraints, problems);
  if (!constraints || !constraints->check_names(small_network(), small_machine(), problems)) return;
  MapOptions options;
  options.constraints = &*constraints;
  require_reason(map_network(small_machine(), small_network(), options, problems), problems);
}

}  // namespace chasm::fuzz
