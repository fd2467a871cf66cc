#include "sim/report/compare.h"

#include <cmath>
#include <map>

#include <fmt/format.h>

#include "base/printable.h"
#include "sim/report/quantity.h"
#include "sim/report/run_totals.h"

namespace chasm {
namespace {

constexpr auto kRight = TextTable::Align::right;
constexpr std::uint64_t kBurstBytes = 64;
constexpr double kSame = 0.0005;         // below, a change is not worth a colour
constexpr std::size_t kMostInputs = 20;  // differences of the inputs that are listed
constexpr std::size_t kMostNames = 10;   // layers without a partner that are named
constexpr const char* kPerLayer = "layer_";

struct TotalMetric {
  const char* name;
  const char* unit;
  double (*of)(const RunResult&, const RunTotals&);
};

const std::vector<TotalMetric>& total_metrics() {
  static const std::vector<TotalMetric> all = {
      {"latency", "s", [](const RunResult&, const RunTotals& t) { return t.latency_s; }},
      {"energy", "J", [](const RunResult&, const RunTotals& t) { return t.energy_j; }},
      {"edp", "Js", [](const RunResult&, const RunTotals& t) { return t.edp_js; }},
      {"power", "W", [](const RunResult&, const RunTotals& t) { return t.average_power_w; }},
      {"dram", "B",
       [](const RunResult& r, const RunTotals&) {
         return static_cast<double>(r.dram_read_bytes + r.dram_write_bytes);
       }},
      {"area", "m2",
       [](const RunResult& r, const RunTotals&) { return r.area_mm2.value_or(0) * 1e-6; }}};
  return all;
}

struct LayerMetric {
  const char* name;
  const char* unit;
  double (*of)(const LayerResult&);
};

const std::vector<LayerMetric>& layer_metrics() {
  static const std::vector<LayerMetric> all = {
      {"latency", "", [](const LayerResult& l) { return static_cast<double>(l.cycles()); }},
      {"energy", "J", [](const LayerResult& l) { return l.energy_pj * 1e-12; }},
      {"dram", "B", [](const LayerResult& l) {
         return static_cast<double>(kBurstBytes *
                                    (l.activity.dram_read_bursts + l.activity.dram_write_bursts));
       }}};
  return all;
}

// Infinite where something came out of nothing.
double growth(double a, double b) {
  if (a == b) return 0;
  return a != 0 ? b / a - 1 : HUGE_VAL;
}

std::string growth_text(double a, double b) {
  const double share = growth(a, b);
  if (share == 0) return "=";
  if (!std::isfinite(share)) return "new";
  if (std::fabs(share) < 0.001) return fmt::format("{:+.2f}%", 100 * share);
  return share < 10 ? fmt::format("{:+.1f}%", 100 * share) : fmt::format("x{:.1f}", 1 + share);
}

TextTable::Cell change(double a, double b) {
  const double share = growth(a, b);
  return {growth_text(a, b), share > kSame ? Tone::alert : share == 0 ? Tone::faint : Tone::plain};
}

// Layers of A with those of B that have the same name.
struct Pairs {
  std::vector<std::pair<LayerResult, LayerResult>> both;
  std::vector<std::string> only_a, only_b;
};

Pairs pairs_of(const RunResult& a, const RunResult& b) {
  Pairs pairs;
  std::map<std::string, LayerResult> of_b;
  std::vector<LayerResult> layers_b = layers_over_images(b);
  for (const LayerResult& layer : layers_b) of_b.emplace(layer.name, layer);
  std::map<std::string, bool> in_a;
  for (const LayerResult& layer : layers_over_images(a)) {
    in_a[layer.name] = true;
    const auto found = of_b.find(layer.name);
    if (found == of_b.end())
      pairs.only_a.push_back(layer.name);
    else
      pairs.both.emplace_back(layer, found->second);
  }
  for (const LayerResult& layer : layers_b)
    if (in_a.count(layer.name) == 0) pairs.only_b.push_back(layer.name);
  return pairs;
}

std::string short_text(const Json& value) {
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() <= 40 ? text : text.substr(0, 37) + "...";
}

// The name of a list's element where it has one, as --set takes it.
std::string step(const Json& element, std::size_t index) {
  const auto name = element.is_object() ? element.find("name") : element.end();
  return element.is_object() && name != element.end() && name->is_string()
             ? name->get<std::string>()
             : fmt::format("{}", index);
}

void differences(const Json& a, const Json& b, const std::string& path,
                 std::vector<std::string>& out) {
  const auto below = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
  if (a == b) return;
  if (a.is_object() && b.is_object()) {
    const Json::object_t& entries_b = b.get_ref<const Json::object_t&>();
    std::map<std::string, Json> only_b(entries_b.begin(), entries_b.end());
    for (const auto& [key, value] : a.get_ref<const Json::object_t&>()) {
      const auto other = only_b.extract(key);
      differences(value, other ? other.mapped() : Json(), below(key), out);
    }
    for (const auto& [key, value] : entries_b)
      if (only_b.contains(key)) differences(Json(), value, below(key), out);
    return;
  }
  if (a.is_array() && b.is_array() && a.size() == b.size()) {
    for (std::size_t i = 0; i < a.size(); ++i) differences(a[i], b[i], below(step(a[i], i)), out);
    return;
  }
  out.push_back(fmt::format("{}: {} -> {}", printable_line(path), short_text(a), short_text(b)));
}

// What the runs were made with; mappings follow from the rest, or are told apart as a whole.
std::string inputs_text(const RunResult& a, const RunResult& b) {
  std::vector<std::string> lines;
  if (a.workload != b.workload)
    lines.push_back(fmt::format("network: {} -> {}", short_text(a.workload.value("name", Json())),
                                short_text(b.workload.value("name", Json()))));
  differences(a.architecture, b.architecture, "", lines);
  differences(a.options, b.options, "option", lines);
  if (a.mapping != b.mapping) lines.push_back("the mappings differ");
  if (lines.empty()) return "the inputs are the same\n";
  std::string text;
  for (std::size_t i = 0; i < lines.size() && i < kMostInputs; ++i) text += lines[i] + "\n";
  if (lines.size() > kMostInputs)
    text += fmt::format("and {} more differences\n", lines.size() - kMostInputs);
  return text;
}

std::string totals_text(const RunResult& a, const RunResult& b, const TextStyle& style) {
  const RunTotals of_a = totals_of(a), of_b = totals_of(b);
  TextTable table({{"total"}, {"A", kRight}, {"B", kRight}, {"change", kRight}});
  table.add_row({"cycles", grouped(a.cycles), grouped(b.cycles),
                 change(static_cast<double>(a.cycles), static_cast<double>(b.cycles))});
  for (const TotalMetric& metric : total_metrics()) {
    const double left = metric.of(a, of_a), right = metric.of(b, of_b);
    const bool area = std::string_view(metric.name) == "area";
    if (area && !(a.area_mm2 && b.area_mm2)) continue;
    const auto text = [&](double value) {
      return area ? fmt::format("{:.3f} mm2", value * 1e6) : si(value, metric.unit);
    };
    table.add_row({metric.name, text(left), text(right), change(left, right)});
  }
  table.add_row({"PE util", percent(a.pe_utilization), percent(b.pe_utilization), ""});
  return table.to_string(style);
}

bool is_same(const LayerResult& a, const LayerResult& b) {
  for (const LayerMetric& metric : layer_metrics())
    if (metric.of(a) != metric.of(b)) return false;
  return a.chunk == b.chunk;
}

std::string layers_text(const Pairs& pairs, const TextStyle& style) {
  TextTable table({{"layer", TextTable::Align::left, true},
                   {"chunk"},
                   {"cycles A", kRight, false, true},
                   {"cycles B", kRight},
                   {"", kRight},
                   {"energy A", kRight, false, true},
                   {"energy B", kRight},
                   {"", kRight},
                   {"EDP", kRight},
                   {"DRAM B", kRight},
                   {"", kRight}});
  std::size_t same = 0;
  for (const auto& [a, b] : pairs.both) {
    if (is_same(a, b)) {
      ++same;
      continue;
    }
    std::vector<TextTable::Cell> row = {
        a.name, a.chunk == b.chunk ? a.chunk : fmt::format("{} > {}", a.chunk, b.chunk)};
    for (const LayerMetric& metric : layer_metrics()) {
      const double left = metric.of(a), right = metric.of(b);
      const bool cycles = metric.unit[0] == '\0', dram = metric.unit[0] == 'B';
      const auto text = [&](double value) {
        return cycles ? grouped(static_cast<std::uint64_t>(value)) : si(value, metric.unit);
      };
      if (!dram) row.push_back(text(left));
      row.push_back(text(right));
      row.push_back(change(left, right));
      if (metric.unit[0] == 'J')
        row.push_back(change(left * layer_metrics()[0].of(a), right * layer_metrics()[0].of(b)));
    }
    table.add_row(std::move(row));
  }
  const std::string rest = fmt::format("{} of {} layers are the same\n", same, pairs.both.size());
  return (table.empty() ? "" : table.to_string(style)) + (same > 0 ? rest : "");
}

std::string unmatched_text(const char* side, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  std::string text = fmt::format("only in {}:", side);
  for (std::size_t i = 0; i < names.size() && i < kMostNames; ++i)
    text += " " + printable_line(names[i]);
  if (names.size() > kMostNames) text += fmt::format(" and {} more", names.size() - kMostNames);
  return text + "\n";
}

void check_total(const RunResult& a, const RunResult& b, const Limit& limit,
                 std::vector<std::string>& out) {
  const RunTotals of_a = totals_of(a), of_b = totals_of(b);
  for (const TotalMetric& metric : total_metrics()) {
    if (limit.metric != metric.name) continue;
    const double left = metric.of(a, of_a), right = metric.of(b, of_b);
    if (growth(left, right) > limit.share)
      out.push_back(fmt::format("{}: {} is {} of A ({}), more than {:+g}%", metric.name,
                                si(right, metric.unit), growth_text(left, right),
                                si(left, metric.unit), 100 * limit.share));
  }
}

void check_layers(const Pairs& pairs, const Limit& limit, std::vector<std::string>& out) {
  for (const LayerMetric& metric : layer_metrics()) {
    if (limit.metric != std::string(kPerLayer) + metric.name) continue;
    for (const auto& [a, b] : pairs.both) {
      const double left = metric.of(a), right = metric.of(b);
      if (growth(left, right) > limit.share)
        out.push_back(fmt::format("{}: {} has {} of A, more than {:+g}%", limit.metric, a.name,
                                  growth_text(left, right), 100 * limit.share));
    }
    if (!pairs.only_a.empty() || !pairs.only_b.empty())
      out.push_back(fmt::format("{}: {} layers have no partner of the same name", limit.metric,
                                pairs.only_a.size() + pairs.only_b.size()));
  }
}

}  // namespace

std::vector<std::string> limit_metrics() {
  std::vector<std::string> names;
  for (const TotalMetric& metric : total_metrics()) names.emplace_back(metric.name);
  for (const LayerMetric& metric : layer_metrics())
    names.push_back(std::string(kPerLayer) + metric.name);
  return names;
}

std::vector<std::string> exceeded(const RunResult& a, const RunResult& b,
                                  const std::vector<Limit>& limits) {
  std::vector<std::string> out;
  const Pairs pairs = pairs_of(a, b);
  for (const Limit& limit : limits) {
    check_total(a, b, limit, out);
    check_layers(pairs, limit, out);
  }
  return out;
}

std::string render_comparison(const RunResult& a, const RunResult& b, const TextStyle& style) {
  const Pairs pairs = pairs_of(a, b);
  const std::string layers = layers_text(pairs, style);
  const std::string unmatched =
      unmatched_text("A", pairs.only_a) + unmatched_text("B", pairs.only_b);
  return inputs_text(a, b) + "\n" + totals_text(a, b, style) + (layers.empty() ? "" : "\n") +
         layers + (unmatched.empty() ? "" : "\n") + unmatched;
}

}  // namespace chasm
