// Writes the tensor folder of a network as the golden evaluation computes it, for numpy_check.py:
// write_golden_tensors NETWORK DIR nasa|wide. Widths: nasa as the chunks of the NASA presets (8-bit
// multiply and vector, 6-bit shift and adder), wide 16 bits but for 5-bit inputs of every second
// layer, so that words are narrowed.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "workloads/golden.h"
#include "workloads/network.h"
#include "workloads/tensors.h"

namespace chasm {
namespace {

std::vector<LayerWidths> widths_of(const Network& network, const std::string& kind) {
  std::vector<LayerWidths> widths;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Arithmetic arithmetic = network.layers[i].arithmetic;
    const bool narrow = arithmetic == Arithmetic::shift || arithmetic == Arithmetic::adder;
    if (kind == "wide")
      widths.push_back(i % 2 == 0 ? LayerWidths{16, 7, 32, 16} : LayerWidths{5, 6, 24, 9});
    else
      widths.push_back(narrow ? LayerWidths{6, 6, 16, 6} : LayerWidths{8, 8, 16, 8});
  }
  return widths;
}

int write(const std::string& name, const std::string& folder, const std::string& kind) {
  Diagnostics diagnostics;
  if (const auto network = load_network(name, diagnostics)) {
    const QuantizationPlan plan = plan_quantization(*network, widths_of(*network, kind));
    check_arithmetic(*network, plan, diagnostics);
    if (auto data = load_or_make_tensors(*network, plan, "", 1, diagnostics)) {
      golden_network(*network, plan, *data);
      write_tensors(folder, *network, plan, *data, diagnostics);
    }
  }
  std::fputs(diagnostics.to_string().c_str(), stderr);
  return diagnostics.ok() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace chasm

int main(int argc, char** argv) {
  if (argc != 4) return EXIT_FAILURE;
  return chasm::write(argv[1], argv[2], argv[3]);
}
