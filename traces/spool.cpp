#include "traces/spool.h"

#include <cerrno>
#include <unistd.h>

namespace chasm {
namespace {

constexpr std::size_t kBlockBytes = Spool::kBlockRecords * sizeof(Spool::Record);

// Moves a whole block to or from its place; returns 0 or the errno.
template <typename Byte, typename Operation>
int move_block(Operation operation, int fd, Byte* bytes, std::uint64_t number) {
  for (std::size_t done = 0; done < kBlockBytes;) {
    const off_t place = static_cast<off_t>(number * kBlockBytes + done);
    const ssize_t moved = operation(fd, bytes + done, kBlockBytes - done, place);
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return moved < 0 ? errno : EIO;
    done += static_cast<std::size_t>(moved);
  }
  return 0;
}

}  // namespace

std::size_t Spool::add_stream() {
  streams_.emplace_back();
  return streams_.size() - 1;
}

void Spool::append(std::size_t stream, Record record) {
  Stream& to = streams_[stream];
  to.tail.push_back(record);
  if (to.tail.size() == kBlockRecords) write_block(to);
}

void Spool::write_block(Stream& stream) {
  if (!file_ && error_ == 0) {
    file_.reset(std::tmpfile());
    if (!file_) error_ = errno;
  }
  if (error_ == 0)
    error_ = move_block(::pwrite, ::fileno(file_.get()),
                        reinterpret_cast<const char*>(stream.tail.data()), blocks_);
  if (error_ == 0) stream.blocks.push_back(blocks_++);
  stream.tail.clear();
}

bool Spool::read_block(std::uint64_t number, std::vector<Record>& records) const {
  records.resize(kBlockRecords);
  const int error =
      move_block(::pread, ::fileno(file_.get()), reinterpret_cast<char*>(records.data()), number);
  if (error != 0) error_ = error;
  return error == 0;
}

std::optional<Spool::Record> Spool::Reader::next() {
  if (at_ == records_.size() && !load()) return std::nullopt;
  return records_[at_++];
}

bool Spool::Reader::load() {
  const Stream& stream = spool_->streams_[stream_];
  at_ = 0;
  const std::size_t block = block_++;
  if (block < stream.blocks.size()) {
    if (spool_->read_block(stream.blocks[block], records_)) return true;
    records_.clear();
    return false;
  }
  records_.clear();
  if (block == stream.blocks.size()) records_ = stream.tail;
  return !records_.empty();
}

}  // namespace chasm
