#include "tests/support/shipped.h"

#include "base/check.h"

namespace chasm {

ArchSpec shipped_arch(const std::string& name, const std::vector<Override>& overrides) {
  Diagnostics problems;
  const auto document = load_arch_document(name, overrides, problems);
  const auto arch = document ? read_arch(*document, problems) : std::nullopt;
  CHECK(arch, "{}", problems.to_string());
  return *arch;
}

Network shipped_network(const std::string& name) {
  Diagnostics problems;
  const auto network = load_network(name, problems);
  CHECK(network, "{}", problems.to_string());
  return *network;
}

}  // namespace chasm
