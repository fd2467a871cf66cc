// Integer counts of what the hardware did while it ran one layer on one chunk: the only input of
// energy, and of the traffic tables of a report. All counts are words of the kind's own width
// unless a name says otherwise.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace chasm {

// What a moved word is. The width of each kind is a property of the layer on its chunk
// (ActivityWidths).
enum class WordKind : std::uint8_t { input, weight, psum, output };
inline constexpr std::size_t kWordKinds = 4;
const char* to_string(WordKind);

template <class T>
struct PerKind {
  std::array<T, kWordKinds> values{};
  T& operator[](WordKind k) { return values[static_cast<std::size_t>(k)]; }
  const T& operator[](WordKind k) const { return values[static_cast<std::size_t>(k)]; }
  bool operator==(const PerKind&) const = default;
};

struct ReadsWrites {
  std::uint64_t reads = 0, writes = 0;
  bool operator==(const ReadsWrites&) const = default;
};

struct Activity {
  std::uint64_t pe_operations = 0;     // multiply-, shift-, adder-accumulates or vector operations
  std::uint64_t gated_operations = 0;  // of them, those whose datapath and weight read were gated
  PerKind<ReadsWrites> register_file;  // words, summed over PEs
  PerKind<std::uint64_t> bus_words;    // words sent on the operand's bus, each once
  PerKind<std::uint64_t> bus_receivers;  // PEs that took a word, summed over words
  std::uint64_t reduction_words = 0;     // psums passed between PEs by spatial reduction
  PerKind<ReadsWrites> buffer;           // words at the global buffer, all sides (chunk and DMA)
  PerKind<ReadsWrites> dram;             // useful words
  std::uint64_t dram_read_bursts = 0;    // 64-byte bursts, over-fetch included
  std::uint64_t dram_write_bursts = 0;
  std::uint64_t overflows = 0;  // functional mode: outputs whose exact psum left the psum width

  bool operator==(const Activity&) const = default;
  Activity& operator+=(const Activity&);
};

// Width in bits of each kind of word, where it is stored off the array and inside the PEs.
struct ActivityWidths {
  PerKind<std::uint32_t> stored;
  PerKind<std::uint32_t> pe;
};

}  // namespace chasm
