#include "sim/cli/judged_finalists.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "models/energy/energy_table.h"

namespace chasm {
namespace {

// All that is simulated. Of an energy table its contents: a file may be another one by now.
std::string key_of(const Inputs& inputs, const ArchSpec& arch, const VerifyOptions& options,
                   const std::vector<MappedJob>& jobs) {
  const std::string limit = options.max_cycles ? fmt::format(" {}", *options.max_cycles) : "";
  std::string key = fmt::format("{}\nfinalists {}{}\n{}\n{}\n{}\n", search_version(),
                                static_cast<int>(options.objective), limit, to_json(arch).dump(),
                                energy_table_content(arch.energy_table), inputs.workload.dump());
  std::size_t finalists = 0;
  for (const MappedJob& job : jobs) finalists = std::max(finalists, job.result.best.size());
  const MappedNetwork mapped{jobs, {}};
  for (std::size_t f = 0; f < finalists; ++f) key += to_json(mapped.mapping(arch, f)).dump() + "\n";
  return key;
}

std::optional<std::vector<std::size_t>> known(const ResultCache& cache, const std::string& key,
                                              const std::vector<MappedJob>& jobs) {
  const std::optional<std::string> text = cache.find(key);
  if (!text) return std::nullopt;
  Diagnostics problems;
  const auto document = parse_json(*text, "cache", problems);
  if (!document || !document->root.is_array() || document->root.size() != jobs.size())
    return std::nullopt;
  std::vector<std::size_t> numbers;
  for (const Json& number : document->root) {
    if (!number.is_number_unsigned()) return std::nullopt;
    if (number.get<std::size_t>() >= jobs[numbers.size()].result.best.size()) return std::nullopt;
    numbers.push_back(number.get<std::size_t>());
  }
  return numbers;
}

}  // namespace

std::vector<std::size_t> judged_finalists(const Inputs& inputs, const ArchSpec& simulated_arch,
                                          const VerifyOptions& options,
                                          const std::vector<MappedJob>& jobs, ResultCache& cache,
                                          Diagnostics& warnings) {
  const std::string key = key_of(inputs, simulated_arch, options, jobs);
  if (const auto numbers = known(cache, key, jobs)) return *numbers;
  const std::size_t before = warnings.all().size();
  const auto numbers = best_finalists(simulated_arch, inputs.network, options, jobs, warnings);
  // What a lack of memory decided is not for the next time.
  if (warnings.all().size() == before) cache.store({{key, Json(numbers).dump()}}, warnings);
  return numbers;
}

}  // namespace chasm
