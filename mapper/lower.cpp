#include "mapper/lower.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/suggest.h"
#include "models/program/verify_memory.h"
#include "mapper/build_program.h"
#include "mapper/dram_fit.h"

namespace chasm {
namespace {

class Lowering {
 public:
  Lowering(const ArchSpec& arch, const Network& network, const Mapping& mapping,
           const std::string& file, std::uint64_t images, Diagnostics& diagnostics)
      : arch_(arch),
        network_(network),
        mapping_(mapping),
        file_(file),
        images_(images),
        diagnostics_(diagnostics) {}

  std::optional<Lowered> run() {
    const std::size_t before = diagnostics_.error_count();
    collect_operations();
    report_unknown_layers();
    for (std::size_t i = 0; i < operations_.size(); ++i) choose_chunk(i);
    if (diagnostics_.error_count() != before) return std::nullopt;
    for (std::size_t i = 0; i < operations_.size(); ++i)
      operations_[i] = operation_on(arch_.chunks[chunks_[i]], operations_[i]);
    lowered_.quantization = plan_quantization(network_, layer_widths());
    for (std::size_t i = 0; i < operations_.size(); ++i) build(i);
    if (diagnostics_.error_count() != before) return std::nullopt;
    place();
    if (!check_dram_capacity(arch_, lowered_.dram_bytes, images_, diagnostics_))
      return std::nullopt;
    check_places();
    return std::move(lowered_);
  }

 private:
  void collect_operations() {
    for (std::size_t l = 0; l < network_.layers.size(); ++l) {
      for (Operation& operation : operations_of(network_, l))
        operations_.push_back(std::move(operation));
    }
  }

  void report_unknown_layers() {
    std::vector<std::string> names;
    for (const Operation& operation : operations_) names.push_back(operation.name);
    KnownWords known(std::move(names));
    for (const auto& [name, unused] : mapping_.layers) {
      if (known.contains(name)) continue;
      diagnostics_.error(file_, layer_pointer(name),
                         fmt::format("network {} has no layer \"{}\"", network_.name, name),
                         known.suggest(name));
    }
  }

  void choose_chunk(std::size_t i) {
    const Operation& operation = operations_[i];
    const Layer& layer = network_.layers[operation.layer];
    chunks_.push_back(0);
    const auto found = mapping_.layers.find(operation.name);
    if (found == mapping_.layers.end()) {
      diagnostics_.error(file_, "/layers",
                         fmt::format("layer \"{}\" has no mapping", operation.name));
      return;
    }
    const std::string where = layer_pointer(operation.name) + "/chunk";
    std::vector<std::string> names;
    for (const ChunkSpec& chunk : arch_.chunks) names.push_back(chunk.name);
    const auto name = std::find(names.begin(), names.end(), found->second.chunk);
    if (name == names.end()) {
      diagnostics_.error(file_, where,
                         fmt::format("{} has no chunk \"{}\"", arch_.name, found->second.chunk),
                         suggest(found->second.chunk, names));
      return;
    }
    chunks_.back() = static_cast<std::uint32_t>(name - names.begin());
    const ChunkSpec& chunk = arch_.chunks[chunks_.back()];
    if (!chunk.runs(layer.arithmetic)) {
      diagnostics_.error(
          file_, where,
          fmt::format("chunk {} ({}) cannot run layer {} (arithmetic {})", chunk.name,
                      chunk.arithmetics(), layer.name, to_string(layer.arithmetic)));
    } else if (i > 0 && operations_[i - 1].layer == operation.layer &&
               chunks_[i - 1] != chunks_[i]) {
      diagnostics_.error(
          file_, where,
          fmt::format("the parts of layer {} must run on one chunk; {} runs on {}, {} on {}",
                      layer.name, operations_[i - 1].name, arch_.chunks[chunks_[i - 1]].name,
                      operation.name, chunk.name));
    }
  }

  std::vector<LayerWidths> layer_widths() const {
    std::vector<LayerWidths> widths(network_.layers.size());
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      widths[operations_[i].layer] = widths_of(arch_.chunks[chunks_[i]]);
    }
    return widths;
  }

  void build(std::size_t i) {
    const ChunkSpec& chunk = arch_.chunks[chunks_[i]];
    const ProgramLimits limits = limits_of(chunk, arch_.global_buffer);
    const OperationMapping& mapping = mapping_.layers.at(operations_[i].name);
    // The loops are checked before sizes are made of them: build_program must not meet absurd
    // factors.
    LoweredOperation lowered{operations_[i].layer, chunks_[i], {}};
    if (!verify_loops(operations_[i], mapping) || !verify_bypass(operations_[i], mapping, chunk))
      return;
    lowered.program = build_program(operations_[i], chunk, limits, mapping, lowered_.quantization);
    lay_out(lowered.program, arch_.layout, network_);
    gate_zeros(lowered.program, chunk, network_);
    if (verify_program(lowered.program, limits, file_, layer_pointer(operations_[i].name),
                       diagnostics_)) {
      lowered_.operations.push_back(std::move(lowered));
    }
  }

  bool verify_loops(const Operation& operation, const OperationMapping& mapping) {
    Program program;
    program.operation = operation;
    program.dram = mapping.dram;
    program.buffer = mapping.buffer;
    program.spatial_x = mapping.spatial_x;
    program.spatial_y = mapping.spatial_y;
    program.rf = mapping.rf;
    return verify_program_loops(program, file_, layer_pointer(operation.name), diagnostics_);
  }

  bool verify_bypass(const Operation& operation, const OperationMapping& mapping,
                     const ChunkSpec& chunk) {
    const std::array<bool, kOperands> can = bypass_of(chunk);
    bool good = true;
    for (std::size_t o = 0; mapping.bypass && o < kOperands; ++o) {
      if (!(*mapping.bypass)[o] || can[o]) continue;
      good = false;
      diagnostics_.infeasible(file_, layer_pointer(operation.name) + "/buffer/bypass",
                              fmt::format("{}: {} cannot go past the global buffer on chunk {}",
                                          operation.name, to_string(kAllOperands[o]), chunk.name),
                              "bypass_global_buffer of the chunk says what can");
    }
    return good;
  }

  // What is too much for any memory stays so.
  std::uint64_t reserve(std::uint64_t bytes) {
    const std::uint64_t base = lowered_.dram_bytes;
    lowered_.dram_bytes = std::min(base + bytes, kMostDramBytes);
    return base;
  }

  // Weights, then the tensors of the network, then scratch for spilled sums; each from a new line.
  void place() {
    for (LoweredOperation& operation : lowered_.operations) {
      for (std::size_t o = 0; o < kOperands; ++o) {
        const TensorAccess& access = operation.program.operation.access[o];
        Placement& placement = operation.program.placement[o];
        if (access.used && access.is_parameter)
          placement.dram_base = reserve(dram_bytes(access.words, placement.bits));
      }
    }
    for (std::uint32_t t = 0; t < network_.tensor_count(); ++t)
      lowered_.tensor_base.push_back(
          reserve(tensor_dram_bytes(arch_, network_, lowered_.quantization, t)));
    for (LoweredOperation& operation : lowered_.operations) {
      Program& program = operation.program;
      for (std::size_t o = 0; o < kOperands; ++o) {
        const TensorAccess& access = program.operation.access[o];
        if (!access.used || access.is_parameter) continue;
        program.placement[o].dram_base = lowered_.tensor_base[access.tensor];
      }
      if (accumulates_over_steps(program)) {
        const std::uint64_t words = program.operation.of(Operand::output).words;
        program.psum.dram_base =
            reserve(dram_bytes(program.psum.layout.stored_words(words), program.psum.bits));
      }
    }
  }

  // Addresses are ours: a fault here is a bug.
  void check_places() const {
    std::vector<const Program*> programs;
    for (const LoweredOperation& operation : lowered_.operations)
      programs.push_back(&operation.program);
    Diagnostics faults;
    CHECK(verify_memory(programs, network_.name, faults), "{}", faults.to_string());
  }

  const ArchSpec& arch_;
  const Network& network_;
  const Mapping& mapping_;
  const std::string& file_;
  std::uint64_t images_;
  Diagnostics& diagnostics_;
  std::vector<Operation> operations_;
  std::vector<std::uint32_t> chunks_;  // by operation
  Lowered lowered_;
};

}  // namespace

std::optional<Lowered> lower(const ArchSpec& arch, const Network& network, const Mapping& mapping,
                             Diagnostics& diagnostics, const std::string& file,
                             std::uint64_t images) {
  return Lowering(arch, network, mapping, file, images, diagnostics).run();
}

}  // namespace chasm
