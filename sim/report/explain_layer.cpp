#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/printable.h"
#include "base/suggest.h"
#include "sim/report/explain.h"
#include "sim/report/quantity.h"
#include "sim/report/roofline.h"
#include "sim/report/run_totals.h"

namespace chasm {
namespace {

constexpr auto kRight = TextTable::Align::right;
constexpr double kBurstBytes = 64;

const char* meaning(Cause cause) {
  switch (cause) {
    case Cause::busy:
      return "the PEs computed";
    case Cause::wait_input:
      return "inputs were still on their way from the buffer (or FIFO) to the register files";
    case Cause::wait_weight:
      return "the same of weights, or of the second operand";
    case Cause::wait_psum:
      return "partial sums were being read back";
    case Cause::wait_output:
      return "finished sums had not left the register files";
    case Cause::wait_dram:
      return "a tile was not on chip yet, or results still moved to the DRAM";
    case Cause::wait_dependency:
      return "another layer had to end first";
    case Cause::ramp:
      return "configuration, the first fill and the last drain";
    case Cause::idle:
      return "nothing was left to do";
  }
  return "";
}

double buffer_bytes(const LayerResult& layer) {
  double bits = 0;
  for (std::size_t k = 0; k < kWordKinds; ++k) {
    const ReadsWrites& words = layer.activity.buffer.values[k];
    bits += static_cast<double>(words.reads + words.writes) * layer.widths.stored.values[k];
  }
  return bits / 8;
}

double dram_bytes(const LayerResult& layer) {
  return kBurstBytes *
         static_cast<double>(layer.activity.dram_read_bursts + layer.activity.dram_write_bursts);
}

const ChunkSpec* chunk_named(const ArchSpec& arch, const std::string& name) {
  for (const ChunkSpec& chunk : arch.chunks)
    if (chunk.name == name) return &chunk;
  return nullptr;
}

// The buses of a chunk: what they are called, what went over them, how wide they are.
struct Bus {
  const char* name;
  const char* key;  // of bus_words_per_cycle
  std::uint64_t words;
  std::uint32_t width;
  double bits;  // of a word
  bool bypass;  // it does not take the words from a port of the buffer
};

std::vector<Bus> buses_of(const LayerResult& layer, const ChunkSpec& chunk) {
  const auto& words = layer.activity.bus_words;
  const auto& width = chunk.bus_words_per_cycle;
  // What is drained unfinished is read back once (docs/microarchitecture.md, section 1): half of
  // the partial sums went each way. Of two widths on one bus the narrower bounds it.
  const std::uint64_t back = words[WordKind::psum] / 2;
  const auto& bits = layer.widths.stored;
  // Mappings choose what goes past the buffer.
  const auto past = [&](WordKind kind) { return layer.activity.buffer[kind].reads == 0; };
  return {{"input bus", "input", words[WordKind::input], width.input, double(bits[WordKind::input]),
           past(WordKind::input)},
          {"weight bus", "weight", words[WordKind::weight], width.weight,
           double(bits[WordKind::weight]), past(WordKind::weight)},
          {"psum_in bus", "psum_in", back, width.psum_in, double(bits[WordKind::psum]), false},
          {"output bus", "output", words[WordKind::output] + words[WordKind::psum] - back,
           width.output, double(std::min(bits[WordKind::output], bits[WordKind::psum])), false}};
}

std::string head(const RunResult& run, const LayerResult& layer, const TextStyle& style) {
  const auto cycles = static_cast<double>(layer.cycles());
  std::string text = toned(layer.name, Tone::strong, style);
  text += printable_line(fmt::format(" ({}, {}) on {}: {} cycles", layer.type, layer.arithmetic,
                                     layer.chunk, grouped(layer.cycles())));
  if (run.images > 1) text += fmt::format(" over {} images", run.images);
  if (run.cycles > 0)
    text += fmt::format(", {} of the run", percent(cycles / static_cast<double>(run.cycles)));
  const std::uint64_t gated = layer.activity.gated_operations;
  const std::string of_them =
      gated > 0 ? fmt::format(" ({} gated: their input is zero)", grouped(gated)) : "";
  return text + fmt::format("\n{} operations{}, PE utilization {}, {}\nmapping: {}\n\n",
                            grouped(layer.operations), of_them, percent(layer.pe_utilization()),
                            si(layer.energy_pj * 1e-12, "J"), printable_line(layer.mapping));
}

std::string causes_text(const LayerResult& layer, const TextStyle& style) {
  TextTable table({{"where the cycles went"}, {"cycles", kRight}, {"share", kRight}, {"because"}});
  for (std::size_t c = 0; c < kCauses; ++c) {
    const std::uint64_t cycles = layer.cycles_by_cause[c];
    if (cycles == 0) continue;
    const auto cause = static_cast<Cause>(c);
    table.add_row({to_string(cause), grouped(cycles),
                   percent(static_cast<double>(cycles) / static_cast<double>(layer.cycles())),
                   meaning(cause)});
  }
  return table.to_string(style) + "\n";
}

std::string roofline_text(const RunResult& run, const LayerResult& layer) {
  const Roofline roofline = roofline_of(run);
  for (const RooflinePoint& p : roofline.layers) {
    if (p.name != layer.name || !p.intensity) continue;
    return fmt::format(
        "Roofline: {:.2f} operations a DRAM byte, ridge at {:.2f}; it reaches {} of the roof, "
        "which is {}.\n",
        *p.intensity, roofline.bytes_per_cycle > 0 ? p.peak / roofline.bytes_per_cycle : 0.0,
        percent(p.share_of_roof()),
        p.memory_bound ? "the bandwidth of the DRAM" : "the peak of the PEs");
  }
  return "Roofline: it moves nothing to or from the DRAM; its roof is the peak of the PEs.\n";
}

// More PEs need another mapping, so what they buy is only bounded.
std::string more_pes_text(const LayerResult& layer, const ChunkSpec& chunk) {
  const std::uint64_t busy = layer.cycles_by_cause[static_cast<std::size_t>(Cause::busy)];
  const auto saved = [&](std::uint32_t n) { return busy / (n + 1); };
  return fmt::format(
      "One more row of PEs ({} to {}) saves at most {} cycles (a bound: its share of busy), one "
      "more column ({} to {}) at most {}.\n",
      chunk.rows, chunk.rows + 1, grouped(saved(chunk.rows)), chunk.cols, chunk.cols + 1,
      grouped(saved(chunk.cols)));
}

std::string change_text(std::uint64_t from, std::uint64_t to) {
  if (from == to || from == 0) return "=";
  const double percent = 100 * (static_cast<double>(to) / static_cast<double>(from) - 1);
  return std::fabs(percent) < 0.1 ? fmt::format("{:+.2f}%", percent)
                                  : fmt::format("{:+.1f}%", percent);
}

std::string repeated_text(const LayerResult& layer, const ArchSpec& arch,
                          const std::vector<std::optional<RepeatedCycles>>& repeated,
                          const TextStyle& style) {
  if (repeated.empty() || !repeated.front())
    return repeated.empty() ? "" : "The run could not be repeated.\n";
  const RepeatedCycles base = *repeated.front();
  TextTable table({{"simulated again, same mapping"},
                   {"layer cycles", kRight},
                   {"", kRight},
                   {"run cycles", kRight},
                   {"", kRight}});
  table.add_row({"as it was", grouped(base.layer), "", grouped(base.run), ""});
  const std::vector<WhatIf> changes = what_ifs(layer, arch);
  for (std::size_t i = 0; i < changes.size() && i + 1 < repeated.size(); ++i) {
    const auto& again = repeated[i + 1];
    if (!again)
      table.add_row({changes[i].text, "not possible", "", "", ""});
    else
      table.add_row({changes[i].text, grouped(again->layer), change_text(base.layer, again->layer),
                     grouped(again->run), change_text(base.run, again->run)});
  }
  std::string text = table.to_string(style);
  if (base.layer != layer.cycles())
    text += "This version of the program takes other cycles than the one that made the result.\n";
  return text;
}

}  // namespace

std::vector<Bound> bounds_of(const LayerResult& layer, const ArchSpec& arch,
                             double dram_bytes_per_cycle) {
  std::vector<Bound> bounds;
  const auto add = [&](const std::string& name, const char* unit, double work, double rate) {
    if (work > 0 && rate > 0) bounds.push_back({name, unit, work, rate});
  };
  add("PEs", "operations", static_cast<double>(layer.operations),
      static_cast<double>(layer.peak_operations_per_cycle));
  const auto& buffer = arch.global_buffer;
  if (const ChunkSpec* chunk = chunk_named(arch, layer.chunk))
    for (const Bus& bus : buses_of(layer, *chunk)) {
      // A beat is no wider than a port of the buffer.
      const double port = 8.0 * buffer.word_bytes / std::max(bus.bits, 1.0);
      add(bus.name, "words", static_cast<double>(bus.words),
          bus.bypass ? bus.width : std::min<double>(bus.width, port));
    }
  add("buffer ports", "bytes", buffer_bytes(layer), double(buffer.ports) * buffer.word_bytes);
  add("DRAM", "bytes", dram_bytes(layer), dram_bytes_per_cycle);
  return bounds;
}

std::string bounds_text(const LayerResult& layer, const std::vector<Bound>& bounds,
                        const TextStyle& style) {
  TextTable table({{"what bounds it"},
                   {"work", kRight},
                   {"a cycle", kRight},
                   {"cycles at least", kRight},
                   {"of the layer", kRight}});
  const auto tightest =
      std::max_element(bounds.begin(), bounds.end(),
                       [](const Bound& a, const Bound& b) { return a.cycles() < b.cycles(); });
  for (auto bound = bounds.begin(); bound != bounds.end(); ++bound) {
    const double share = bound->cycles() / static_cast<double>(layer.cycles());
    table.add_row(
        {bound->resource,
         fmt::format("{} {}", grouped(static_cast<std::uint64_t>(bound->work)), bound->work_unit),
         fmt::format("{:.4g}", bound->rate),
         grouped(static_cast<std::uint64_t>(bound->cycles())),
         {percent(share), bound == tightest ? Tone::alert : Tone::plain}});
  }
  std::string text = table.to_string(style);
  if (tightest != bounds.end()) text += fmt::format("The tightest is: {}.\n", tightest->resource);
  return text;
}

std::vector<WhatIf> what_ifs(const LayerResult& layer, const ArchSpec& arch) {
  std::vector<WhatIf> all;
  const auto add = [&](const std::string& what, const std::string& path, auto from, auto to) {
    all.push_back({fmt::format("{} {} to {}", what, from, to), {{path, fmt::format("{}", to)}}});
  };
  const ChunkSpec* chunk = chunk_named(arch, layer.chunk);
  if (chunk == nullptr) return all;
  const std::string base = "chunks." + chunk->name + ".";
  for (const Bus& bus : buses_of(layer, *chunk))
    if (bus.words > 0)
      add(fmt::format("{}, words a cycle:", bus.name), base + "bus_words_per_cycle." + bus.key,
          bus.width, bus.width + 1);
  const auto& buffer = arch.global_buffer;
  if (buffer_bytes(layer) > 0) {
    add("buffer ports:", "global_buffer.ports", buffer.ports, buffer.ports + 1);
    add("bytes of a port:", "global_buffer.word_bytes", buffer.word_bytes, 2 * buffer.word_bytes);
  }
  if (dram_bytes(layer) <= 0) return all;
  add("DMA lines in flight:", base + "dma_outstanding", chunk->dma_outstanding,
      2 * chunk->dma_outstanding);
  if (arch.dram.is_ideal())
    add("DRAM bytes a cycle:", "dram.bandwidth_bytes_per_cycle",
        arch.dram.bandwidth_bytes_per_cycle, arch.dram.bandwidth_bytes_per_cycle + 1);
  else
    add("DRAM channels:", "dram.channels", arch.dram.channels, 2 * arch.dram.channels);
  return all;
}

std::optional<LayerResult> layer_named(const RunResult& run, const std::string& name,
                                       Diagnostics& problems) {
  std::vector<std::string> names;
  for (const LayerResult& layer : layers_over_images(run)) {
    if (layer.name == name) return layer;
    names.push_back(layer.name);
  }
  problems.error("", "", fmt::format("the result has no layer \"{}\"", name), suggest(name, names));
  return std::nullopt;
}

std::string explain_layer(const RunResult& run, const LayerResult& layer, const ArchSpec& arch,
                          const std::vector<std::optional<RepeatedCycles>>& repeated,
                          const TextStyle& style) {
  std::string text = head(run, layer, style);
  if (layer.cycles() == 0) return text;
  const double bandwidth = roofline_of(run).bytes_per_cycle;
  text += causes_text(layer, style) + bounds_text(layer, bounds_of(layer, arch, bandwidth), style) +
          roofline_text(run, layer);
  if (const ChunkSpec* chunk = chunk_named(arch, layer.chunk)) text += more_pes_text(layer, *chunk);
  text += "\n" + layer_energy_text(run, layer, arch, style);
  const std::string again = repeated_text(layer, arch, repeated, style);
  return text + (again.empty() ? "" : "\n") + again;
}

}  // namespace chasm
