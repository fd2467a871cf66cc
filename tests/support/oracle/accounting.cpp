#include <algorithm>
#include <utility>

#include "base/units.h"
#include "tests/support/oracle/chunk_machine.h"

namespace chasm::oracle {
namespace {

std::uint64_t& of(CyclesByCause& causes, Cause cause) {
  return causes[static_cast<std::size_t>(cause)];
}

}  // namespace

// What the step waited for last, and since when that was on chip. Ties: output slot, psum, input,
// weight.
std::pair<Cause, Time> ChunkMachine::binding(std::size_t step) const {
  Time latest = 0;
  std::pair<Cause, Time> result{Cause::ramp, 0};
  const auto consider = [&](Cause cause, Time satisfied, Time on_chip) {
    if (satisfied <= latest) return;
    latest = satisfied;
    result = {cause, on_chip};
  };
  if (is_first(step)) {
    const std::size_t residency = plan_.residency_of[step];
    if (residency >= plan_.psum_slots) {
      consider(Cause::wait_output, output_.slot_free(residency),
               output_.tile_ready_for_slot(residency));
    }
    if (plan_.residencies[residency].read_back) {
      consider(Cause::wait_psum, output_.read_back_end(residency),
               output_.tile_ready_for(residency));
    }
  }
  consider(Cause::wait_input, operands_[0].fill_end(step), operands_[0].on_chip(step));
  consider(Cause::wait_weight, operands_[1].fill_end(step), operands_[1].on_chip(step));
  return result;
}

CyclesByCause ChunkMachine::causes() const {
  CyclesByCause causes{};
  of(causes, Cause::ramp) += c0_ - start_;
  Time at = c0_;
  for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
    auto [cause, on_chip] = binding(s);
    if (s == 0) cause = Cause::ramp;
    for (; at < issue_start_[s]; ++at) ++of(causes, at < on_chip ? Cause::wait_dram : cause);
    for (; at < issue_end_[s]; ++at) ++of(causes, Cause::busy);
  }
  for (; at < end_; ++at) {
    ++of(causes, at < output_.drained() ? Cause::ramp : Cause::wait_dram);
  }
  return causes;
}

}  // namespace chasm::oracle
