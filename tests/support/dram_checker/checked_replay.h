// The DRAM model under the checker's eyes: requests in, commands checked channel by channel.
#pragma once

#include <string>
#include <vector>

#include "models/memory/dram/replay.h"
#include "tests/support/dram_checker/dram_checker.h"

namespace chasm::testing_support {

class CheckedReplay final : public DramCommandLog {
 public:
  struct Result {
    Cycle cycles = 0;
    DramStats stats;
    std::vector<std::string> commands;  // as text, in order
    std::string violations;             // empty: none
  };

  // Runs the requests; the checker knows the standard by its own numbers.
  static Result run(const DramConfig& config, const CheckerTiming& timing,
                    const std::vector<DramRequest>& requests) {
    Diagnostics problems;
    const auto map = DramAddressMap::make(config, config.name, problems);
    CHECK(map, "{}", problems.to_string());
    CheckedReplay log(config, timing);
    DramReplay replay(config, *map, &log);
    for (const DramRequest& request : requests) replay.offer(request);
    Result result;
    result.cycles = replay.finish();
    result.stats = replay.stats();
    result.commands = std::move(log.commands_);
    for (const DramChecker& checker : log.checkers_) result.violations += checker.text();
    return result;
  }

 private:
  CheckedReplay(const DramConfig& config, const CheckerTiming& timing)
      : checkers_(config.organisation.channels, DramChecker(timing)) {}

  void command(Cycle at, DramCommand command, const DramLocation& l) override {
    commands_.push_back(fmt::format("{} {} ch{} r{} g{} b{} row {}", at, to_string(command),
                                    l.channel, l.rank, l.bank_group, l.bank, l.row));
    checkers_[l.channel].command(
        {static_cast<std::int64_t>(at), to_string(command), l.rank, l.bank_group, l.bank, l.row});
  }

  std::vector<DramChecker> checkers_;
  std::vector<std::string> commands_;
};

// A shipped DRAM with changes in JSON; they must be right.
inline DramConfig dram_with(const std::string& name, const std::string& changes = "{}") {
  Diagnostics problems;
  const auto config = load_dram(name, Json::parse(changes), "changes", problems);
  CHECK(config, "{}", problems.to_string());
  return *config;
}

}  // namespace chasm::testing_support
