#include "traces/memory_trace_reader.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <zlib.h>

#include <fmt/format.h>

#include "base/parse.h"

namespace chasm {
namespace {

constexpr unsigned kPiece = 1 << 18;
constexpr std::size_t kLongestLine = 256;
constexpr std::uint64_t kMostProblems = 20;  // that are reported one by one
constexpr std::uint64_t kLine = 64;

std::string shown(std::string_view text) {
  const std::string clipped(text.substr(0, 40));
  return fmt::format("\"{}{}\"", clipped, text.size() > 40 ? "..." : "");
}

bool is_text(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

// zlib reads plain files as they are.
class MemoryTraceReader::Input {
 public:
  explicit Input(const std::string& path) {
    errno = 0;
    file_ = ::gzopen(path.c_str(), "rb");
    if (file_ == nullptr) problem_ = std::generic_category().message(errno == 0 ? ENOMEM : errno);
    if (file_ != nullptr) ::gzbuffer(file_, kPiece);
  }
  ~Input() {
    if (file_ != nullptr) ::gzclose_r(file_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // What was read; empty at the end or where problem() is not.
  std::string_view read() {
    if (!problem_.empty()) return {};
    const int got = ::gzread(file_, piece_.data(), kPiece);
    if (got > 0) return {piece_.data(), static_cast<std::size_t>(got)};
    int code = Z_OK;
    const char* text = ::gzerror(file_, &code);
    if (code == Z_ERRNO)
      problem_ = std::generic_category().message(errno);
    else if (code == Z_BUF_ERROR)
      problem_ = "the compressed file ends too early";
    else if (code != Z_OK && code != Z_STREAM_END)
      problem_ = fmt::format("the compressed file is damaged ({})", text);
    return {};
  }
  const std::string& problem() const { return problem_; }

 private:
  gzFile file_ = nullptr;
  std::string piece_ = std::string(kPiece, '\0');
  std::string problem_;
};

MemoryTraceReader::MemoryTraceReader(std::string path, std::uint64_t capacity_bytes,
                                     unsigned cycle_bits, Diagnostics& diagnostics)
    : path_(std::move(path)),
      capacity_(capacity_bytes),
      cycle_bits_(cycle_bits),
      out_(diagnostics),
      input_(std::make_unique<Input>(path_)) {}

MemoryTraceReader::~MemoryTraceReader() = default;

bool MemoryTraceReader::next(MemoryRequest& request) {
  if (ended_) return false;
  Line line = read_line(request);
  if (line == Line::request) return true;
  MemoryRequest ignored;
  while (line != Line::end) line = read_line(ignored);
  ended_ = true;
  if (!input_->problem().empty())
    out_.error(path_, line_ == 0 ? "" : fmt::format("line {}", line_ + 1),
               "cannot read the trace: " + input_->problem());
  else if (problems_ > kMostProblems)
    out_.error(path_, "", fmt::format("{} more lines like these", problems_ - kMostProblems));
  else if (requests_ == 0 && problems_ == 0)
    out_.error(path_, "", "the trace holds no request",
               "a request is a line \"cycle,R|W,hex address\"");
  return false;
}

bool MemoryTraceReader::refill() {
  text_.erase(0, at_);
  at_ = 0;
  const std::string_view more = input_->read();
  text_.append(more);
  return !more.empty();
}

MemoryTraceReader::Line MemoryTraceReader::read_line(MemoryRequest& request) {
  std::size_t end = text_.find('\n', at_);
  while (end == std::string::npos && text_.size() - at_ <= kLongestLine && refill())
    end = text_.find('\n', at_);
  const bool last = end == std::string::npos;
  if (last && (text_.size() == at_ || !input_->problem().empty())) return Line::end;
  std::size_t size = (last ? text_.size() : end) - at_;
  std::string_view line(text_.data() + at_, size);
  at_ += size + (last ? 0 : 1);
  ++line_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return problem("the line is empty");
  return parse(line, request);
}

MemoryTraceReader::Line MemoryTraceReader::parse(std::string_view line, MemoryRequest& request) {
  if (line.size() > kLongestLine) return problem("the line is too long for a request");
  if (!is_text(line)) return problem("this is no text");
  const std::size_t first = line.find(',');
  const std::size_t second = first == std::string_view::npos ? first : line.find(',', first + 1);
  if (second == std::string_view::npos || line.find(',', second + 1) != std::string_view::npos)
    return problem(fmt::format("{} has not the three columns cycle,R|W,hex address", shown(line)));
  const auto cycle = parse_unsigned(line.substr(0, first));
  const std::string_view direction = line.substr(first + 1, second - first - 1);
  const auto address = parse_hex(line.substr(second + 1));
  if (!cycle || *cycle >> cycle_bits_ != 0)
    return problem(fmt::format("{} is no cycle: a whole number below 2^{} is",
                               shown(line.substr(0, first)), cycle_bits_));
  if (direction != "R" && direction != "W")
    return problem(fmt::format("{} is neither R nor W", shown(direction)));
  if (!address)
    return problem(fmt::format("{} is no hexadecimal address", shown(line.substr(second + 1))));
  if (*address % kLine != 0)
    return problem(fmt::format("the address {:#x} is no multiple of 64", *address));
  if (*address >= capacity_)
    return problem(fmt::format("the address {:#x} lies beyond the {:#x} bytes of the memory",
                               *address, capacity_));
  if (*cycle < last_cycle_)
    return problem(fmt::format("cycle {} comes after cycle {}: requests must be in order", *cycle,
                               last_cycle_));
  last_cycle_ = *cycle;
  request = {*cycle, direction == "W", *address};
  ++requests_;
  return Line::request;
}

MemoryTraceReader::Line MemoryTraceReader::problem(const std::string& what) {
  if (++problems_ <= kMostProblems) out_.error(path_, fmt::format("line {}", line_), what);
  return Line::problem;
}

}  // namespace chasm
