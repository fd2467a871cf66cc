#include "models/energy/activity.h"

namespace chasm {

const char* to_string(WordKind kind) {
  static constexpr std::array<const char*, kWordKinds> kNames = {"input", "weight", "psum",
                                                                 "output"};
  return kNames[static_cast<std::size_t>(kind)];
}

Activity& Activity::operator+=(const Activity& other) {
  const auto add = [](PerKind<ReadsWrites>& to, const PerKind<ReadsWrites>& from) {
    for (std::size_t k = 0; k < kWordKinds; ++k) {
      to.values[k].reads += from.values[k].reads;
      to.values[k].writes += from.values[k].writes;
    }
  };
  pe_operations += other.pe_operations;
  gated_operations += other.gated_operations;
  add(register_file, other.register_file);
  for (std::size_t k = 0; k < kWordKinds; ++k) {
    bus_words.values[k] += other.bus_words.values[k];
    bus_receivers.values[k] += other.bus_receivers.values[k];
  }
  reduction_words += other.reduction_words;
  add(buffer, other.buffer);
  add(dram, other.dram);
  dram_read_bursts += other.dram_read_bursts;
  dram_write_bursts += other.dram_write_bursts;
  overflows += other.overflows;
  return *this;
}

}  // namespace chasm
