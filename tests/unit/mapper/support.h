// Architectures and networks for the mapper's tests.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "workloads/network.h"
#include "models/arch/arch_spec.h"

namespace chasm {

inline ArchSpec preset(const std::string& name) {
  Diagnostics diagnostics;
  const std::optional<Document> document = load_arch_document(name, {}, diagnostics);
  std::optional<ArchSpec> arch;
  if (document) arch = read_arch(*document, diagnostics);
  EXPECT_TRUE(arch) << diagnostics.to_string();
  return arch ? *arch : ArchSpec{};
}

inline Network zoo(const std::string& name) {
  Diagnostics diagnostics;
  const std::optional<Network> network = load_network(name, diagnostics);
  EXPECT_TRUE(network) << diagnostics.to_string();
  return network ? *network : Network{};
}

}  // namespace chasm
