// A network's file.
#include "workloads/network.h"

#include "tests/fuzz/driver.h"

namespace chasm::fuzz {

void one_input(std::string_view bytes) {
  Diagnostics problems;
  const auto document = parse_json(bytes, "input", problems);
  const auto network = document ? read_network(*document, problems) : std::nullopt;
  require_reason(network, problems);
  if (network) network->operations();
}

}  // namespace chasm::fuzz
