// Where writers of traces put their text, piece by piece.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace chasm {

using TextSink = std::function<void(std::string_view)>;

// Collects lines and passes them on in larger pieces; the rest at the end of its life.
class BufferedText {
 public:
  explicit BufferedText(const TextSink& sink) : sink_(sink) {}
  BufferedText(const BufferedText&) = delete;
  BufferedText& operator=(const BufferedText&) = delete;
  ~BufferedText() { sink_(text_); }

  std::back_insert_iterator<std::string> out() {
    if (text_.size() >= kPiece) {
      sink_(text_);
      text_.clear();
    }
    return std::back_inserter(text_);
  }

 private:
  static constexpr std::size_t kPiece = 1 << 16;
  const TextSink& sink_;
  std::string text_;
};

}  // namespace chasm
