#include "tests/support/oracle/sheet.h"

#include <fmt/format.h>

namespace chasm {
namespace {

void append(std::string& text, const std::string& name, const PerKind<std::uint64_t>& counts) {
  for (std::size_t k = 0; k < kWordKinds; ++k) {
    text += fmt::format("{} {}: {}\n", name, to_string(static_cast<WordKind>(k)), counts.values[k]);
  }
}

void append(std::string& text, const std::string& name, const PerKind<ReadsWrites>& counts) {
  for (std::size_t k = 0; k < kWordKinds; ++k) {
    text += fmt::format("{} {}: reads {} writes {}\n", name, to_string(static_cast<WordKind>(k)),
                        counts.values[k].reads, counts.values[k].writes);
  }
}

}  // namespace

std::string sheet(std::uint32_t chunk, const OracleLayer& layer) {
  std::string text = fmt::format("chunk {}\nstart: {}\nend: {}\nsteps: {}\n", chunk, layer.start,
                                 layer.end, layer.steps);
  for (std::size_t c = 0; c < kCauses; ++c) {
    text += fmt::format("{}: {}\n", to_string(static_cast<Cause>(c)), layer.causes[c]);
  }
  const Activity& a = layer.activity;
  text += fmt::format("operations: {}\ngated: {}\n", a.pe_operations, a.gated_operations);
  append(text, "registers", a.register_file);
  append(text, "bus words", a.bus_words);
  append(text, "bus receivers", a.bus_receivers);
  text += fmt::format("reduction words: {}\n", a.reduction_words);
  append(text, "buffer", a.buffer);
  append(text, "dram", a.dram);
  text += fmt::format("bursts: read {} written {}\noverflows: {}\n", a.dram_read_bursts,
                      a.dram_write_bursts, a.overflows);
  return text;
}

std::string differences(const std::string& model, const std::string& reference) {
  std::string text;
  std::size_t a = 0, b = 0;
  while (a < model.size() && b < reference.size()) {
    const std::size_t end_a = model.find('\n', a), end_b = reference.find('\n', b);
    const std::string line_a = model.substr(a, end_a - a), line_b = reference.substr(b, end_b - b);
    if (line_a != line_b) text += fmt::format("  model {:40} reference {}\n", line_a, line_b);
    if (line_a == line_b && line_a.rfind("chunk", 0) == 0) text += "  " + line_a + "\n";
    if (end_a == std::string::npos || end_b == std::string::npos) break;
    a = end_a + 1, b = end_b + 1;
  }
  return text;
}

}  // namespace chasm
