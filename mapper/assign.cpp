#include "mapper/assign.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/units.h"

namespace chasm {
namespace {

std::string list_chunks(const ArchSpec& arch) {
  std::string text;
  for (const ChunkSpec& chunk : arch.chunks) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", chunk.name, chunk.arithmetics());
  }
  return text.empty() ? "none" : text;
}

}  // namespace

std::optional<std::vector<std::uint32_t>> assign_chunks(const ArchSpec& arch,
                                                        const Network& network,
                                                        Diagnostics& diagnostics) {
  std::vector<std::uint32_t> chunks;
  std::vector<std::uint64_t> load(arch.chunks.size(), 0);
  bool complete = true;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    std::optional<std::size_t> best;
    for (std::size_t c = 0; c < arch.chunks.size(); ++c) {
      if (!arch.chunks[c].runs(layer.arithmetic)) continue;
      // load / PEs, compared without a division
      if (!best || load[c] * arch.chunks[*best].pes() < load[*best] * arch.chunks[c].pes())
        best = c;
    }
    if (!best) {
      complete = false;
      diagnostics.infeasible(
          network.name, fmt::format("/layers/{}", l),
          fmt::format("layer {} ({}, arithmetic {}) can run on no chunk of {}; its chunks: {}",
                      layer.name, to_string(layer.type), to_string(layer.arithmetic), arch.name,
                      list_chunks(arch)),
          layer.arithmetic == Arithmetic::none
              ? "add a chunk of arithmetic \"vector\""
              : fmt::format("add a chunk of arithmetic \"{}\"", to_string(layer.arithmetic)));
      continue;
    }
    load[*best] += ceil_div(std::max(layer.operations, layer.out_shape.size()),
                            arch.chunks[*best].lane_operations(layer.arithmetic));
    chunks.push_back(static_cast<std::uint32_t>(*best));
  }
  if (!complete) return std::nullopt;
  return chunks;
}

}  // namespace chasm
