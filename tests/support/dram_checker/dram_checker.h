// Checks the commands of one DRAM channel against a standard, by looking back over the whole recent
// past at every command: slow and plain. It knows commands and cycles only.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "tests/support/dram_checker/checker_timing.h"

namespace chasm::testing_support {

struct CheckedCommand {
  std::int64_t cycle;
  std::string name;  // ACT PRE PREA RD RDA WR WRA REF REFB PDE PDX
  std::int64_t rank, group, bank, row;
};

class DramChecker {
 public:
  explicit DramChecker(const CheckerTiming& timing) : t_(timing) {}

  void command(const CheckedCommand&);
  // How often each constraint was broken; empty: never.
  const std::map<std::string, int>& violations() const { return violations_; }
  std::string text() const;  // of the violations

 private:
  using BankKey = std::vector<std::int64_t>;  // rank, group, bank
  void require(bool holds, const std::string& name) {
    if (!holds) ++violations_[name];
  }
  // Whether `later` comes at least `cycles` after `earlier`, both at their last cycles.
  bool apart(const CheckedCommand& earlier, const CheckedCommand& later,
             std::int64_t cycles) const {
    return last_cycle(later) - last_cycle(earlier) >= cycles;
  }
  std::int64_t length(const CheckedCommand&) const;
  std::int64_t last_cycle(const CheckedCommand& c) const { return c.cycle + length(c) - 1; }
  std::int64_t data_begin(const CheckedCommand&) const;
  std::int64_t data_end(const CheckedCommand& c) const { return data_begin(c) + t_.burst; }

  void check_bus(const CheckedCommand& earlier, const CheckedCommand& now);
  void check_rank(const CheckedCommand& earlier, const CheckedCommand& now);
  void check_bank(const CheckedCommand& earlier, const CheckedCommand& now);
  void check_own_precharge(const CheckedCommand& earlier, const CheckedCommand& now);
  void check_rows(const CheckedCommand& now);
  void check_four_activates(const CheckedCommand& now);
  void check_refresh_interval(const CheckedCommand& now);
  void update(const CheckedCommand& now);

  CheckerTiming t_;
  std::deque<CheckedCommand> past_;  // long enough for every constraint
  std::map<BankKey, std::int64_t> open_;
  std::map<std::int64_t, CheckedCommand> refreshed_;  // by rank
  std::map<std::int64_t, bool> down_;
  std::map<std::string, int> violations_;
};

}  // namespace chasm::testing_support
