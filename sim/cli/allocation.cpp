#include "sim/cli/allocation.h"

#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/check.h"
#include "models/program/loops_line.h"
#include "mapper/allocate.h"
#include "mapper/assign.h"
#include "mapper/chunk_cost.h"
#include "mapper/combinations.h"
#include "sim/cli/judged_allocation.h"
#include "sim/report/csv.h"
#include "sim/report/quantity.h"

namespace chasm {
namespace {

using Align = TextTable::Align;
constexpr std::uint64_t kEvaluations = 20'000;  // of an operation and dataflow, unless said

std::vector<std::uint32_t> assigned(const Inputs& inputs) {
  Diagnostics problems;
  const auto chunks = assign_chunks(inputs.arch, inputs.network, problems);
  if (!chunks) throw Error(exit_code(problems), problems);
  return *chunks;
}

// What competes for the area; the energy table must know areas.
std::vector<PeDemand> demands_of(const Inputs& inputs, const std::vector<std::uint32_t>& chunks) {
  Diagnostics problems;
  const auto table = load_energy_table(inputs.arch.energy_table, problems);
  if (!table) throw Error(ExitCode::invalid_input, problems);
  const auto demands = pe_demands(inputs.arch, inputs.network, chunks, *table);
  if (!demands)
    problems.error(inputs.arch.energy_table, "/area",
                   "PEs cannot be allocated: the table has no areas of all parts",
                   "energy_table \"cmos45-physical\" has them");
  else if (demands->empty())
    problems.infeasible(inputs.network.name, "/layers", "no layer has operations for the PEs");
  if (!problems.ok()) throw Error(exit_code(problems), problems);
  return *demands;
}

std::string allocation_table(const ArchSpec& before, const ArchSpec& after,
                             const std::vector<PeDemand>& demands, const TextStyle& style) {
  TextTable table({{"chunk"},
                   {"operations", Align::right},
                   {"a PE", Align::right},
                   {"PEs before", Align::right},
                   {"now", Align::right},
                   {"area", Align::right}});
  for (const PeDemand& demand : demands) {
    const ChunkSpec &old = before.chunks[demand.chunk], &now = after.chunks[demand.chunk];
    table.add_row({now.name, si(demand.operations, ""),
                   fmt::format("{:.0f} um2", demand.pe_mm2 * 1e6),
                   fmt::format("{} = {} x {}", old.pes(), old.rows, old.cols),
                   fmt::format("{} = {} x {}", now.pes(), now.rows, now.cols),
                   fmt::format("{:.4f} mm2", demand.pe_mm2 * static_cast<double>(now.pes()))});
  }
  return table.to_string(style);
}

std::string combination_name(const Combinations& all, const Combination& combination,
                             const ArchSpec& arch) {
  std::string name;
  for (const std::size_t c : combination.choices) {
    const DataflowChoice& choice = all.choices[c];
    if (choice.dataflow == LoopDataflow::free) continue;
    name += fmt::format("{}{}={}", name.empty() ? "" : " ", arch.chunks[choice.chunk].name,
                        to_string(choice.dataflow));
  }
  return name;
}

// The layers that cannot keep to the dataflow of their chunk; empty where all can.
std::string relaxed_table(const Combinations& all, const ArchSpec& arch, const TextStyle& style) {
  TextTable table(
      {{"dataflow"}, {"cannot keep to it", Align::right}, {"the first", Align::left, true}});
  bool any = false;
  for (const DataflowChoice& choice : all.choices) {
    if (choice.relaxed.empty()) continue;
    any = true;
    std::size_t count = 0;
    for (const DataflowChoice::Relaxed& relaxed : choice.relaxed) count += relaxed.layers.size();
    const DataflowChoice::Relaxed& first = choice.relaxed.front();
    table.add_row({fmt::format("{}={}", arch.chunks[choice.chunk].name, to_string(choice.dataflow)),
                   fmt::format("{} of {} layers", count, choice.layers),
                   fmt::format("{} without: {}", first.layers.front(), first.demands)});
  }
  return any ? "\n" + table.to_string(style) : "";
}

std::string why_not(const Combinations& all, const Combination& combination, const ArchSpec& arch) {
  for (const std::size_t c : combination.choices)
    if (!all.choices[c].cost)
      return fmt::format("chunk {}: {}", arch.chunks[all.choices[c].chunk].name,
                         all.choices[c].why);
  return "";
}

}  // namespace

std::string allocate(Inputs& inputs, const std::string& method, double mm2,
                     const MapRequest& request, bool side_by_side, const TextStyle& style) {
  const std::vector<std::uint32_t> chunks = assigned(inputs);
  const std::vector<PeDemand> demands = demands_of(inputs, chunks);
  if (mm2 == 0) mm2 = pe_area_mm2(inputs.arch, demands);
  double least = 0;
  for (const PeDemand& demand : demands) least += demand.pe_mm2;
  if (mm2 < least)
    throw Error(ExitCode::infeasible,
                fmt::format("chasm map: error: one PE for each of the {} chunks takes {:.6f} mm2, "
                            "more than the area of {:.6f} mm2\n",
                            demands.size(), least, mm2));
  const auto machine = [&](const std::vector<std::uint64_t>& pes) {
    return with_pes(inputs.arch, demands, pes);
  };
  std::vector<ArchSpec> machines;  // the best of them is taken
  if (method != "even") machines.push_back(machine(allocate_by_operations(demands, mm2)));
  if (method != "eq8") machines.push_back(machine(allocate_evenly(demands, mm2)));
  if (method == "cost") {
    const Balance balance{request.options.objective, side_by_side, request.jobs};
    machines.push_back(machine(allocate_by_cost(
        inputs.arch, map_jobs(inputs.arch, inputs.network, chunks), demands, mm2, balance)));
  }
  const ArchSpec before = inputs.arch;
  inputs.arch = machines.size() == 1
                    ? machines.front()
                    : machines[best_machine(inputs, machines, request, side_by_side)];
  return allocation_table(before, inputs.arch, demands, style);
}

std::string combinations_table(const Inputs& inputs, const MapRequest& request,
                               const TextStyle& style) {
  const std::vector<std::uint32_t> chunks = assigned(inputs);
  const std::vector<MapJob> jobs = map_jobs(inputs.arch, inputs.network, chunks);
  const std::uint64_t share =
      inputs.arch.global_buffer.capacity_bytes / std::set(chunks.begin(), chunks.end()).size();
  SearchOptions options;
  options.objective = request.options.objective;
  options.method = request.options.method;
  options.budget = request.options.budget;
  if (!options.budget.evaluations && !options.budget.seconds)
    options.budget.evaluations = kEvaluations;
  options.seed = request.options.seed;
  const Combinations all = all_combinations(
      inputs.arch, jobs, std::vector<std::uint64_t>(inputs.arch.chunks.size(), share), options,
      request.jobs);
  TextTable table({{"dataflows"},
                   {"slowest chunk", Align::right},
                   {"energy", Align::right},
                   {"EDP", Align::right},
                   {"", Align::left, true}});
  for (const Combination& combination : all.all) {
    const std::string name = combination_name(all, combination, inputs.arch);
    if (!combination.cycles) {
      table.add_row({name, "-", "-", "-", why_not(all, combination, inputs.arch)});
      continue;
    }
    const double seconds = *combination.cycles / static_cast<double>(inputs.arch.clock_hz);
    const double joules = *combination.energy * 1e-12;
    table.add_row({name, grouped(static_cast<std::uint64_t>(*combination.cycles + 0.5)),
                   si(joules, "J"), fmt::format("{:.4e} Js", seconds * joules), ""});
  }
  return table.to_string(style) + relaxed_table(all, inputs.arch, style);
}

std::string fronts_csv(const Inputs& inputs, MapRequest request, bool side_by_side) {
  request.options.pareto = true;
  request.verify = 1;
  const MappedNetwork mapped = find_mapping(inputs, inputs.arch, request, side_by_side);
  CsvTable table({"layers", "chunk", "cycles", "energy_pj", "edp_js", "mapping"});
  for (const MappedJob& job : mapped.jobs) {
    for (const Candidate& candidate : job.result.pareto) {
      Program prototype = job.prototype;
      prototype.bypass_buffer = candidate.bypass;
      const Cost& cost = candidate.cost;
      const double seconds = cost.cycles / static_cast<double>(inputs.arch.clock_hz);
      table.add_row({csv_field(fmt::format("{}", fmt::join(job.names, " "))),
                     csv_field(inputs.arch.chunks[job.chunk].name), csv_field(cost.cycles),
                     csv_field(cost.energy), csv_field(seconds * cost.energy * 1e-12),
                     csv_field(loops_line(to_program(prototype, candidate.nest)))});
    }
  }
  return table.text();
}

}  // namespace chasm
