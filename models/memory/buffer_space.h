// Byte addresses of a part of the global buffer, as the controller hands them out: always the
// lowest free ones (docs/microarchitecture.md, section 3, "Space").
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace chasm {

class BufferSpace {
 public:
  // Bytes begin .. end - 1. Every piece begins at a multiple of `alignment`.
  BufferSpace(std::uint64_t begin, std::uint64_t end, std::uint32_t alignment);

  // The lowest address with so many free bytes (at least one) behind it; none where nothing fits.
  std::optional<std::uint64_t> lowest(std::uint64_t bytes) const;
  // These bytes are in use from now on. They must be free.
  void take(std::uint64_t address, std::uint64_t bytes);
  // The piece that begins there is free again.
  void give_back(std::uint64_t address);

  std::uint64_t used_bytes() const;

 private:
  struct Piece {
    std::uint64_t begin, end;
  };
  std::uint64_t aligned(std::uint64_t address) const;

  std::uint64_t begin_, end_;
  std::uint32_t alignment_;
  std::vector<Piece> taken_;  // in order of address, never overlapping
};

}  // namespace chasm
