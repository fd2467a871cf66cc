// A small machine and a network for it, which mappings and constraints are checked against.
#pragma once

#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "tests/fuzz/driver.h"

namespace chasm::fuzz {

inline const ArchSpec& small_machine() {
  static const ArchSpec arch = [] {
    Diagnostics problems;
    const auto document = load_arch_document("tiny", {}, problems);
    CHECK(document, "{}", problems.to_string());
    return read_arch(*document, problems).value();
  }();
  return arch;
}

inline const Network& small_network() {
  static const Network network = [] {
    Diagnostics problems;
    return load_network("toy_all_types", problems).value();
  }();
  return network;
}

}  // namespace chasm::fuzz
