// The textual form of a program: what print_program writes and parse_program reads. Words separated
// by blanks, one item a line; the order of the lines is fixed, indentation is for the reader.
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/program/loops_line.h"
#include "models/program/program.h"

namespace chasm {
namespace {

constexpr std::array kOpKinds = {OpKind::multiply_accumulate,
                                 OpKind::shift_accumulate,
                                 OpKind::adder_accumulate,
                                 OpKind::max_pool,
                                 OpKind::sum_pool,
                                 OpKind::add,
                                 OpKind::scale,
                                 OpKind::copy,
                                 OpKind::softmax,
                                 OpKind::layer_norm};

struct Level {
  const char* name;
  std::vector<Loop> Program::*loops;
};
constexpr std::array<Level, 5> kLevels = {{{"dram", &Program::dram},
                                           {"buffer", &Program::buffer},
                                           {"spatial_x", &Program::spatial_x},
                                           {"spatial_y", &Program::spatial_y},
                                           {"rf", &Program::rf}}};

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string print_axis(const char* word, const Axis& axis) {
  std::string text = fmt::format("    {}", word);
  for (const Axis::Term& term : axis.terms)
    text += fmt::format(" {}*{}", letter(term.dim), term.coefficient);
  return text + fmt::format(" offset {} extent {} word_stride {}\n", axis.offset, axis.extent,
                            axis.word_stride);
}

// Address and width of a tensor's words; the canonical order goes without saying.
std::string print_placement(const Placement& placement) {
  std::string text = fmt::format("dram {} bits {}", placement.dram_base, placement.bits);
  const TensorLayout& layout = placement.layout;
  if (!layout.canonical())
    text += fmt::format(" block {} channels {} pixels {}", layout.block, layout.channels,
                        layout.pixels);
  if (placement.compressed > 0) text += fmt::format(" compressed {}", placement.compressed);
  return text;
}

std::string print_access(const Program& program, Operand operand) {
  const auto o = static_cast<std::size_t>(operand);
  const TensorAccess& access = program.operation.of(operand);
  std::string text = fmt::format("  {} ", to_string(operand));
  if (!access.used) return text + "unused\n";
  text += access.is_parameter ? "parameter" : fmt::format("tensor {}", access.tensor);
  text += fmt::format(" words {} base_word {} {} pe_bits {} {} {}", access.words, access.base_word,
                      print_placement(program.placement[o]), program.pe_bits[o],
                      program.bypass_buffer[o] ? "bypass" : "tiles", program.buffer_tiles[o]);
  if (program.buffer_base[o] != 0) text += fmt::format(" at {}", program.buffer_base[o]);
  text += program.kept[o] ? " kept\n" : "\n";
  for (const Axis& axis : access.axes) text += print_axis("axis", axis);
  if (!access.im2col) return text;
  text += "    im2col";
  for (const Dim d : kAllDims) text += fmt::format(" {} {}", letter(d), access.im2col->unflat[d]);
  text += "\n";
  for (const Axis& axis : access.im2col->stored) text += print_axis("stored", axis);
  return text;
}

// Reads words of a line after line; the first problem is reported with line and column and ends the
// reading.
class Reader {
 public:
  Reader(std::string_view text, const std::string& file, Diagnostics& diagnostics)
      : text_(text), file_(file), diagnostics_(diagnostics) {}

  bool failed() const { return failed_; }

  // The next word without taking it; "" at the end of the text.
  std::string_view peek() {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '"') return text_.substr(at_, quoted_length());
    std::size_t end = at_;
    while (end < text_.size() && !is_blank(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }

  std::string_view take() {
    const std::string_view word = peek();
    at_ += word.size();
    return word;
  }

  bool accept(std::string_view word) {
    if (failed_ || peek() != word) return false;
    take();
    return true;
  }

  void expect(std::string_view word) {
    if (!accept(word)) fail(fmt::format("expected \"{}\"", word));
  }

  template <class T>
  T number() {
    T value{};
    if (failed_) return value;
    const std::string_view word = peek();
    const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (word.empty() || code != std::errc() || end != word.data() + word.size()) {
      fail("expected a whole number");
    } else {
      take();
    }
    return value;
  }

  std::string string() {
    const nlohmann::json value = nlohmann::json::parse(peek(), nullptr, false);
    if (!value.is_string()) {
      fail("expected a string in quotes");
      return {};
    }
    take();
    return value.get<std::string>();
  }

  void fail(const std::string& message) {
    if (failed_) return;
    failed_ = true;
    skip_blanks();
    std::size_t line = 1, column = 1;
    for (const char c : text_.substr(0, at_)) {
      column = c == '\n' ? 1 : column + 1;
      line += c == '\n' ? 1 : 0;
    }
    const std::string_view word = peek().substr(0, 40);
    diagnostics_.error(
        file_, fmt::format("{}:{}", line, column),
        message + (word.empty() ? ", but the text ends" : fmt::format(", found `{}`", word)));
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  std::size_t quoted_length() const {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
    return std::min(end + 1, text_.size()) - at_;
  }

  std::string_view text_;
  const std::string& file_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

Dim read_dim(Reader& reader) {
  if (const std::optional<Dim> dim = dim_from(reader.peek())) {
    reader.take();
    return *dim;
  }
  reader.fail("expected a dimension, one of N G K C P Q R S");
  return Dim::N;
}

// A term of an axis, "P*2".
Axis::Term read_term(Reader& reader) {
  const std::string_view word = reader.peek();
  const std::optional<Dim> dim = dim_from(word.substr(0, 1));
  std::int64_t coefficient = 0;
  const char* end = word.data() + word.size();
  if (!dim || word.size() < 3 || word[1] != '*' ||
      std::from_chars(word.data() + 2, end, coefficient).ptr != end) {
    reader.fail("expected a term such as P*1");
    return {};
  }
  reader.take();
  return {*dim, coefficient};
}

Axis read_axis(Reader& reader) {
  Axis axis;
  while (!reader.failed() && reader.peek() != "offset") axis.terms.push_back(read_term(reader));
  reader.expect("offset");
  axis.offset = reader.number<std::int64_t>();
  reader.expect("extent");
  axis.extent = reader.number<std::int64_t>();
  reader.expect("word_stride");
  axis.word_stride = reader.number<std::int64_t>();
  return axis;
}

void read_bounds(Reader& reader, DimArray<std::uint64_t>& bounds) {
  for (std::size_t i = 0; i < kDims; ++i) {
    const Dim dim = read_dim(reader);
    bounds[dim] = reader.number<std::uint64_t>();
  }
}

Placement read_placement(Reader& reader) {
  Placement placement;
  reader.expect("dram");
  placement.dram_base = reader.number<std::uint64_t>();
  reader.expect("bits");
  placement.bits = reader.number<std::uint32_t>();
  if (reader.accept("block")) {
    placement.layout.block = reader.number<std::uint64_t>();
    reader.expect("channels");
    placement.layout.channels = reader.number<std::uint64_t>();
    reader.expect("pixels");
    placement.layout.pixels = reader.number<std::uint64_t>();
  }
  if (reader.accept("compressed")) placement.compressed = reader.number<std::uint64_t>();
  return placement;
}

void read_access(Reader& reader, Program& program, Operand operand) {
  const auto o = static_cast<std::size_t>(operand);
  TensorAccess& access = program.operation.of(operand);
  reader.expect(to_string(operand));
  access.used = !reader.accept("unused");
  if (!access.used) return;
  access.is_parameter = reader.accept("parameter");
  if (!access.is_parameter) {
    reader.expect("tensor");
    access.tensor = reader.number<std::uint32_t>();
  }
  reader.expect("words");
  access.words = reader.number<std::uint64_t>();
  reader.expect("base_word");
  access.base_word = reader.number<std::uint64_t>();
  program.placement[o] = read_placement(reader);
  reader.expect("pe_bits");
  program.pe_bits[o] = reader.number<std::uint32_t>();
  program.bypass_buffer[o] = reader.accept("bypass");
  if (!program.bypass_buffer[o]) reader.expect("tiles");
  program.buffer_tiles[o] = reader.number<std::uint32_t>();
  if (reader.accept("at")) program.buffer_base[o] = reader.number<std::uint64_t>();
  program.kept[o] = reader.accept("kept");
  while (reader.accept("axis")) access.axes.push_back(read_axis(reader));
  if (!reader.accept("im2col")) return;
  access.im2col.emplace();
  read_bounds(reader, access.im2col->unflat);
  while (reader.accept("stored")) access.im2col->stored.push_back(read_axis(reader));
}

OpKind read_kind(Reader& reader) {
  for (const OpKind kind : kOpKinds) {
    if (reader.accept(to_string(kind))) return kind;
  }
  reader.fail("expected a kind of operation");
  return OpKind::copy;
}

void read_loops(Reader& reader, Program& program, const Level& level) {
  reader.expect(level.name);
  while (!reader.failed() && dim_from(reader.peek())) {
    const Dim dim = read_dim(reader);
    (program.*level.loops).push_back({dim, reader.number<std::uint64_t>()});
  }
}

}  // namespace

std::string loops_line(const Program& program) {
  constexpr std::array<const char*, 5> kShort = {"dram", "buffer", "x", "y", "rf"};
  std::string text;
  for (std::size_t l = 0; l < kLevels.size(); ++l) {
    std::string factors;
    for (const Loop& loop : program.*(kLevels[l].loops))
      if (loop.trips > 1) factors += fmt::format(" {}{}", letter(loop.dim), loop.trips);
    if (!factors.empty())
      text += fmt::format("{}{}{}", text.empty() ? "" : " | ", kShort[l], factors);
  }
  return text;
}

std::string print_program(const Program& program) {
  const Operation& operation = program.operation;
  std::string text = fmt::format("program {} layer {} kind {}\n  bounds", quoted(operation.name),
                                 operation.layer, to_string(operation.kind));
  for (const Dim d : kAllDims) text += fmt::format(" {} {}", letter(d), operation.bounds[d]);
  text += "\n";
  if (program.gated > 0) text += fmt::format("  gated {}\n", program.gated);
  for (const Operand o : kAllOperands) text += print_access(program, o);
  text += fmt::format("  psum {}\n", print_placement(program.psum));
  for (const Level& level : kLevels) {
    text += fmt::format("  {}\n", level.name);
    for (const Loop& loop : program.*level.loops) {
      text += fmt::format("    {} {}\n", letter(loop.dim), loop.trips);
    }
  }
  return text;
}

std::optional<Program> parse_program(std::string_view text, const std::string& file,
                                     Diagnostics& diagnostics) {
  Program program;
  Reader reader(text, file, diagnostics);
  reader.expect("program");
  program.operation.name = reader.string();
  reader.expect("layer");
  program.operation.layer = reader.number<std::size_t>();
  reader.expect("kind");
  program.operation.kind = read_kind(reader);
  reader.expect("bounds");
  read_bounds(reader, program.operation.bounds);
  if (reader.accept("gated")) program.gated = reader.number<std::uint64_t>();
  for (const Operand o : kAllOperands) read_access(reader, program, o);
  reader.expect("psum");
  program.psum = read_placement(reader);
  for (const Level& level : kLevels) read_loops(reader, program, level);
  if (!reader.failed() && !reader.peek().empty()) reader.fail("expected the end of the program");
  if (reader.failed()) return std::nullopt;
  return program;
}

}  // namespace chasm
