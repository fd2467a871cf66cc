// What happened when, as the models tell it. A track is one row of a trace, declared once; then it
// takes events in core cycles. The models know ends in advance, so tracks may run ahead of the
// simulated time and of each other; each keeps the order of its own. A model without a recorder (a
// null pointer) spends one test an event.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/units.h"

namespace chasm {

using Track = std::uint32_t;

class Recorder {
 public:
  Recorder() = default;
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  virtual ~Recorder() = default;

  // An engine that is in one of its states, or idle. `group`: the unit it belongs to. `detail`
  // names a number that every slice has besides its state (an image); empty: none.
  virtual Track states(const std::string& group, const std::string& name,
                       const std::vector<std::string>& states, const std::string& detail = {}) = 0;
  // A number that goes up and down: what is in use.
  virtual Track level(const std::string& group, const std::string& name,
                      const std::string& unit) = 0;
  // An amount a window of that many cycles.
  virtual Track rate(const std::string& group, const std::string& name, const std::string& unit,
                     Cycle window) = 0;
  // The requests that a memory accepts.
  virtual Track requests(const std::string& group, const std::string& name) = 0;

  // States: in state number `state` of its list during [begin, end), not before the end of the
  // slice before. Slices that touch and are alike are one; empty ones are none.
  virtual void slice(Track, std::uint32_t state, Cycle begin, Cycle end,
                     std::uint32_t detail = 0) = 0;
  // Levels. Rises come in order of cycles; a fall lies at or after the last rise.
  virtual void rise(Track, Cycle at, std::uint64_t amount) = 0;
  virtual void fall(Track, Cycle at, std::uint64_t amount) = 0;
  // Rates and requests, in order of cycles. The address is that of a whole 64-byte line.
  virtual void count(Track, Cycle at, std::uint64_t amount) = 0;
  virtual void request(Track, Cycle at, bool write, std::uint64_t address) = 0;
};

}  // namespace chasm
