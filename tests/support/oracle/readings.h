// Other ways to read sentences of the timing contract (docs/microarchitecture.md) than the one that
// is meant: readers took them before the sentences were made plain. The reference machine can take
// them too, so that tests show that the random cases tell them apart.
#pragma once

namespace chasm {

struct Readings {
  bool psum_in_ends_at_the_port = false;     // section 2: psum_in_end without the buffer's latency
  bool idle_pes_do_not_count = false;        // section 2: N(s) over PEs that worked in s - 1 alone
  bool padding_counts = false;               // section 2: T(s) and N(s) with padding
  bool stored_when_the_data_arrive = false;  // section 4: "have read their last line"
  bool loads_wait_for_each_other = false;    // section 4: no line before B(i - 1) is ready
  bool parameters_lie_in_rows = false;       // section 4: one span from first to last word
  bool weights_are_served_first = false;     // section 4: where the round robin of a layer begins
  bool arrivals_go_by_request = false;       // section 4: "ties by stream"
  bool read_back_overtakes_drains = false;   // section 2: psum_in request without written(j)
};

}  // namespace chasm
