// The rows of a sweep together: what is common to every view of them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/sweep/sweep_log.h"
#include "sim/sweep/sweep_spec.h"

namespace chasm {

struct SweepResult {
  SweepSpec spec;
  std::vector<Json> rows;  // in the order of their indices
  SweepShard shard;

  std::vector<std::size_t> front;  // positions in `rows` of the Pareto front, best first objective
                                   // first
};

// With its front.
SweepResult make_result(SweepSpec, const std::map<std::size_t, Json>& rows, const SweepShard&);

// Positions of the rows with status ok that no other one dominates: is at least as good in every
// objective, and better in one. Rows without a figure of an objective are left out.
std::vector<std::size_t> pareto_front(const std::vector<Json>& rows,
                                      const std::vector<SweepObjective>&);

// "20 ok, 3 violates, 1 timeout": statuses that occur, in the order of their declaration.
std::string status_counts(const std::vector<Json>& rows);

// "energy" of energy_j; the figure with its unit; as a page shows it; a round one, as short as can
// be.
std::string figure_title(const std::string& figure);
std::string figure_text(const std::string& figure, double value);
std::string figure_html(const std::string& figure, double value);
std::string figure_tick(const std::string& figure, double value);
// A parameter's value as tables show it: text without quotes, "-" where there is none.
std::string value_text(const Json& parameters, const std::string& name);
// "buffer_bytes=32768, banks=4"
std::string parameters_text(const Json& row);

}  // namespace chasm
