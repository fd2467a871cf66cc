// Many streams of records of which only the last few are in memory: full blocks go to one temporary
// file without a name, so that a trace of any length needs a fixed amount of memory a stream.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "base/units.h"

namespace chasm {

class Spool {
 public:
  struct Record {
    Cycle at;
    std::uint64_t value;
  };
  static constexpr std::size_t kBlockRecords = 1024;

  std::size_t add_stream();
  void append(std::size_t stream, Record);
  // The errno of a temporary file that could not be written; records are lost then. 0: all is well.
  int error() const { return error_; }

  // Reads a stream from its first record on; nothing may be appended meanwhile.
  class Reader {
   public:
    Reader(const Spool& spool, std::size_t stream) : spool_(&spool), stream_(stream) {}
    std::optional<Record> next();

   private:
    bool load();

    const Spool* spool_;
    std::size_t stream_;
    std::size_t block_ = 0, at_ = 0;
    std::vector<Record> records_;
  };

 private:
  struct Stream {
    std::vector<std::uint64_t> blocks;  // of kBlockRecords, by number in the file
    std::vector<Record> tail;
  };
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void write_block(Stream&);
  bool read_block(std::uint64_t number, std::vector<Record>& records) const;

  std::vector<Stream> streams_;
  std::unique_ptr<std::FILE, Close> file_;
  std::uint64_t blocks_ = 0;  // in the file
  mutable int error_ = 0;
};

}  // namespace chasm
