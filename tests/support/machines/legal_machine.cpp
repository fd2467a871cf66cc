#include "tests/support/machines/legal_machine.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace chasm {
namespace {

constexpr const char* kChunks = "chunks.";

const std::vector<KeyNeed>& all_needs() {
  static const std::vector<KeyNeed> table = {
      {"dram.bandwidth_bytes_per_cycle", "dram.standard", {"ideal"}},
      {"dram.latency_cycles", "dram.standard", {"ideal"}},
      {"dram.ranks", "dram.standard", {"ideal"}, true},
      {"dram.mapping", "dram.standard", {"ideal"}, true},
      {"dram.scheduler", "dram.standard", {"ideal"}, true},
      {"dram.page_", "dram.standard", {"ideal"}, true},
      {"dram.page_timeout_cycles", "dram.page_policy", {"timeout"}},
      {"dram.read_queue", "dram.standard", {"ideal"}, true},
      {"dram.write", "dram.standard", {"ideal"}, true},
      {"dram.refresh", "dram.standard", {"ideal"}, true},
      {"dram.refresh_postpone", "dram.refresh", {"none"}, true},
      {"dram.power_down_after_cycles", "dram.standard", {"ideal"}, true},
      {"layout.block_channels", "layout.activations", {"blocked"}},
      {"chunks.dataflow", "chunks.interconnect", {"systolic"}},
      {"chunks.overlap_folds", "chunks.interconnect", {"systolic"}},
      {"chunks.prefetch_fifo_bytes", "chunks.bypass_global_buffer", {Json::array()}, true},
  };
  return table;
}

bool holds(const KeyNeed& need, const Json& value) {
  const auto& values = need.values;
  return (std::find(values.begin(), values.end(), value) != values.end()) != need.but;
}

std::uint64_t number(const Json& value) { return value.get<std::uint64_t>(); }

void at_least(Json& value, std::uint64_t least) {
  if (number(value) < least) value = least;
}
void at_most(Json& value, std::uint64_t most) {
  if (number(value) > most) value = most;
}
void leave_out(Json& list, const char* name) {
  list.erase(std::remove(list.begin(), list.end(), name), list.end());
}

void make_legal_registers(Json& chunk) {
  for (const char* tensor : {"input", "weight", "psum"}) {
    Json& twice = chunk["double_buffered"][tensor];
    if (chunk["fifo_buffered"][tensor] == true) twice = false;
    if (twice == true) at_least(chunk["register_file_words"][tensor], 2);
  }
  Json& bits = chunk["bits"];
  for (const char* tensor : {"input", "output"}) at_least(bits["psum"], number(bits[tensor]));
}

void make_legal_chunk(Json& chunk) {
  make_legal_registers(chunk);
  const bool vector = chunk["arithmetic"] == "vector";
  if (vector) {
    for (Json& factor : chunk["reconfigurable"]) factor = 0;
    chunk["interconnect"] = "multicast";
  }
  const Json& other = chunk["reconfigurable"];
  const bool products = chunk["arithmetic"] == "multiply" || chunk["arithmetic"] == "shift" ||
                        number(other["multiply"]) > 0 || number(other["shift"]) > 0;
  if (!products) chunk["zero_gating"] = false;
  if (chunk["interconnect"] != "systolic") return;
  if (chunk["spatial_reduction"] == "adder_tree") chunk["spatial_reduction"] = "chain";
  leave_out(chunk["bypass_global_buffer"], "input");
  const std::uint64_t edge =
      std::max(number(chunk["pe_array"]["rows"]), number(chunk["pe_array"]["cols"]));
  for (Json& words : chunk["bus_words_per_cycle"]) at_most(words, edge);
}

void make_legal_dram(Json& machine) {
  Json& dram = machine["dram"];
  const std::string standard = dram["standard"];
  if (standard == "ideal") return;
  constexpr std::uint64_t kMostRanks = 4;  // times 16 banks; no channel has more than 64
  dram["channels"] = std::bit_floor(number(dram["channels"]));
  dram["ranks"] = std::bit_floor(std::min(number(dram["ranks"]), kMostRanks));
  if (standard.starts_with("DDR") && dram["refresh"] == "per-bank") dram["refresh"] = "all-bank";
  // Halves of a MHz have a tick in common with every memory clock.
  const double mhz = machine["clock_mhz"].get<double>();
  machine["clock_mhz"] = std::clamp(std::round(2 * mhz) / 2, 0.5, 4000.0);
}

}  // namespace

std::vector<const KeyNeed*> needs_of(const std::string& path) {
  std::vector<const KeyNeed*> needs;
  for (const KeyNeed& need : all_needs())
    if (path.starts_with(need.key) && path != need.needs) needs.push_back(&need);
  return needs;
}

bool meets(const KeyNeed& need, const Json& machine, const Json& chunk) {
  const std::string path = need.needs;
  return path.starts_with(kChunks)
             ? holds(need, value_at(chunk, path.substr(std::string(kChunks).size())))
             : holds(need, value_at(machine, path));
}

bool meets(const KeyNeed& need, const Json& machine) {
  const Json& chunks = machine.at("chunks");
  return std::any_of(chunks.begin(), chunks.end(),
                     [&](const Json& chunk) { return meets(need, machine, chunk); });
}

Json& value_at(Json& object, const std::string& path) {
  const std::size_t dot = path.find('.');
  if (dot == std::string::npos) return object.at(path);
  return value_at(object.at(path.substr(0, dot)), path.substr(dot + 1));
}
const Json& value_at(const Json& object, const std::string& path) {
  return value_at(const_cast<Json&>(object), path);
}

void make_legal(Json& machine) {
  for (Json& chunk : machine["chunks"]) make_legal_chunk(chunk);
  Json& buffer = machine["global_buffer"];
  at_least(buffer["capacity_bytes"], number(buffer["banks"]) * number(buffer["word_bytes"]));
  make_legal_dram(machine);
}

}  // namespace chasm
