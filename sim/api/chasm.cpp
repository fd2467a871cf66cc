#include "sim/api/chasm.h"

#include "base/check.h"

// SystemC's library has a main of its own that wants this; programs on top have theirs.
extern "C" int sc_main(int, char**);
extern "C" int sc_main(int, char**) { return 0; }

namespace chasm {
namespace {

template <class T>
T value_or_throw(std::optional<T> value, const Diagnostics& problems) {
  if (!problems.ok()) throw Error(exit_code(problems), problems);
  CHECK(value, "refused without a diagnostic");
  return std::move(*value);
}

}  // namespace

ArchSpec read_architecture(const std::string& name_or_path, const std::vector<Override>& changes) {
  Diagnostics problems;
  std::optional<ArchSpec> arch;
  if (const auto document = load_arch_document(name_or_path, changes, problems))
    arch = read_arch(*document, problems);
  return value_or_throw(std::move(arch), problems);
}

Network read_workload(const std::string& name_or_path) {
  Diagnostics problems;
  std::optional<Network> network = load_network(name_or_path, problems);
  return value_or_throw(std::move(network), problems);
}

Mapping map(const ArchSpec& arch, const Network& network, const MapOptions& options) {
  Diagnostics problems;
  std::optional<Mapping> mapping = map_network(arch, network, options, problems);
  return value_or_throw(std::move(mapping), problems);
}

}  // namespace chasm
