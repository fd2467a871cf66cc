// Intermediate tensors that stay in the global buffer between the layer that makes them and the
// last one that reads them (docs/microarchitecture.md, section 6, "Kept tensors").
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "workloads/network.h"
#include "mapper/lower.h"
#include "models/memory/buffer_space.h"

namespace chasm {

class KeptTensors {
 public:
  // They lie in the bytes begin .. end - 1 of the buffer.
  KeptTensors(const Network&, const Lowered&, std::uint64_t begin, std::uint64_t end,
              std::uint32_t word_bytes);

  // Sets `kept` and the addresses of a program of an operation that is about to start. Nothing is
  // taken yet: the operation may have to wait for room for its tiles.
  void place(Program&, std::size_t operation, std::uint64_t image) const;
  // It starts: its output takes its place, where it is kept. The bytes that are used more, or less.
  std::uint64_t started(const Program&, std::size_t operation, std::uint64_t image);
  std::uint64_t ended(std::size_t operation, std::uint64_t image);

 private:
  struct Tensor {
    std::uint64_t address = 0, bytes = 0;
    std::size_t readers = 0;  // layers that have not ended
  };
  using Key = std::pair<std::uint64_t, std::uint32_t>;  // image, tensor

  const Tensor* find(std::uint64_t image, std::uint32_t tensor) const;
  bool begins_layer(std::size_t operation) const;
  bool ends_layer(std::size_t operation) const;
  std::uint32_t output_of(std::size_t operation) const;
  std::vector<std::uint32_t> inputs_of(std::size_t layer) const;  // each once

  const Network& network_;
  const Lowered& lowered_;
  BufferSpace space_;
  std::vector<std::size_t> readers_;  // by tensor: layers that read it; 0 where it is never kept
  std::map<Key, Tensor> kept_;
};

}  // namespace chasm
