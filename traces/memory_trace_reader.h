// Reads traces of memory requests (memory_trace.h), plain or compressed by gzip, piece by piece.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/units.h"

namespace chasm {

struct MemoryRequest {
  Cycle cycle = 0;  // of the memory clock
  bool write = false;
  std::uint64_t address = 0;  // of a whole 64-byte line
};

class MemoryTraceReader {
 public:
  // Addresses must lie below the capacity, cycles below 2^cycle_bits (at most 60). Problems of the
  // file are reported with their lines.
  MemoryTraceReader(std::string path, std::uint64_t capacity_bytes, unsigned cycle_bits,
                    Diagnostics&);
  ~MemoryTraceReader();
  MemoryTraceReader(const MemoryTraceReader&) = delete;
  MemoryTraceReader& operator=(const MemoryTraceReader&) = delete;

  // False at the end, and at the first problem; then the rest of the file has been checked as well.
  bool next(MemoryRequest& request);

 private:
  class Input;
  enum class Line { request, problem, end };
  Line read_line(MemoryRequest&);
  Line parse(std::string_view line, MemoryRequest&);
  bool refill();
  Line problem(const std::string& what);

  std::string path_;
  std::uint64_t capacity_;
  unsigned cycle_bits_;
  Diagnostics& out_;
  std::unique_ptr<Input> input_;
  std::string text_;  // read, from at_ on not yet used
  std::size_t at_ = 0;
  std::uint64_t line_ = 0, problems_ = 0, requests_ = 0;
  Cycle last_cycle_ = 0;
  bool ended_ = false;
};

}  // namespace chasm
