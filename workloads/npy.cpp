#include "workloads/npy.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "base/check.h"
#include "base/files.h"

namespace chasm {
namespace {

constexpr std::string_view kMagic{"\x93NUMPY", 6};
constexpr std::size_t kAlignment = 64;  // of the data, by the format

// The value of a key of the header, a Python dictionary such as
// {'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }: the text between its colon and its
// end.
std::optional<std::string_view> header_value(std::string_view header, std::string_view key) {
  const auto at = header.find(fmt::format("'{}'", key));
  if (at == std::string_view::npos) return std::nullopt;
  auto from = header.find(':', at);
  if (from == std::string_view::npos) return std::nullopt;
  from = header.find_first_not_of(" \t", from + 1);
  if (from == std::string_view::npos) return std::nullopt;
  const std::string_view rest = header.substr(from);
  auto end = std::string_view::npos;
  if (rest[0] == '(' || rest[0] == '[')
    end = rest.find(rest[0] == '(' ? ')' : ']');
  else if (rest[0] == '\'')
    end = rest.find('\'', 1);
  else
    end = rest.find_first_of(",}") - 1;
  if (end >= rest.size()) return std::nullopt;
  return rest.substr(0, rest.find_last_not_of(" \t", end) + 1);
}

// The sizes inside "(2, 3)", "(5,)" or "()".
std::optional<std::vector<std::uint64_t>> parse_shape(std::string_view text) {
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return std::nullopt;
  std::vector<std::uint64_t> shape;
  bool in_number = false;
  for (const char c : text.substr(1, text.size() - 2)) {
    if (c >= '0' && c <= '9') {
      if (!in_number) shape.push_back(0);
      in_number = true;
      if (shape.back() > std::numeric_limits<std::uint64_t>::max() / 10 - 1) return std::nullopt;
      shape.back() = shape.back() * 10 + static_cast<std::uint64_t>(c - '0');
    } else if (c == ',' || c == ' ') {
      in_number = false;
    } else {
      return std::nullopt;
    }
  }
  return shape;
}

// One little-endian integer of `bytes` bytes.
std::int64_t decode(const char* at, std::size_t bytes, bool is_signed) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
  const std::size_t unused = 64 - 8 * bytes;
  return is_signed ? static_cast<std::int64_t>(value << unused) >> unused
                   : static_cast<std::int64_t>(value);
}

struct ElementType {
  std::size_t bytes;
  bool is_signed;
};
std::optional<ElementType> element_type(std::string_view descr) {
  constexpr std::pair<std::string_view, ElementType> kKnown[] = {
      {"'|i1'", {1, true}}, {"'<i1'", {1, true}}, {"'|u1'", {1, false}}, {"'<u1'", {1, false}},
      {"'<i2'", {2, true}}, {"'<i4'", {4, true}}, {"'<i8'", {8, true}}};
  for (const auto& [name, type] : kKnown)
    if (descr == name) return type;
  return std::nullopt;
}

class Parser {
 public:
  Parser(const std::string& path, std::string_view bytes, Diagnostics& diagnostics)
      : path_(path), bytes_(bytes), diagnostics_(diagnostics) {}

  std::optional<NpyArray> parse() {
    const auto header = take_header();
    if (!header) return std::nullopt;
    const auto descr = header_value(*header, "descr"),
               order = header_value(*header, "fortran_order"),
               shape_value = header_value(*header, "shape");
    const auto shape = shape_value ? parse_shape(*shape_value) : std::nullopt;
    if (!descr || !order || !shape) return fail("the header of the .npy file cannot be read");
    const auto type = element_type(*descr);
    if (!type)
      return fail(fmt::format("holds elements of type {:.40}; integers are expected", *descr),
                  "save with .astype('<i4'); int8, int16, int32, int64 and uint8 are read");
    if (*order != "False" && shape->size() > 1)
      return fail("is stored in Fortran order", "save with numpy.ascontiguousarray(..)");
    return elements(*shape, *type);
  }

 private:
  std::nullopt_t fail(std::string message, std::string hint = {}) {
    diagnostics_.error(path_, "", std::move(message), std::move(hint));
    return std::nullopt;
  }

  // The header's text; what remains in bytes_ is the data.
  std::optional<std::string_view> take_header() {
    if (!bytes_.starts_with(kMagic)) return fail("is not a .npy file", "save with numpy.save(..)");
    if (bytes_.size() < 12) return fail("ends inside the header of the .npy file");
    const int version = static_cast<unsigned char>(bytes_[6]);
    if (version < 1 || version > 3)
      return fail(fmt::format("is a .npy file of the unknown version {}", version));
    const std::size_t field = version == 1 ? 2 : 4;
    const auto length = static_cast<std::size_t>(decode(bytes_.data() + 8, field, false));
    if (length > bytes_.size() - 8 - field) return fail("ends inside the header of the .npy file");
    const std::string_view header = bytes_.substr(8 + field, length);
    bytes_.remove_prefix(8 + field + length);
    return header;
  }

  std::optional<NpyArray> elements(const std::vector<std::uint64_t>& shape, ElementType type) {
    std::uint64_t count = 1;
    bool overflow = false;
    for (const std::uint64_t extent : shape)
      overflow |= __builtin_mul_overflow(count, extent, &count);
    std::uint64_t bytes = 0;
    overflow |= __builtin_mul_overflow(count, std::uint64_t{type.bytes}, &bytes);
    if (overflow || bytes != bytes_.size())
      return fail(fmt::format("holds {} bytes of data, but {} elements of {} bytes each need {}",
                              bytes_.size(), shape_text(shape), type.bytes,
                              overflow ? "more than 2^64" : std::to_string(bytes)),
                  bytes_.size() < bytes ? "the file is truncated" : "");
    NpyArray array{shape, {}};
    array.values.reserve(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < count; ++i)
      array.values.push_back(decode(bytes_.data() + i * type.bytes, type.bytes, type.is_signed));
    return array;
  }

  const std::string& path_;
  std::string_view bytes_;
  Diagnostics& diagnostics_;
};

// `(0, 2, 1)`: the indices of an element.
std::string index_text(std::size_t element, const std::vector<std::uint64_t>& shape) {
  std::vector<std::uint64_t> indices(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    indices[axis] = element % shape[axis];
    element /= static_cast<std::size_t>(shape[axis]);
  }
  return shape_text(indices);
}

std::uint32_t storage_bytes(std::uint32_t bits) {
  return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8;
}

template <class Value>
bool write_values(const std::string& path, const std::vector<std::uint64_t>& shape,
                  std::span<const Value> values, std::uint32_t bits, Diagnostics& diagnostics) {
  std::uint64_t count = 1;
  for (const std::uint64_t extent : shape) count *= extent;
  CHECK(count == values.size(), "{}: {} values for {}", path, values.size(), shape_text(shape));
  const std::uint32_t bytes = storage_bytes(bits);
  std::string header = fmt::format("{{'descr': '{}i{}', 'fortran_order': False, 'shape': {}, }}",
                                   bytes == 1 ? '|' : '<', bytes, shape_text(shape));
  constexpr std::size_t kPrefix = 10;  // magic, version, length
  header.append(kAlignment - 1 - (kPrefix + header.size()) % kAlignment, ' ');
  header += '\n';
  std::string file(kMagic);
  file += {'\x01', '\x00', static_cast<char>(header.size() & 0xff),
           static_cast<char>(header.size() >> 8)};
  file += header;
  file.reserve(file.size() + values.size() * bytes);
  for (const Value value : values)
    for (std::uint32_t i = 0; i < bytes; ++i)
      file.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
  return write_file(path, file, diagnostics);
}

}  // namespace

std::optional<NpyArray> read_npy(const std::string& path, Diagnostics& diagnostics) {
  const std::optional<std::string> bytes = read_file(path, diagnostics);
  return bytes ? Parser(path, *bytes, diagnostics).parse() : std::nullopt;
}

std::optional<NpyArray> read_npy(const std::string& path, const NpyExpectation& expected,
                                 Diagnostics& diagnostics) {
  auto array = read_npy(path, diagnostics);
  if (!array) return std::nullopt;
  if (array->shape != expected.shape) {
    diagnostics.error(path, "",
                      fmt::format("has the shape {}; {} need {}", shape_text(array->shape),
                                  expected.what, shape_text(expected.shape)));
    return std::nullopt;
  }
  const auto outside = std::find_if(
      array->values.begin(), array->values.end(),
      [&](std::int64_t value) { return value < expected.low || value > expected.high; });
  if (outside == array->values.end()) return array;
  const auto element = static_cast<std::size_t>(outside - array->values.begin());
  diagnostics.error(
      path, "",
      fmt::format("the value {} at {} is out of range; {} lie in {} to {}", *outside,
                  index_text(element, array->shape), expected.what, expected.low, expected.high));
  return std::nullopt;
}

bool write_npy(const std::string& path, const std::vector<std::uint64_t>& shape,
               std::span<const std::int32_t> values, std::uint32_t bits, Diagnostics& diagnostics) {
  return write_values(path, shape, values, std::min(bits, 32U), diagnostics);
}
bool write_npy(const std::string& path, const std::vector<std::uint64_t>& shape,
               std::span<const std::int64_t> values, std::uint32_t bits, Diagnostics& diagnostics) {
  return write_values(path, shape, values, bits, diagnostics);
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace chasm
