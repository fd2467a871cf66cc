#include "sim/sweep/sweep_check.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "base/files.h"
#include "base/fingerprint.h"
#include "base/suggest.h"
#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "models/arch/document_edit.h"
#include "models/energy/energy_table.h"
#include "sim/sweep/figures.h"
#include "sim/sweep/sweep_points.h"

namespace chasm {
namespace {

constexpr std::size_t kMostAxes = 1000;

// What is written at a place of the sweep's file.
struct Written {
  std::string pointer;
  Json value;
};

class Checker {
 public:
  Checker(SweepSpec& spec, const Json& schema, Diagnostics& out)
      : spec_(spec), schema_(schema), out_(out) {}

  void check() {
    if (!check_alone()) return;
    load_inputs();
    paths_exist();
  }
  // Returns false where there is too much to go on.
  bool check_alone() {
    if (spec_.axes.size() > kMostAxes) {
      error(is_list() ? "/points" : "/axes",
            fmt::format("{} parameters are varied; at most {} are allowed", spec_.axes.size(),
                        kMostAxes));
      return false;
    }
    axes_or_points();
    for (std::size_t i = 0; i < spec_.axes.size(); ++i) axis(i);
    names_are_unique();
    sampling();
    figures();
    return true;
  }

 private:
  void error(const std::string& pointer, const std::string& message, const std::string& hint = {}) {
    out_.error(spec_.document.file, pointer, message, hint);
  }
  bool is_list() const { return spec_.sampling == Sampling::list; }
  // Where the file speaks of a path of the axis: the first point of a list that does.
  std::string pointer_of(std::size_t axis_index, std::size_t path_index) const;
  // Everything that the file sets this path to.
  std::vector<Written> written_for(const std::string& path) const;

  void axes_or_points();
  void axis(std::size_t);
  void range(const SweepAxis&, const std::string& pointer);
  void path(const std::string&, const std::string& pointer);
  void names_are_unique();
  void sampling();
  void figures();
  void figure(const std::string& name, const std::string& pointer);
  void load_inputs();
  template <class Load>
  std::map<std::string, Json> load_all(const std::string& base, const char* path, const Load&);
  void paths_exist();
  void option_values();
  void key_exists(const std::map<std::string, Json>& documents, const char* what,
                  const std::string& key, const std::string& pointer);

  SweepSpec& spec_;
  const Json& schema_;
  Diagnostics& out_;
  std::map<std::string, Json> archs_, workloads_;  // full documents by name
};

std::string Checker::pointer_of(std::size_t axis_index, std::size_t path_index) const {
  const SweepAxis& axis = spec_.axes[axis_index];
  if (!is_list())
    return fmt::format("/axes/{}/path{}", axis_index,
                       axis.paths.size() > 1 ? fmt::format("/{}", path_index) : "");
  for (std::size_t i = 0; i < spec_.list.size(); ++i)
    if (spec_.list[i].contains(axis.paths.front()))
      return child_pointer(fmt::format("/points/{}", i), axis.paths.front());
  return "/points";
}

std::vector<Written> Checker::written_for(const std::string& wanted) const {
  std::vector<Written> all;
  for (std::size_t i = 0; !is_list() && i < spec_.axes.size(); ++i) {
    const SweepAxis& axis = spec_.axes[i];
    if (std::find(axis.paths.begin(), axis.paths.end(), wanted) == axis.paths.end()) continue;
    for (std::size_t v = 0; v < axis.values.size(); ++v)
      all.push_back({fmt::format("/axes/{}/values/{}", i, v), axis.values[v]});
  }
  for (std::size_t i = 0; i < spec_.list.size(); ++i)
    if (spec_.list[i].contains(wanted))
      all.push_back(
          {child_pointer(fmt::format("/points/{}", i), wanted), spec_.list[i].at(wanted)});
  return all;
}

void Checker::axes_or_points() {
  const Json& root = spec_.document.root;
  if (root.contains("axes") == root.contains("points"))
    error("", root.contains("axes") ? "\"axes\" and \"points\" exclude each other"
                                    : "neither \"axes\" nor \"points\" says what is varied");
  if (is_list() && root.contains("sampling"))
    error("/sampling", "there is nothing to sample: \"points\" lists the points");
}

void Checker::axis(std::size_t index) {
  const SweepAxis& axis = spec_.axes[index];
  const std::string pointer = fmt::format("/axes/{}", index);
  for (std::size_t p = 0; p < axis.paths.size(); ++p) path(axis.paths[p], pointer_of(index, p));
  if (is_list()) return;
  if (axis.values.empty() == !axis.range)
    return error(pointer, axis.range ? "\"values\" and \"range\" exclude each other"
                                     : "neither \"values\" nor \"range\" is given");
  if (axis.range) range(axis, pointer + "/range");
}

void Checker::range(const SweepAxis& axis, const std::string& pointer) {
  const SweepRange& r = *axis.range;
  if (!(r.from < r.to))
    error(pointer, fmt::format("\"from\" ({}) must be below \"to\" ({})", r.from, r.to));
  if (r.log && !(r.from > 0))
    error(pointer + "/from", fmt::format("{} is not above 0, as a \"log\" scale needs", r.from));
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (r.integer && (std::floor(r.from) != r.from || std::floor(r.to) != r.to ||
                    std::abs(r.from) > kExact || std::abs(r.to) > kExact))
    error(pointer, "\"integer\" needs whole ends of at most 2^53");
  if (spec_.sampling == Sampling::grid && r.steps == 0)
    error(pointer, "a range in a grid needs \"steps\"",
          "how many values, the ends included; or list \"values\"");
}

void Checker::path(const std::string& text, const std::string& pointer) {
  const SweepPath parsed = parse_sweep_path(text);
  if (parsed.kind == PathKind::unknown) {
    const std::vector<std::string> heads = {"arch", "workload", "options"};
    const std::string near = nearest_word(text.substr(0, text.find('.')), heads);
    return error(pointer, fmt::format("unknown path \"{}\"", text),
                 near.empty() || near == "options"
                     ? "a path begins with \"arch\", \"workload\" or \"options.\""
                     : fmt::format("did you mean \"{}{}\"?", near,
                                   parsed.key.empty() ? "" : "." + parsed.key));
  }
  if (parsed.kind != PathKind::option) return;
  std::vector<std::string> known;
  const Json& options =
      schema_.at("properties").at("base").at("properties").at("options").at("properties");
  for (const auto& [key, value] : options.items()) known.push_back(key);
  if (std::find(known.begin(), known.end(), parsed.key) == known.end())
    error(pointer, fmt::format("there is no option \"{}\"", parsed.key),
          suggest(parsed.key, known));
}

void Checker::names_are_unique() {
  for (std::size_t i = 0; i < spec_.axes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      if (spec_.axes[i].name == spec_.axes[j].name)
        error(pointer_of(i, 0), fmt::format("\"{}\" is varied twice: also in {}",
                                            spec_.axes[i].name, pointer_of(j, 0)));
  }
}

void Checker::sampling() {
  if (is_list()) {
    if (spec_.list.size() > kMostPoints)
      error("/points",
            fmt::format("has {} points; at most {} are allowed", spec_.list.size(), kMostPoints));
    return;
  }
  const bool grid = spec_.sampling == Sampling::grid;
  if (grid && spec_.draws > 0)
    error("/sampling/points", "the grid has as many points as its axes make");
  if (!grid && spec_.draws == 0) error("/sampling", "\"points\" is missing: how many are drawn");
  if (!out_.ok()) return;
  if (const double points = point_count(spec_); points > static_cast<double>(kMostPoints))
    error("/axes",
          fmt::format("the grid has {:.0f} points; at most {} are allowed", points, kMostPoints));
}

void Checker::figure(const std::string& name, const std::string& pointer) {
  std::vector<std::string> known = figure_names();
  known.push_back("power_w");
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  const std::string near = nearest_word(name, known);
  error(pointer, fmt::format("there is no figure \"{}\"", name),
        near.empty() ? "figures are pes, area_mm2, power_w and the totals of a result"
                     : fmt::format("did you mean \"{}\"?", near));
}

void Checker::figures() {
  const Json& root = spec_.document.root;
  for (const SweepConstraint& c : spec_.constraints) {
    const std::string written =
        root.at("constraints").contains(c.figure) ? c.figure : std::string("power_w");
    figure(written, child_pointer("/constraints", written));
    if (c.min && c.max && *c.min > *c.max)
      error(child_pointer("/constraints", written),
            fmt::format("\"min\" ({}) is above \"max\" ({})", *c.min, *c.max));
  }
  for (std::size_t i = 0; root.contains("objectives") && i < spec_.objectives.size(); ++i)
    figure(spec_.objectives[i].figure, fmt::format("/objectives/{}", i));
}

// The documents of the base and of every value that stands in its place; none if one is missing.
template <class Load>
std::map<std::string, Json> Checker::load_all(const std::string& base, const char* path,
                                              const Load& load) {
  std::vector<Written> all = {{fmt::format("/base/{}", path), base}};
  for (Written& written : written_for(path)) all.push_back(std::move(written));
  std::map<std::string, Json> documents;
  for (const Written& written : all) {
    if (!written.value.is_string()) {
      error(written.pointer, "is not the name or path of a document");
      continue;
    }
    const std::string name = written.value.get<std::string>();
    if (documents.contains(name)) continue;
    Diagnostics problems;
    std::optional<Json> document = load(name, problems);
    for (const Diagnostic& d : problems.all()) {
      if (d.severity == Diagnostic::Severity::warning) continue;
      if (d.file.empty())
        error(written.pointer, d.message, d.hint);
      else
        out_.error(d.file, d.pointer, d.message, d.hint);
    }
    if (document && problems.ok()) documents[name] = std::move(*document);
  }
  for (const Written& written : all)
    if (!written.value.is_string() || !documents.contains(written.value.get<std::string>()))
      return {};
  return documents;
}

void Checker::load_inputs() {
  archs_ = load_all(spec_.arch, "arch", [&](const std::string& name, Diagnostics& problems) {
    std::optional<Document> document = load_arch_document(spec_.arch_place(name), {}, problems);
    return document ? std::optional(std::move(document->root)) : std::nullopt;
  });
  workloads_ =
      load_all(spec_.workload, "workload", [&](const std::string& name, Diagnostics& problems) {
        std::optional<Document> document = load_changeable_network(spec_, name, problems);
        if (document) read_network(*document, problems);
        return document ? std::optional(std::move(document->root)) : std::nullopt;
      });
  std::vector<Written> mappings = written_for("options.mapping");
  if (spec_.options.contains("mapping"))
    mappings.push_back({"/base/options/mapping", spec_.options.at("mapping")});
  std::string bytes;
  for (const Written& mapping : mappings)
    if (mapping.value.is_string())
      bytes += read_file(spec_.file_place(mapping.value.get<std::string>()), out_).value_or("");
  for (const auto* documents : {&archs_, &workloads_})
    for (const auto& [name, document] : *documents) {
      bytes += name + "\n" + document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
      const std::string table = document.value("energy_table", "");
      if (!table.empty() && energy_table_text(table).empty())
        bytes += read_file(table, out_).value_or("");
    }
  spec_.inputs_hash = fnv1a64(bytes);
}

// A key must exist in one of the documents that points start from, if they are known.
void Checker::key_exists(const std::map<std::string, Json>& documents, const char* what,
                         const std::string& key, const std::string& pointer) {
  Diagnostics first;
  for (const auto& [name, document] : documents) {
    Json copy = document;
    Diagnostics problems;
    if (!apply_override(copy, {key, "0"}, problems, what).empty()) return;
    if (first.ok()) first = problems;
  }
  for (const Diagnostic& d : first.all()) error(pointer, d.message, d.hint);
}

void Checker::paths_exist() {
  const auto exists = [&](const std::string& text, const std::string& pointer) {
    const SweepPath parsed = parse_sweep_path(text);
    if (parsed.kind == PathKind::arch_key)
      key_exists(archs_, "the architecture", parsed.key, pointer);
    if (parsed.kind == PathKind::workload_key)
      key_exists(workloads_, "the network", parsed.key, pointer);
  };
  for (const auto& [key, value] : spec_.set.items())
    exists("arch." + key, child_pointer("/base/set", key));
  for (std::size_t i = 0; i < spec_.axes.size(); ++i)
    for (std::size_t p = 0; p < spec_.axes[i].paths.size(); ++p)
      exists(spec_.axes[i].paths[p], pointer_of(i, p));
  option_values();
}

void Checker::option_values() {
  const Json& options =
      schema_.at("properties").at("base").at("properties").at("options").at("properties");
  for (const auto& [key, rule] : options.items())
    for (const Written& written : written_for("options." + key)) {
      Diagnostics problems;
      validate_schema(written.value, spec_.document.file, rule, problems);
      for (const Diagnostic& d : problems.all()) error(written.pointer, d.message, d.hint);
    }
}

}  // namespace

void check_sweep(SweepSpec& spec, const Json& schema, Diagnostics& diagnostics) {
  Checker(spec, schema, diagnostics).check();
}

void check_sweep_alone(SweepSpec& spec, const Json& schema, Diagnostics& diagnostics) {
  Checker(spec, schema, diagnostics).check_alone();
}

}  // namespace chasm
