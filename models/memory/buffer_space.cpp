#include "models/memory/buffer_space.h"

#include <algorithm>

#include "base/units.h"

namespace chasm {

BufferSpace::BufferSpace(std::uint64_t begin, std::uint64_t end, std::uint32_t alignment)
    : begin_(begin), end_(end), alignment_(alignment) {
  CHECK(begin <= end && alignment > 0, "a buffer space from byte {} to {}", begin, end);
}

std::uint64_t BufferSpace::aligned(std::uint64_t address) const {
  return ceil_div(address, alignment_) * alignment_;
}

// The gaps from the bottom up: before each piece, and behind the last one.
std::optional<std::uint64_t> BufferSpace::lowest(std::uint64_t bytes) const {
  CHECK(bytes > 0, "room for no bytes");
  std::uint64_t address = aligned(begin_);
  const auto fits = [&](std::uint64_t end) { return address <= end && bytes <= end - address; };
  for (const Piece& piece : taken_) {
    if (fits(piece.begin)) return address;
    address = aligned(piece.end);
  }
  return fits(end_) ? std::optional(address) : std::nullopt;
}

void BufferSpace::take(std::uint64_t address, std::uint64_t bytes) {
  CHECK(bytes > 0 && address % alignment_ == 0 && address >= begin_ && address <= end_ &&
            bytes <= end_ - address,
        "{} bytes of the buffer at {} do not lie in {} to {} or not on a word", bytes, address,
        begin_, end_);
  const auto after =
      std::find_if(taken_.begin(), taken_.end(), [&](const Piece& p) { return p.end > address; });
  CHECK(after == taken_.end() || after->begin >= address + bytes,
        "{} bytes of the buffer at {} are taken twice: {} to {} are in use", bytes, address,
        after->begin, after->end);
  taken_.insert(after, {address, address + bytes});
}

void BufferSpace::give_back(std::uint64_t address) {
  const auto piece = std::find_if(taken_.begin(), taken_.end(),
                                  [&](const Piece& p) { return p.begin == address; });
  CHECK(piece != taken_.end(), "no piece of the buffer begins at {}", address);
  taken_.erase(piece);
}

std::uint64_t BufferSpace::used_bytes() const {
  std::uint64_t bytes = 0;
  for (const Piece& piece : taken_) bytes += piece.end - piece.begin;
  return bytes;
}

}  // namespace chasm
