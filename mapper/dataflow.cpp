#include "mapper/dataflow.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "base/units.h"

namespace chasm {
namespace {

const char* name_of(Level level) {
  static constexpr std::array kLevelNames = {"in a PE", "on the columns", "on the rows",
                                             "in the buffer", "at DRAM level"};
  return kLevelNames[static_cast<std::size_t>(level)];
}

std::optional<Operand> stationary(LoopDataflow dataflow) {
  switch (dataflow) {
    case LoopDataflow::ws:
      return Operand::weight;
    case LoopDataflow::os:
      return Operand::output;
    case LoopDataflow::is:
      return Operand::input;
    default:
      return std::nullopt;
  }
}

class Demands {
 public:
  explicit Demands(const Operation& operation) : operation_(operation) {}

  void whole_in_rf(Dim d) { add({Demand::Kind::whole_in_rf, d}); }
  void whole_on_array(Dim d) { add({Demand::Kind::whole_on_array, d}); }
  void absent(std::initializer_list<Dim> dims, Level level) {
    for (const Dim d : dims) add({Demand::Kind::absent, d, level});
  }
  void not_on_array(std::initializer_list<Dim> dims) {
    absent(dims, Level::x);
    absent(dims, Level::y);
  }
  // All that uses of the stationary operand is done before its tile leaves the buffer.
  void reuse_in_buffer(Operand operand) {
    const TensorAccess& access = operation_.of(operand);
    for (const Dim d : kAllDims)
      if (access.used && !access.depends_on(d)) add({Demand::Kind::absent, d, Level::dram});
  }
  std::vector<Demand> all() { return std::move(all_); }

 private:
  void add(const Demand& demand) {
    // The row and the passes of a row operation are no channels and no kernel.
    const bool row = operation_.is_row_op() && (demand.dim == Dim::C || demand.dim == Dim::R);
    if (operation_.bounds[demand.dim] > 1 && !row) all_.push_back(demand);
  }

  const Operation& operation_;
  std::vector<Demand> all_;
};

}  // namespace

const std::vector<std::string>& loop_dataflow_names() {
  static const std::vector<std::string> names = {"free", "rs", "ws", "os", "is"};
  return names;
}

const char* to_string(LoopDataflow dataflow) {
  return loop_dataflow_names()[static_cast<std::size_t>(dataflow)].c_str();
}

std::optional<LoopDataflow> loop_dataflow_from(std::string_view text) {
  const std::vector<std::string>& names = loop_dataflow_names();
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<LoopDataflow>(found - names.begin());
}

void Demand::apply(SpaceRules& rules, const Operation& operation) const {
  switch (kind) {
    case Kind::whole_in_rf:
      rules.at(dim, Level::rf).fixed = operation.bounds[dim];
      return;
    case Kind::whole_on_array:
      rules.factors[dim].spatial = operation.bounds[dim];
      return;
    case Kind::absent:
      rules.at(dim, level).most = 1;
      return;
  }
}

std::string Demand::text() const {
  switch (kind) {
    case Kind::whole_in_rf:
      return fmt::format("{} whole in a PE", letter(dim));
    case Kind::whole_on_array:
      return fmt::format("{} whole on the array", letter(dim));
    default:
      return fmt::format("no {} {}", letter(dim), name_of(level));
  }
}

std::vector<Demand> demands_of(LoopDataflow dataflow, const RowStationary& parameters,
                               const Operation& operation) {
  using enum Dim;
  Demands demands(operation);
  switch (dataflow) {
    case LoopDataflow::free:
      break;
    case LoopDataflow::rs:  // a PE works on one row of a filter and one of outputs
      demands.whole_in_rf(S);
      demands.whole_on_array(R);
      demands.absent({P, Q, N}, Level::rf);
      demands.not_on_array({Q, S, N});
      demands.absent({Q}, Level::dram);
      // The chip itself takes the input channels of one pass at a time.
      if (!parameters.any()) demands.absent({C}, Level::dram);
      break;
    case LoopDataflow::ws:
      demands.whole_on_array(R);
      demands.whole_on_array(S);
      demands.absent({P, Q, N}, Level::rf);
      demands.not_on_array({N});
      demands.reuse_in_buffer(Operand::weight);
      break;
    case LoopDataflow::os:
      demands.whole_in_rf(R);
      demands.whole_in_rf(S);
      demands.absent({N}, Level::rf);
      demands.not_on_array({N});
      demands.reuse_in_buffer(Operand::output);
      break;
    case LoopDataflow::is:
      demands.whole_in_rf(R);
      demands.whole_in_rf(S);
      demands.absent({N}, Level::rf);
      demands.not_on_array({N});
      demands.reuse_in_buffer(Operand::input);
      demands.absent({C}, Level::dram);
      break;
  }
  return demands.all();
}

void order_loops(LoopDataflow dataflow, const Operation& operation, SpaceRules& rules) {
  DimArray<std::uint8_t>& band = rules.buffer.band;
  const auto inside = [&](Dim d) {
    if (band[d] == 0) band[d] = 1;  // not those that have a place already
  };
  if (dataflow == LoopDataflow::rs) inside(Dim::Q);
  const std::optional<Operand> operand = stationary(dataflow);
  if (!operand || !operation.of(*operand).used) return;
  for (const Dim d : kAllDims)
    if (!operation.of(*operand).depends_on(d)) inside(d);
}

void RowStationary::apply(SpaceRules& rules) const {
  if (p) rules.at(Dim::K, Level::rf).fixed = p;
  if (q) rules.at(Dim::C, Level::rf).fixed = q;
  if (t) rules.factors[Dim::K].spatial = t;
  if (r) rules.factors[Dim::C].spatial = r;
  if (e) rules.factors[Dim::P].spatial = e;
  if (m) rules.at(Dim::K, Level::buffer).fixed = ceil_div(*m, p.value_or(1) * t.value_or(1));
  if (n) rules.at(Dim::N, Level::buffer).fixed = n;
}

}  // namespace chasm
