#include "base/json.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/files.h"
#include "base/printable.h"

namespace chasm {
namespace {

// "line:column" of a byte of the text, both from 1; columns count characters, not bytes.
std::string place(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  std::size_t line = 1, column = 1;
  for (const char c : text.substr(0, offset)) {
    const bool continuation = (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
    if (c == '\n')
      ++line, column = 1;
    else if (!continuation)
      ++column;
  }
  return fmt::format("{}:{}", line, column);
}

// The offset of the first byte that is not UTF-8 text, or npos. A NUL byte is not text either.
std::size_t first_non_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i, 4));
    if (length == 0 || text[i] == '\0') return i;
    i += length;
  }
  return std::string_view::npos;
}

// An iterator over the text that tells how far the parser has read: its handler interface gives no
// places.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    *furthest_ = ++at_;
    return *this;
  }
  Cursor operator++(int) {
    const Cursor before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Cursor& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  const char** furthest_;
};

// Builds the document while it refuses what the plain parser would accept or not say: duplicate
// keys (it would keep the last), deep nesting, and where a truncated value began. The plain parser
// would also compare each key of an object with all before it; here a set knows them.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  Builder(std::string_view text, std::size_t most_levels, Json& root)
      : text_(text), most_levels_(most_levels), furthest_(text.data()), root_(root) {}

  Cursor begin() { return {text_.data(), &furthest_}; }
  Cursor end() { return {text_.data() + text_.size(), &furthest_}; }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(value); }
  bool number_unsigned(std::uint64_t value) override { return add(value); }
  bool number_float(double value, const std::string&) override { return add(value); }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(Json::binary_t&) override { return false; }  // JSON text has none
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    Level& level = open_.back();
    if (!level.keys.insert(name).second)
      return fail(start_of_string(), fmt::format("duplicate key {}", Json(name).dump()));
    append_new(*level.value, std::move(name), nullptr);
    return true;
  }

  bool parse_error(std::size_t position, const std::string& last,
                   const nlohmann::detail::exception& error) override {
    const std::string_view account = error.what();
    const auto says = [&](const char* words) { return account.find(words) != account.npos; };
    if (says("missing closing quote")) return fail(text_.size(), "the text ends inside a string");
    if (says("unexpected end of input")) return truncated();
    return explain(position > 0 ? position - 1 : 0, last, account, error.id);
  }

  const std::string& where() const { return where_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }

 private:
  struct Level {
    Json* value;  // nothing is added beside it while it is open, so it stays where it is
    std::size_t start;
    std::set<std::string> keys;
  };

  std::size_t read() const { return static_cast<std::size_t>(furthest_ - text_.data()); }

  // Puts a value where the text has it, and returns it there.
  Json& put(Json value) {
    if (open_.empty()) return root_ = std::move(value);
    Json& outer = *open_.back().value;
    if (outer.is_array()) return outer.emplace_back(std::move(value));
    return outer.get_ref<Json::object_t&>().back().second = std::move(value);
  }
  bool add(Json value) {
    put(std::move(value));
    return true;
  }

  bool open(Json container) {
    const std::size_t start = read() - 1;
    if (open_.size() >= most_levels_)
      return fail(start, fmt::format("nested more than {} levels deep", most_levels_));
    open_.push_back({&put(std::move(container)), start, {}});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  // The opening quote of the string whose closing quote was read last.
  std::size_t start_of_string() const {
    std::size_t at = read() - 1;
    while (at > 0) {
      at = text_.rfind('"', at - 1);
      std::size_t slashes = 0;
      while (at > slashes && text_[at - slashes - 1] == '\\') ++slashes;
      if (slashes % 2 == 0) break;
    }
    return at;
  }

  bool fail(std::size_t offset, std::string message, std::string hint = {}) {
    where_ = place(text_, offset);
    message_ = std::move(message);
    hint_ = std::move(hint);
    return false;
  }

  bool truncated() {
    if (open_.empty()) return fail(text_.size(), "the text ends inside a value");
    return fail(text_.size(), fmt::format("the text ends inside the {} that began at {}",
                                          open_.back().value->is_object() ? "object" : "array",
                                          place(text_, open_.back().start)));
  }

  bool explain(std::size_t at, const std::string& last, std::string_view account, int id);
  std::string_view word_at(std::size_t at) const;
  bool after_comma(std::size_t at) const;

  std::string_view text_;
  std::size_t most_levels_;
  const char* furthest_;
  Json& root_;
  std::vector<Level> open_;
  std::string where_, message_, hint_;
};

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '+' || c == '-';
}

// The bare word or number around a byte.
std::string_view Builder::word_at(std::size_t at) const {
  std::size_t first = at, end = at;
  while (first > 0 && in_word(text_[first - 1])) --first;
  while (end < text_.size() && in_word(text_[end])) ++end;
  return text_.substr(first, end - first);
}

bool Builder::after_comma(std::size_t at) const {
  const std::size_t before =
      at == 0 ? std::string_view::npos : text_.find_last_not_of(" \t\r\n", at - 1);
  return before != std::string_view::npos && text_[before] == ',';
}

// What the parser says after its prefix, without the text it read last (it may be endless).
std::string plain(std::string_view account) {
  if (const auto dash = account.find(" - "); dash != account.npos) account.remove_prefix(dash + 3);
  std::string text(account);
  const auto quotation = text.find("; last read: '");
  if (quotation == std::string::npos) return text;
  const auto rest = text.find("'; expected", quotation);
  text.erase(quotation, rest == std::string::npos ? rest : rest + 1 - quotation);
  return text;
}

bool Builder::explain(std::size_t at, const std::string& last, std::string_view account, int id) {
  constexpr int kNumberOverflow = 406;
  if (id == kNumberOverflow)
    return fail(std::min(text_.substr(0, read()).rfind(last), read()),
                fmt::format("the number {:.40} is too large", last),
                "the largest is about 1.8e308");
  at = std::min(at, text_.size() - 1);
  const char c = text_[at];
  if ((c == '}' || c == ']') && after_comma(at))
    return fail(at, fmt::format("'{}' follows a comma", c),
                "remove the comma, or add what it announces");
  if (c == '\'') return fail(at, "unexpected '", "strings stand in double quotes");

  const std::string_view word = in_word(c) ? word_at(at) : std::string_view();
  std::string bare(word.substr(0, 40));
  for (char& letter : bare)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + 32);
  bare.erase(0, bare.find_first_not_of("+-"));
  const bool a_word = !bare.empty() && bare[0] >= 'a' && bare[0] <= 'z';
  if (!a_word) return fail(at, plain(account));
  const auto start = static_cast<std::size_t>(word.data() - text_.data());
  if (bare == "nan" || bare == "inf" || bare == "infinity")
    return fail(start, fmt::format("{} is not a number in JSON", word));
  if (bare == "true" || bare == "false" || bare == "null" || bare == "none")
    return fail(start, fmt::format("unknown word {}", word),
                fmt::format("did you mean {}?", bare == "none" ? "null" : bare));
  return fail(start, fmt::format("unknown word {:.40}", word), "strings stand in double quotes");
}

}  // namespace

std::string child_pointer(const std::string& pointer, std::string_view key) {
  std::string result = pointer + "/";
  for (const char c : key) {
    if (c == '~')
      result += "~0";
    else if (c == '/')
      result += "~1";
    else
      result += c;
  }
  return result;
}

std::string child_pointer(const std::string& pointer, std::size_t index) {
  return fmt::format("{}/{}", pointer, index);
}

void append_new(Json& object, std::string key, Json value) {
  Json::object_t& entries = object.get_ref<Json::object_t&>();
  entries.Json::object_t::Container::emplace_back(std::move(key), std::move(value));
}

std::optional<Document> parse_json(std::string_view text, std::string file,
                                   Diagnostics& diagnostics, std::size_t most_levels) {
  if (const std::size_t bad = first_non_text(text); bad != std::string_view::npos) {
    diagnostics.error(std::move(file), place(text, bad),
                      fmt::format("not a text file: byte 0x{:02x} at offset {} is not UTF-8",
                                  static_cast<unsigned char>(text[bad]), bad));
    return std::nullopt;
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    diagnostics.error(std::move(file), "", "the file is empty", "a JSON object is expected");
    return std::nullopt;
  }
  Document document{std::move(file), {}};
  Builder builder(text, most_levels, document.root);
  if (!Json::sax_parse(builder.begin(), builder.end(), &builder, Json::input_format_t::json,
                       /*strict=*/true, /*ignore_comments=*/true)) {
    diagnostics.error(std::move(document.file), builder.where(), builder.message(), builder.hint());
    return std::nullopt;
  }
  return document;
}

std::optional<Document> read_json_file(const std::string& path, Diagnostics& diagnostics) {
  const std::optional<std::string> text = read_file(path, diagnostics);
  if (!text) return std::nullopt;
  return parse_json(*text, path, diagnostics);
}

}  // namespace chasm
