// "Did you mean": the known word nearest to a mistyped one.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chasm {

// Edits (insert, delete, replace, or swap of two neighbours; letter case costs nothing) between two
// words.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest known word, if it is near enough to be meant (a third of the letters at most); else
// "". Ties go to the first in `known`.
std::string nearest_word(std::string_view word, std::span<const std::string> known);

// Known words that may be meant, the nearest first, at most a few: near enough as above, or with
// the word in them ("toy" of "toy_all_types").
std::vector<std::string> near_words(std::string_view word, std::span<const std::string> known);

// The hint of a diagnostic: `did you mean "rows"?`; where nothing is near, `expected one of "a",
// "b"` if the known words are few enough to be read; else "".
std::string suggest(std::string_view word, std::span<const std::string> known);

// Known words that are many, and are asked for many: of the layers of a network.
class KnownWords {
 public:
  explicit KnownWords(std::vector<std::string> words);
  bool contains(std::string_view word) const;
  // As above for the first few that are asked about, since each is compared with every word; then
  // "".
  std::string suggest(std::string_view unknown);

 private:
  std::vector<std::string> words_;
  std::set<std::string, std::less<>> sorted_;
  std::size_t asked_ = 0;
};

// `"a", "b", "c"`.
std::string quoted_list(std::span<const std::string> words);

}  // namespace chasm
