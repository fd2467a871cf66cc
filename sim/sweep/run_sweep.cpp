#include "sim/sweep/run_sweep.h"

#include <fmt/format.h>

#include "base/check.h"
#include "sim/run/isolate.h"
#include "sim/sweep/evaluate_point.h"

namespace chasm {
namespace {

// What a child said when it met its limit.
std::string what_it_did(const ChildEnd& end) {
  const std::size_t begin = end.complaint.rfind("chasm: ");
  return begin == std::string::npos ? "" : "; " + end.complaint.substr(begin);
}

Json evaluated(const SweepSpec& spec, const ChildEnd& end) {
  switch (end.how) {
    case ChildEnd::How::returned:
      return Json::parse(end.text);
    case ChildEnd::How::threw:
      return row_without_result("failed", "internal error: " + end.text);
    case ChildEnd::How::died:
      return row_without_result("failed", end.complaint);
    case ChildEnd::How::timed_out:
      return row_without_result(
          "timeout", fmt::format("took more than {} s{}", *spec.seconds, what_it_did(end)));
    case ChildEnd::How::out_of_memory:
      return row_without_result("failed",
                                (spec.memory_bytes ? fmt::format("needed more than {} MB of memory",
                                                                 *spec.memory_bytes / 1'000'000)
                                                   : "out of memory") +
                                    what_it_did(end));
  }
  CHECK(false, "end {}", static_cast<int>(end.how));
}

}  // namespace

void run_points(const SweepSpec& spec, const std::vector<SweepPoint>& points,
                const SweepRunOptions& options) {
  IsolateOptions isolate;
  isolate.jobs = options.jobs;
  isolate.seconds = spec.seconds;
  isolate.memory_bytes = spec.memory_bytes;
  isolate.stop = options.stop;
  std::vector<std::size_t> tasks;
  for (std::size_t i = 0; i < points.size(); ++i) tasks.push_back(i);
  run_isolated(
      tasks, isolate, [&](std::size_t i) { return evaluate_point(spec, points[i]).dump(); },
      [&](std::size_t i, const ChildEnd& end) {
        options.on_row(
            complete_row(points[i], evaluated(spec, end), end.wall_s, end.peak_rss_bytes));
      });
}

}  // namespace chasm
