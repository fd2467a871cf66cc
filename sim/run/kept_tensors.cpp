#include "sim/run/kept_tensors.h"

#include <algorithm>

#include "base/units.h"

namespace chasm {
namespace {

constexpr auto kOutput = static_cast<std::size_t>(Operand::output);

// All words of the output, as wide as they are while they are made.
std::uint64_t output_bytes(const Program& program) {
  return packed_bytes(program.operation.of(Operand::output).words,
                      buffer_bits(program, Operand::output));
}

}  // namespace

KeptTensors::KeptTensors(const Network& network, const Lowered& lowered, std::uint64_t begin,
                         std::uint64_t end, std::uint32_t word_bytes)
    : network_(network),
      lowered_(lowered),
      space_(begin, end, word_bytes),
      readers_(network.tensor_count(), 0) {
  for (std::size_t l = 0; l < network.layers.size(); ++l)
    for (const std::uint32_t tensor : inputs_of(l)) ++readers_[tensor];
  for (const LoweredOperation& operation : lowered.operations)
    for (const Operand operand : {Operand::input, Operand::weight}) {
      const TensorAccess& access = operation.program.operation.of(operand);
      if (access.used && !access.is_parameter &&
          operation.program.bypass_buffer[static_cast<std::size_t>(operand)])
        readers_[access.tensor] = 0;
    }
}

bool KeptTensors::begins_layer(std::size_t operation) const {
  return operation == 0 ||
         lowered_.operations[operation - 1].layer != lowered_.operations[operation].layer;
}

bool KeptTensors::ends_layer(std::size_t operation) const {
  return operation + 1 == lowered_.operations.size() || begins_layer(operation + 1);
}

std::uint32_t KeptTensors::output_of(std::size_t operation) const {
  return network_.output_of(lowered_.operations[operation].layer);
}

std::vector<std::uint32_t> KeptTensors::inputs_of(std::size_t layer) const {
  std::vector<std::uint32_t> inputs = network_.layers[layer].inputs;
  std::sort(inputs.begin(), inputs.end());
  inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
  return inputs;
}

const KeptTensors::Tensor* KeptTensors::find(std::uint64_t image, std::uint32_t tensor) const {
  const auto entry = kept_.find({image, tensor});
  return entry == kept_.end() ? nullptr : &entry->second;
}

void KeptTensors::place(Program& program, std::size_t operation, std::uint64_t image) const {
  for (const Operand operand : {Operand::input, Operand::weight}) {
    const auto o = static_cast<std::size_t>(operand);
    const TensorAccess& access = program.operation.of(operand);
    const Tensor* tensor =
        access.used && !access.is_parameter ? find(image, access.tensor) : nullptr;
    program.kept[o] = tensor != nullptr;
    if (tensor) program.buffer_base[o] = tensor->address;
  }
  std::optional<std::uint64_t> address;
  const std::uint32_t output = output_of(operation);
  if (const Tensor* tensor = find(image, output))
    address = tensor->address;  // the first part of the layer decided
  else if (readers_[output] > 0 && begins_layer(operation))
    address = space_.lowest(output_bytes(program));
  program.kept[kOutput] = address.has_value();
  if (address) program.buffer_base[kOutput] = *address;
}

std::uint64_t KeptTensors::started(const Program& program, std::size_t operation,
                                   std::uint64_t image) {
  const std::uint32_t output = output_of(operation);
  if (!program.kept[kOutput] || find(image, output)) return 0;
  const Tensor tensor{program.buffer_base[kOutput], output_bytes(program), readers_[output]};
  space_.take(tensor.address, tensor.bytes);
  kept_.emplace(Key{image, output}, tensor);
  return tensor.bytes;
}

std::uint64_t KeptTensors::ended(std::size_t operation, std::uint64_t image) {
  if (!ends_layer(operation)) return 0;
  std::uint64_t bytes = 0;
  for (const std::uint32_t input : inputs_of(lowered_.operations[operation].layer)) {
    const auto entry = kept_.find({image, input});
    if (entry == kept_.end() || --entry->second.readers > 0) continue;
    bytes += entry->second.bytes;
    space_.give_back(entry->second.address);
    kept_.erase(entry);
  }
  return bytes;
}

}  // namespace chasm
