#include "mapper/combinations.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/parallel.h"
#include "mapper/build_program.h"
#include "mapper/mapspace.h"

namespace chasm {
namespace {

constexpr std::array kKinds = {LoopDataflow::rs, LoopDataflow::is, LoopDataflow::ws,
                               LoopDataflow::os};

struct Task {
  std::size_t choice = 0;
  const MapJob* job = nullptr;
  std::optional<Candidate> best;
  std::string why;
  std::string dropped;
};

std::string texts_of(const std::vector<Demand>& demands) {
  std::string text;
  for (const Demand& demand : demands) text += (text.empty() ? "" : ", ") + demand.text();
  return text;
}

class Mapper {
 public:
  Mapper(const ArchSpec& arch, const std::vector<MapJob>& jobs,
         const std::vector<std::uint64_t>& bytes, const SearchOptions& options)
      : arch_(arch), jobs_(jobs), bytes_(bytes), options_(options) {}

  std::vector<DataflowChoice> run(std::size_t threads) {
    for (std::uint32_t c = 0; c < arch_.chunks.size(); ++c) add_chunk(c);
    parallel_for(tasks_.size(), threads, [&](std::size_t t) { map(tasks_[t]); });
    for (const Task& task : tasks_) add(task);
    return std::move(choices_);
  }

 private:
  void add_chunk(std::uint32_t chunk) {
    const bool macs = std::any_of(jobs_.begin(), jobs_.end(), [&](const MapJob& job) {
      return job.chunk == chunk && job.prototype.operation.is_mac();
    });
    for (const LoopDataflow kind : kKinds) {
      const LoopDataflow used = macs ? kind : LoopDataflow::free;
      const std::size_t before = tasks_.size();
      for (const MapJob& job : jobs_)
        if (job.chunk == chunk) tasks_.push_back({choices_.size(), &job, std::nullopt, "", ""});
      if (tasks_.size() == before) return;
      choices_.push_back({chunk, used, ChunkOption{}, "", {}, 0});
      if (!macs) return;
    }
  }

  void map(Task& task) const {
    ArchSpec share = arch_;
    share.global_buffer.capacity_bytes = bytes_[task.job->chunk];
    const ChunkSpec& chunk = arch_.chunks[task.job->chunk];
    SearchOptions options = options_;
    options.constraints.dataflow = choices_[task.choice].dataflow;
    const auto found = search(task.job->prototype, chunk, share, options);
    const MapSpace space(task.job->prototype, limits_of(chunk, share.global_buffer),
                         options.constraints);
    if (found) {
      task.best = found->best.front();
      task.dropped = texts_of(space.dropped());
    } else {
      task.why = fmt::format("layer {}: {}", task.job->names.front(), space.why_empty());
    }
  }

  void add(const Task& task) {
    DataflowChoice& choice = choices_[task.choice];
    choice.layers += task.job->names.size();
    if (!task.dropped.empty()) choice.relaxed.push_back({task.job->names, task.dropped});
    if (!task.best) {
      if (choice.cost) choice.why = task.why;
      choice.cost.reset();
    } else if (choice.cost) {
      const auto times = static_cast<double>(task.job->names.size());
      choice.cost->cycles += times * task.best->cost.cycles;
      choice.cost->energy += times * task.best->cost.energy;
    }
  }

  const ArchSpec& arch_;
  const std::vector<MapJob>& jobs_;
  const std::vector<std::uint64_t>& bytes_;
  const SearchOptions& options_;
  std::vector<DataflowChoice> choices_;
  std::vector<Task> tasks_;
};

Combination combined(const std::vector<DataflowChoice>& choices,
                     const std::vector<std::size_t>& chosen) {
  Combination combination{chosen, 0, 0};
  for (const std::size_t c : chosen) {
    if (!choices[c].cost) return {chosen, std::nullopt, std::nullopt};
    combination.cycles = std::max(*combination.cycles, choices[c].cost->cycles);
    *combination.energy += choices[c].cost->energy;
  }
  return combination;
}

}  // namespace

Combinations all_combinations(const ArchSpec& arch, const std::vector<MapJob>& jobs,
                              const std::vector<std::uint64_t>& bytes, const SearchOptions& options,
                              std::size_t threads) {
  Combinations result;
  result.choices = Mapper(arch, jobs, bytes, options).run(threads);
  std::vector<std::vector<std::size_t>> all = {{}};
  for (std::size_t first = 0; first < result.choices.size();) {
    std::size_t end = first;
    while (end < result.choices.size() && result.choices[end].chunk == result.choices[first].chunk)
      ++end;
    std::vector<std::vector<std::size_t>> longer;
    for (const std::vector<std::size_t>& chosen : all)
      for (std::size_t c = first; c < end; ++c) {
        longer.push_back(chosen);
        longer.back().push_back(c);
      }
    all = std::move(longer);
    first = end;
  }
  for (const std::vector<std::size_t>& chosen : all)
    result.all.push_back(combined(result.choices, chosen));
  const auto score = [&](const Combination& combination) {
    if (!combination.cycles) return 1e300;
    return score_of(options.objective, true, *combination.cycles, *combination.cycles,
                    *combination.energy);
  };
  std::stable_sort(result.all.begin(), result.all.end(),
                   [&](const Combination& a, const Combination& b) { return score(a) < score(b); });
  return result;
}

}  // namespace chasm
