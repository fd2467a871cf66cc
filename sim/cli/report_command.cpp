// chasm report: every view of a result that a run left.
#include <fmt/format.h>

#include "sim/cli/command.h"
#include "sim/cli/output.h"
#include "sim/cli/results.h"
#include "sim/cli/terminal.h"
#include "sim/report/csv.h"
#include "sim/report/html_report.h"
#include "sim/report/roofline.h"
#include "sim/report/run_report.h"

namespace chasm {
namespace {

// A name that ends so is a file, any other a folder.
constexpr const char* kCsvSuffix = ".csv";

std::string target_of(const Arguments& arguments, const char* option) {
  const std::string target = arguments.value(option);
  if (arguments.has(option) && target.empty())
    throw arguments.usage_error(fmt::format("--{} needs a name", option));
  return target;
}

void require_writable_csv(const std::string& target) {
  if (target.empty() || target == "-") return;
  if (target.ends_with(kCsvSuffix)) return require_writable_file(target);
  require_writable_folder(
      target, {"totals.csv", "layers.csv", "chunks.csv", "engines.csv", "energy.csv", "area.csv"});
}

void write_files(const std::string& html, const std::string& csv, const RunResult& run) {
  FileSet files;
  if (!html.empty() && html != "-") files.add(html).append(html_report(run));
  if (csv.ends_with(kCsvSuffix))
    files.add(csv).append(layers_csv(run));
  else if (!csv.empty() && csv != "-")
    add_output_folder(files, csv, csv_tables(run));
  commit_output(files);
}

void run(const Arguments& arguments) {
  const std::string html = target_of(arguments, "html"), csv = target_of(arguments, "csv");
  if ((html == "-") + (csv == "-") + arguments.has("roofline") > 1)
    throw arguments.usage_error("only one view can go to standard output");
  if (!html.empty() && html != "-") require_writable_file(html);
  require_writable_csv(csv);
  const RunResult result = required_result(arguments.positional().front());
  write_files(html, csv, result);
  if (html == "-") put_document(html_report(result));
  if (csv == "-") put_document(layers_csv(result));
  if (arguments.has("roofline")) put(render_roofline(result, stdout_style()));
  if (html.empty() && csv.empty() && !arguments.has("roofline"))
    put(render_report(result, stdout_style()));
}

}  // namespace

Command report_command() {
  Grammar grammar{
      "report",
      "RESULT",
      1,
      1,
      {{"html", 0, "FILE|-", "write a page that opens from disk: figures, tables, all of it",
        false},
       {"csv", 0, "FILE.csv|DIR|-",
        "write the layers as CSV, or every table into a folder: totals, layers, chunks, engines, "
        "energy",
        false},
       {"roofline", 0, "", "print where each layer stands below the roofline", false}},
      {}};
  return {"report", "show a result again: text, HTML page, CSV, roofline", grammar,
          "  chasm report results                        the report of \"chasm run -o results\"\n"
          "  chasm report results/result.json --html report.html --csv tables\n"
          "  chasm report results --roofline\n",
          run};
}

}  // namespace chasm
