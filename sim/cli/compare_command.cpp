// chasm compare: what changed between two results, and whether it is too much.
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "base/check.h"
#include "base/suggest.h"
#include "sim/cli/command.h"
#include "sim/cli/terminal.h"
#include "sim/report/compare.h"
#include "sim/report/result_reader.h"

namespace chasm {
namespace {

// "latency=1%": the metric and the share.
Limit limit_of(const Arguments& arguments, const std::string& text) {
  const auto refuse = [&](const std::string& why) {
    return arguments.usage_error(fmt::format(
        "--fail-above takes METRIC=PERCENT, for example latency=1%, not \"{}\"{}", text, why));
  };
  const auto equals = text.find('=');
  if (equals == std::string::npos) throw refuse("");
  const std::string metric = text.substr(0, equals), number = text.substr(equals + 1);
  const std::vector<std::string> metrics = limit_metrics();
  if (std::find(metrics.begin(), metrics.end(), metric) == metrics.end())
    throw refuse(fmt::format(": there is no metric \"{}\"; {}", metric, suggest(metric, metrics)));
  char* end = nullptr;
  const double percent = std::strtod(number.c_str(), &end);
  const bool digits = number.find_first_not_of("+-.0123456789e%") == std::string::npos;
  if (!digits || end == number.c_str() || std::string(end) != "%" || !std::isfinite(percent))
    throw refuse("");
  return {metric, percent / 100};
}

void run(const Arguments& arguments) {
  std::vector<Limit> limits;
  for (const std::string& text : arguments.values("fail-above"))
    limits.push_back(limit_of(arguments, text));
  Diagnostics problems;
  const auto a = load_result(arguments.positional()[0], problems);
  const auto b = load_result(arguments.positional()[1], problems);
  if (!problems.ok()) throw Error(ExitCode::invalid_input, problems);
  CHECK(a && b, "a result was refused without a diagnostic");
  put(fmt::format("A: {}\nB: {}\n", arguments.positional()[0], arguments.positional()[1]) +
      render_comparison(*a, *b, stdout_style()));
  std::string text;
  for (const std::string& line : exceeded(*a, *b, limits))
    text += fmt::format("chasm compare: error: {}\n", line);
  if (!text.empty()) throw Error(ExitCode::comparison_failed, text);
}

}  // namespace

Command compare_command() {
  std::string metrics;
  for (const std::string& metric : limit_metrics())
    metrics += (metrics.empty() ? "" : ", ") + metric;
  Grammar grammar{"compare",
                  "A B",
                  2,
                  2,
                  {{"fail-above", 0, "METRIC=PERCENT",
                    "end with exit code 6 if B is more than that above A, e.g. latency=1%; "
                    "repeatable. Metrics: " +
                        metrics,
                    true}},
                  {}};
  return {"compare", "show what differs between two results", grammar,
          "  chasm compare before/result.json after/result.json\n"
          "  chasm compare before after --fail-above latency=1% --fail-above layer_energy=5%\n",
          run};
}

}  // namespace chasm
