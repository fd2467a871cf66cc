// A mapping's file, lowered to programs and verified against the chunks.
#include "mapper/mapping.h"

#include "mapper/lower.h"
#include "tests/fuzz/inputs.h"

namespace chasm::fuzz {

void one_input(std::string_view bytes) {
  Diagnostics problems;
  const auto document = parse_json(bytes, "input", problems);
  const auto mapping = document ? read_mapping(*document, problems) : std::nullopt;
  require_reason(mapping, problems);
  if (!mapping) return;
  require_reason(lower(small_machine(), small_network(), *mapping, problems, "input"), problems);
}

}  // namespace chasm::fuzz
