// A result, and every view of it but for a repetition of its run.
#include "sim/cli/explain_mapping.h"
#include "sim/report/compare.h"
#include "sim/report/csv.h"
#include "sim/report/explain.h"
#include "sim/report/html_report.h"
#include "sim/report/result_reader.h"
#include "sim/report/roofline.h"
#include "sim/report/run_report.h"
#include "tests/fuzz/driver.h"

namespace chasm::fuzz {
namespace {

void explain(const RunResult& run) {
  Diagnostics problems;
  explain_energy(run, "", {}, problems);
  explain_area(run, {});
  if (run.layers.empty()) return;
  const std::string& name = run.layers.front().name;
  const auto layer = layer_named(run, name, problems);
  require_reason(layer, problems);
  const auto arch = read_arch({"input", run.architecture}, problems);
  require_reason(arch, problems);
  if (layer && arch && problems.ok()) explain_layer(run, *layer, *arch, {}, {});
  explain_mapping_text(run, "input", name, {});
}

}  // namespace

void one_input(std::string_view bytes) {
  Diagnostics problems;
  const auto run = load_result(file_of(bytes), problems);
  require_reason(run, problems);
  if (!run || !problems.ok()) return;
  render_report(*run, {});
  render_roofline(*run, {});
  csv_tables(*run);
  html_report(*run);
  render_comparison(*run, *run, {});
  explain(*run);
}

}  // namespace chasm::fuzz
