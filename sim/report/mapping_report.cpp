#include "sim/report/mapping_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/report/quantity.h"

namespace chasm {
namespace {

using Cell = TextTable::Cell;
constexpr auto kRight = TextTable::Align::right;
constexpr std::array kKinds = {WordKind::input, WordKind::weight, WordKind::psum, WordKind::output};

std::string loops_text(const std::vector<Loop>& loops) {
  std::string text;
  for (const Loop& loop : loops)
    if (loop.trips > 1)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", letter(loop.dim), loop.trips);
  return text.empty() ? "-" : text;
}

std::string bounds_text(const Operation& operation) {
  std::string text;
  for (const Dim d : kAllDims)
    if (operation.bounds[d] > 1)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", letter(d), operation.bounds[d]);
  return text.empty() ? "a single iteration" : text;
}

std::string nest_table(const Program& program, std::uint64_t pes,
                       const MappingExplanation& explained, const TextStyle& style) {
  TextTable table({{"level"}, {"loops, outermost first"}, {"makes"}});
  table.add_row({"DRAM", loops_text(program.dram),
                 fmt::format("{} buffer tiles", grouped(explained.dram_iterations))});
  table.add_row({"buffer", loops_text(program.buffer),
                 fmt::format("{} steps in all", grouped(explained.steps))});
  table.add_row({"columns", loops_text(program.spatial_x), ""});
  table.add_row({"rows", loops_text(program.spatial_y),
                 fmt::format("{} of {} PEs at work", grouped(explained.pes_used), grouped(pes))});
  table.add_row({"PE", loops_text(program.rf), ""});
  return table.to_string(style);
}

std::string tile_table(const MappingExplanation& explained, const TextStyle& style) {
  TextTable table({{"words of a tile"},
                   {"PE", kRight},
                   {"array", kRight},
                   {"buffer", kRight},
                   {"bytes in the buffer", kRight},
                   {"tensor", kRight}});
  for (const Operand operand : kAllOperands) {
    const auto& tiles = explained.tiles[static_cast<std::size_t>(operand)];
    if (!tiles.used) continue;
    const bool stored = tiles.buffer_tiles > 0;
    table.add_row({to_string(operand), grouped(tiles.pe_words), grouped(tiles.array_words),
                   stored                  ? grouped(tiles.buffer_words)
                   : tiles.bypasses_buffer ? "bypasses"
                                           : "-",
                   stored ? fmt::format("{} in {} tile{}", grouped(tiles.buffer_bytes),
                                        tiles.buffer_tiles, tiles.buffer_tiles == 1 ? "" : "s")
                          : "-",
                   grouped(tiles.tensor_words)});
  }
  return table.to_string(style);
}

std::string word_table(const Activity& activity, const TextStyle& style) {
  TextTable table({{"words moved"},
                   {"DRAM read", kRight},
                   {"written", kRight},
                   {"buffer read", kRight},
                   {"written", kRight},
                   {"bus", kRight},
                   {"PE files read", kRight},
                   {"written", kRight}});
  for (const WordKind kind : kKinds) {
    const auto& [dram, buffer] = std::pair(activity.dram[kind], activity.buffer[kind]);
    const ReadsWrites& files = activity.register_file[kind];
    if (dram.reads + dram.writes + buffer.reads + buffer.writes + files.reads + files.writes == 0)
      continue;
    table.add_row({to_string(kind), grouped(dram.reads), grouped(dram.writes),
                   grouped(buffer.reads), grouped(buffer.writes), grouped(activity.bus_words[kind]),
                   grouped(files.reads), grouped(files.writes)});
  }
  return table.to_string(style);
}

std::string ratio(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.2f}", static_cast<double>(part) / static_cast<double>(whole));
}

std::string reuse_table(const MappingExplanation& explained, const TextStyle& style) {
  const Activity& activity = explained.activity;
  TextTable table({{"reuse"},
                   {"from DRAM", kRight},
                   {"on the bus, a word from DRAM", kRight},
                   {"PEs, a word on the bus", kRight},
                   {"uses, a word in a PE", kRight}});
  for (const WordKind kind : {WordKind::input, WordKind::weight}) {
    const auto& tiles = explained.tiles[static_cast<std::size_t>(kind)];
    if (!tiles.used) continue;
    const std::uint64_t dram = activity.dram[kind].reads, bus = activity.bus_words[kind];
    const ReadsWrites& files = activity.register_file[kind];
    table.add_row({to_string(kind), ratio(dram, tiles.tensor_words) + " x", ratio(bus, dram) + " x",
                   ratio(activity.bus_receivers[kind], bus), ratio(files.reads, files.writes)});
  }
  return table.to_string(style);
}

std::string times(double factor) { return fmt::format("x {:.3f}", factor); }

// The two figures that exceed those of the chosen mapping most.
std::string more_of(const Cost& other, const Cost& chosen) {
  const auto words = [](const Cost& cost, std::size_t o) { return cost.bus_words[o]; };
  std::vector<std::pair<double, std::string>> excess;
  const auto compare = [&](const std::string& name, double theirs, double ours) {
    if (theirs > ours * 1.001 && ours > 0)
      excess.emplace_back(theirs / ours, fmt::format("{} {}", name, times(theirs / ours)));
  };
  compare("issue cycles", other.issue_cycles, chosen.issue_cycles);
  compare("input words on the bus", words(other, 0), words(chosen, 0));
  compare("weight words on the bus", words(other, 1), words(chosen, 1));
  compare("drained words", words(other, 2), words(chosen, 2));
  compare("DRAM lines", other.dram_lines(), chosen.dram_lines());
  compare("steps", other.steps, chosen.steps);
  std::stable_sort(excess.begin(), excess.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (excess.empty()) return "waiting: less overlaps";
  return excess.size() == 1 ? excess[0].second : excess[0].second + ", " + excess[1].second;
}

}  // namespace

std::string render_runners_up(const Cost& chosen, const std::vector<RunnerUp>& others,
                              const TextStyle& style) {
  TextTable table({{"runners-up (cost model)", TextTable::Align::left, true},
                   {"cycles", kRight},
                   {"energy", kRight},
                   {"EDP", kRight},
                   {"takes more of"}});
  for (const RunnerUp& other : others) {
    const double cycles = other.cost.cycles / chosen.cycles;
    const double energy = other.cost.energy / chosen.energy;
    if (cycles == 1 && energy == 1) continue;
    table.add_row({other.loops, times(cycles), times(energy), times(cycles * energy),
                   more_of(other.cost, chosen)});
  }
  return table.empty() ? "" : table.to_string(style);
}

std::string render_mapping(const Program& program, const std::string& chunk, std::uint64_t pes,
                           const MappingExplanation& explained, const TextStyle& style) {
  std::string text =
      toned(program.operation.name, Tone::strong, style) +
      fmt::format(" on {}: {}; {} operations\n\n", chunk, bounds_text(program.operation),
                  grouped(program.operation.iterations()));
  for (const std::string& table :
       {nest_table(program, pes, explained, style), tile_table(explained, style),
        word_table(explained.activity, style), reuse_table(explained, style)})
    text += table + "\n";
  text.pop_back();
  return text;
}

}  // namespace chasm
