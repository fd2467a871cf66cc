// The views of a result: CSV, roofline, comparison, explanation, page.
#include <gtest/gtest.h>

#include "sim/report/compare.h"
#include "sim/report/csv.h"
#include "sim/report/explain.h"
#include "sim/report/html_report.h"
#include "sim/report/roofline.h"
#include "sim/report/run_report.h"
#include "tests/unit/report/sample_run.h"

namespace chasm {
namespace {

using testing_support::sample_run;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("\r\n", at);
    EXPECT_NE(end, std::string::npos) << "a line that does not end in CR LF";
    if (end == std::string::npos) break;
    lines.push_back(text.substr(at, end - at));
    at = end + 2;
  }
  return lines;
}

TEST(Csv, QuotesWhatNeedsIt) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(csv_field(0.1), "0.1");
}

TEST(Csv, NoTextIsAFormula) {
  for (const char* text : {"=1+1", "+1", "-1", "@SUM(1)", "\tx"})
    EXPECT_EQ(csv_field(text), "'" + std::string(text));
  EXPECT_EQ(csv_field("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
  EXPECT_EQ(csv_field("a=b"), "a=b");
  EXPECT_EQ(csv_field(-0.5), "-0.5");
  RunResult run = sample_run();
  run.layers[0].name = "@SUM(1)";
  EXPECT_TRUE(lines_of(layers_csv(run)).at(1).starts_with("'@SUM(1),"));
}

// In every view for people a name is shown, not obeyed; documents keep it as it is.
TEST(Views, NamesDoNotSteerATerminal) {
  const std::string evil = "\033[2J\033]0;x\007\u202e\u009b\x7f\nforged: 1";
  RunResult run = sample_run();
  run.architecture["name"] = run.workload["name"] = evil;
  run.layers[0].name = run.layers[0].chunk = run.layers[0].mapping = evil;
  run.chunks[0].name = run.energy[0].component = run.energy[0].source = evil;
  Diagnostics problems;
  for (const bool colour : {false, true}) {
    const TextStyle style{colour, 100};
    for (const std::string& text :
         {render_report(run, style), render_roofline(run, style),
          render_comparison(run, sample_run(), style), explain_energy(run, "", style, problems)}) {
      std::string shown = for_terminal(text);
      for (const char* ours : {"\033[1m", "\033[2m", "\033[33m", "\033[0m"})
        for (std::size_t at; (at = shown.find(ours)) != std::string::npos;)
          shown.erase(at, std::string(ours).size());
      for (const char* part : {"\033", "\007", "\u202e", "\u009b", "\x7f", "\nforged", "\xff"})
        EXPECT_FALSE(contains(shown, part)) << shown;
      EXPECT_TRUE(contains(shown, "\\u001b[2J\\u001b]0;x\\u0007\\u202e\\u009b\\u007f")) << shown;
    }
  }
  EXPECT_TRUE(problems.ok()) << problems.to_string();
}

TEST(Csv, HasOneRowALayerAndAnEntry) {
  RunResult run = sample_run();
  run.layers[0].name = "a,\"b\"";
  run.energy[0].source = "Horowitz, ISSCC 2014";
  const auto lines = lines_of(layers_csv(run));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(
      lines[0].starts_with("name,type,arithmetic,chunk,image,start_cycle,end_cycle,cycles,"));
  EXPECT_TRUE(
      lines[1].starts_with("\"a,\"\"b\"\"\",conv2d,multiply,CLP,0,0,400,400,1200,0,4,0.75,10,"))
      << lines[1];
  const auto tables = csv_tables(run);
  ASSERT_EQ(tables.size(), 6u);
  EXPECT_EQ(tables.back().first, "area.csv");
  EXPECT_EQ(tables[4].first, "energy.csv");
  const auto energy = lines_of(tables[4].second);
  EXPECT_EQ(energy.at(0), "component,action,count,unit_pj,total_pj,source");
  EXPECT_EQ(energy.at(1), "CLP.pe,multiply_8b,1200,0.25,300,\"Horowitz, ISSCC 2014\"");
}

TEST(Roofline, PutsLayersBelowTheLowerOfPeakAndBandwidth) {
  RunResult run = sample_run();
  run.dram_peak_bytes_per_cycle = 0.1;
  run.layers[1].activity.dram_read_bursts = 0;
  const Roofline roofline = roofline_of(run);
  const RooflinePoint& stem = roofline.layers[0];  // 1200 operations, 128 bytes, 400 cycles
  EXPECT_DOUBLE_EQ(stem.operations_per_cycle, 3);
  EXPECT_DOUBLE_EQ(*stem.intensity, 1200.0 / 128);
  EXPECT_TRUE(stem.memory_bound);
  EXPECT_DOUBLE_EQ(stem.roof, 0.1 * 1200 / 128);
  EXPECT_FALSE(roofline.layers[1].intensity);
  EXPECT_DOUBLE_EQ(roofline.layers[1].roof, 4);
  EXPECT_DOUBLE_EQ(roofline.layers[1].share_of_roof(), 0.75);
  EXPECT_DOUBLE_EQ(roofline.chunks[0].ridge, 40);
  EXPECT_TRUE(contains(render_roofline(run, {}), "no DRAM"));
}

TEST(Roofline, FindsTheBandwidthOfAnOldResult) {
  RunResult run = sample_run();  // 384 bytes in 1000 cycles are 2.4 %
  run.dram_peak_bytes_per_cycle = 0;
  EXPECT_DOUBLE_EQ(roofline_of(run).bytes_per_cycle, 16);
}

TEST(Compare, NamesWhatDiffers) {
  const RunResult a = sample_run();
  RunResult b = sample_run();
  EXPECT_TRUE(contains(render_comparison(a, b, {}), "the inputs are the same"));
  EXPECT_TRUE(contains(render_comparison(a, b, {}), "2 of 2 layers are the same"));
  b.architecture = {{"name", "two-chunks"}, {"chunks", {{{"name", "CLP"}, {"rows", 3}}}}};
  RunResult c = b;
  c.architecture["chunks"][0]["rows"] = 4;
  c.cycles = 1100;
  c.layers[0].end_cycle += 100;
  c.layers[1].name = "other";
  const std::string text = render_comparison(b, c, {});
  EXPECT_TRUE(contains(text, "chunks.CLP.rows: 3 -> 4")) << text;
  EXPECT_TRUE(contains(text, "cycles       1,000      1,100  +10.0%")) << text;
  EXPECT_TRUE(contains(text, "+25.0%")) << text;
  EXPECT_TRUE(contains(text, "only in A: body\nonly in B: other\n")) << text;
}

TEST(Compare, HoldsLimitsToTheLetter) {
  const RunResult a = sample_run();
  RunResult b = sample_run();
  b.cycles = 1010;
  EXPECT_TRUE(exceeded(a, b, {{"latency", 0.0101}}).empty());
  EXPECT_EQ(exceeded(a, b, {{"latency", 0.0099}}).size(), 1u);
  EXPECT_TRUE(exceeded(a, a, {{"latency", 0}, {"layer_latency", 0}, {"area", 0}}).empty());
  EXPECT_EQ(exceeded(a, a, {{"latency", -0.01}}).size(), 1u);  // B must be better
  b.layers[1].energy_pj = 11;
  EXPECT_TRUE(exceeded(a, b, {{"energy", 0}}).empty());
  EXPECT_EQ(exceeded(a, b, {{"layer_energy", 0.05}}).size(), 1u);
  b.layers.pop_back();
  EXPECT_EQ(exceeded(a, b, {{"layer_energy", 1}}).size(), 1u);
}

TEST(ExplainEnergy, CountsTimesUnitsAndSources) {
  Diagnostics problems;
  const std::string all = explain_energy(sample_run(), "", {}, problems);
  EXPECT_TRUE(contains(
      all, "CLP.pe                   multiply_8b  1,200       0.25  300.0 pJ   30.0%  [1]"))
      << all;
  EXPECT_TRUE(contains(all, "1.000 nJ  100.0%")) << all;
  EXPECT_TRUE(contains(all, "[1] a table")) << all;
  const std::string part = explain_energy(sample_run(), "CLP", {}, problems);
  EXPECT_TRUE(contains(part, "400.0 pJ  40.0%")) << part;
  EXPECT_FALSE(contains(part, "dram")) << part;
  EXPECT_TRUE(problems.ok());
  explain_energy(sample_run(), "CL", {}, problems);  // a component, not any beginning
  EXPECT_TRUE(contains(problems.to_string(), "nothing was spent on \"CL\""))
      << problems.to_string();
}

TEST(ExplainLayer, BoundsFollowFromWorkAndRate) {
  Diagnostics problems;
  const auto document = load_arch_document("tiny", {}, problems);
  const auto arch = read_arch(*document, problems);
  ASSERT_TRUE(arch) << problems.to_string();
  LayerResult layer = sample_run().layers[0];
  layer.chunk = arch->chunks[0].name;
  layer.activity.bus_words[WordKind::psum] = 10;
  layer.activity.buffer[WordKind::input] = {100, 28};
  const auto bounds = bounds_of(layer, *arch, 16);
  const auto bound = [&](const std::string& name) {
    for (const Bound& b : bounds)
      if (b.resource == name) return b.work;
    return -1.0;
  };
  EXPECT_EQ(bound("PEs"), 1200);
  EXPECT_EQ(bound("weight bus"), 21);
  EXPECT_EQ(bound("psum_in bus"), 5);
  EXPECT_EQ(bound("output bus"), 5);
  EXPECT_EQ(bound("buffer ports"), 128);
  EXPECT_EQ(bound("DRAM"), 128);
  EXPECT_EQ(bound("input bus"), -1);  // not used
  const std::string text = explain_layer(sample_run(), layer, *arch, {}, {});
  EXPECT_TRUE(contains(text, "The tightest is: PEs.")) << text;
  EXPECT_TRUE(contains(text, "busy                      100  25.0%")) << text;
  EXPECT_FALSE(layer_named(sample_run(), "stm", problems));
  EXPECT_TRUE(contains(problems.to_string(), "did you mean \"stem\"?")) << problems.to_string();
}

// Every line of a layer has its unit and source from the bill of the run.
TEST(ExplainLayer, EveryPicojouleHasALineOfTheBill) {
  Diagnostics problems;
  const auto document = load_arch_document("tiny", {}, problems);
  const auto arch = read_arch(*document, problems);
  ASSERT_TRUE(arch) << problems.to_string();
  RunResult run = sample_run();
  LayerResult layer = run.layers[0];
  layer.chunk = "MUL";
  layer.activity.gated_operations = 200;
  run.energy = {{"MUL.pe", "multiply_6b", 5000, 0.25, 1250, "the datapath"},
                {"MUL.reduction", "hop_16b", 100, 2, 200, "the wires"},
                {"MUL.bus.weight", "word_6b", 50, 0.5, 25, "the wires"},
                {"dram", "read_burst_64B", 6, 100, 600, "the memory"},
                {"leakage", "cycle", 1000, 1, 1000, "nobody"}};
  const auto lines = layer_energy(run, layer, *arch);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].component, "MUL.pe");
  EXPECT_EQ(lines[0].count, layer.operations - 200);
  EXPECT_EQ(lines[0].total_pj, static_cast<double>(layer.operations - 200) * 0.25);
  EXPECT_EQ(lines[1].component, "MUL.bus.weight");
  EXPECT_EQ(lines[1].count, 21U);
  EXPECT_EQ(lines[2].component, "MUL.reduction");
  EXPECT_EQ(lines[3].total_pj, 200);
  const std::string text = explain_layer(run, layer, *arch, {}, {});
  EXPECT_TRUE(contains(text, "1,200 operations (200 gated: their input is zero)")) << text;
  EXPECT_TRUE(contains(text, "[1] the datapath")) << text;
  EXPECT_TRUE(contains(text, "[3] the memory")) << text;
  EXPECT_FALSE(contains(text, "nobody")) << text;
}

TEST(ExplainArea, ListsComponentsSharesAndSources) {
  RunResult run = sample_run();
  EXPECT_TRUE(contains(explain_area(run, {}), "does not have the area")) << "no table, no area";
  run.area = {{"CLP.pe", 0.25, "cells"}, {"global_buffer", 0.75, "a compiler"}};
  run.area_mm2 = 1.0;
  const std::string text = explain_area(run, {});
  EXPECT_TRUE(contains(text, "CLP.pe         0.250000   25.0%  [1]")) << text;
  EXPECT_TRUE(contains(text, "all            1.000000  100.0%")) << text;
  EXPECT_TRUE(contains(text, "[2] a compiler")) << text;
  EXPECT_TRUE(contains(html_report(run), "a compiler"));
  EXPECT_TRUE(contains(csv_tables(run).back().second, "CLP.pe,0.25,cells"));
}

TEST(RunReport, SaysWhatWasGated) {
  RunResult run = sample_run();
  EXPECT_FALSE(contains(render_report(run, {}), "gated"));
  EXPECT_FALSE(contains(html_report(run), "gated"));
  run.layers[0].activity.gated_operations = 200;
  EXPECT_TRUE(contains(render_report(run, {}), "gated         200 operations, whose input is zero"))
      << render_report(run, {});
  EXPECT_TRUE(contains(html_report(run), "200 gated"));
  EXPECT_TRUE(contains(layers_csv(run), "gated_operations"));
}

TEST(HtmlReport, NeedsNothingElse) {
  const std::string html = html_report(sample_run());
  for (const char* fetch : {"src=", "http", "url(", "@import", "<link rel=\"stylesheet\""})
    EXPECT_FALSE(contains(html, fetch)) << fetch;
  EXPECT_EQ(html, html_report(sample_run()));
}

TEST(HtmlReport, EscapesNames) {
  RunResult run = sample_run();
  run.layers[0].name = "<img onerror=alert(1)>";
  run.workload["name"] = "</title><script>";
  const std::string html = html_report(run);
  EXPECT_FALSE(contains(html, "<img"));
  EXPECT_FALSE(contains(html, "<title></title><script>"));
}

TEST(HtmlReport, HasNothingToSayOfNothing) {
  const std::string html = html_report(RunResult());
  EXPECT_TRUE(contains(html, "</html>"));
  EXPECT_FALSE(contains(html, "nan"));
  EXPECT_FALSE(contains(html, "inf "));
}

}  // namespace
}  // namespace chasm
