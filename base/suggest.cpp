#include "base/suggest.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace chasm {
namespace {

constexpr std::size_t kLongestWord = 256;  // longer "words" are not typing mistakes
constexpr std::size_t kMostListed = 12;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Optimal string alignment: three rows of the table suffice, since a swap looks two rows back.
  const std::size_t n = b.size();
  std::vector<std::size_t> before(n + 1), last(n + 1), row(n + 1);
  for (std::size_t j = 0; j <= n; ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= n; ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[n];
}

std::string nearest_word(std::string_view word, std::span<const std::string> known) {
  if (word.empty() || word.size() > kLongestWord) return {};
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongestWord || candidate == word) continue;
    const std::size_t longer = std::max(candidate.size(), word.size());
    if (longer - std::min(candidate.size(), word.size()) >= best_distance) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::vector<std::string> near_words(std::string_view word, std::span<const std::string> known) {
  constexpr std::size_t kMost = 5;
  if (word.empty() || word.size() > kLongestWord) return {};
  const std::size_t near = std::max<std::size_t>(1, word.size() / 3);
  std::vector<std::pair<std::size_t, std::string>> found;  // with its distance
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongestWord) continue;
    const std::size_t distance = edit_distance(word, candidate);
    const bool meant = distance <= near && distance < candidate.size();
    if (meant || candidate.find(word) != std::string::npos) found.emplace_back(distance, candidate);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> words;
  for (std::size_t i = 0; i < std::min(found.size(), kMost); ++i) words.push_back(found[i].second);
  return words;
}

std::string suggest(std::string_view word, std::span<const std::string> known) {
  const std::string nearest = nearest_word(word, known);
  if (!nearest.empty()) return "did you mean \"" + nearest + "\"?";
  if (known.empty() || known.size() > kMostListed) return {};
  return (known.size() == 1 ? "expected " : "expected one of ") + quoted_list(known);
}

KnownWords::KnownWords(std::vector<std::string> words)
    : words_(std::move(words)), sorted_(words_.begin(), words_.end()) {}

bool KnownWords::contains(std::string_view word) const { return sorted_.contains(word); }

std::string KnownWords::suggest(std::string_view unknown) {
  constexpr std::size_t kMostAsked = 20;
  return asked_++ < kMostAsked ? chasm::suggest(unknown, words_) : "";
}

std::string quoted_list(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "\"" : ", \"") + word + "\"";
  return text;
}

}  // namespace chasm
