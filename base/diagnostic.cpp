#include "base/diagnostic.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/printable.h"

namespace chasm {
namespace {

constexpr std::size_t kMostShown = 200;  // nobody reads more of them

}  // namespace

std::string to_string(const Diagnostic& d) {
  std::string text;
  if (!d.file.empty()) text += d.file + ": ";
  if (!d.pointer.empty()) text += d.pointer + ": ";
  text += d.severity == Diagnostic::Severity::error ? "error: " : "warning: ";
  text += d.message;
  if (!d.hint.empty()) text += "; " + d.hint;
  return printable_line(text);
}

void Diagnostics::error(std::string file, std::string pointer, std::string message,
                        std::string hint) {
  all_.push_back({Diagnostic::Severity::error, std::move(file), std::move(pointer),
                  std::move(message), std::move(hint)});
  ++errors_;
}

void Diagnostics::infeasible(std::string file, std::string pointer, std::string message,
                             std::string hint) {
  error(std::move(file), std::move(pointer), std::move(message), std::move(hint));
  all_.back().infeasible = true;
}

bool Diagnostics::only_infeasible() const {
  return errors_ > 0 && std::all_of(all_.begin(), all_.end(), [](const Diagnostic& d) {
           return d.infeasible || d.severity == Diagnostic::Severity::warning;
         });
}

void Diagnostics::warning(std::string file, std::string pointer, std::string message,
                          std::string hint) {
  all_.push_back({Diagnostic::Severity::warning, std::move(file), std::move(pointer),
                  std::move(message), std::move(hint)});
}

void Diagnostics::add(const Diagnostics& others) {
  all_.insert(all_.end(), others.all_.begin(), others.all_.end());
  errors_ += others.errors_;
}

std::string Diagnostics::to_string() const {
  std::string text;
  const std::size_t shown = std::min(all_.size(), kMostShown);
  for (std::size_t i = 0; i < shown; ++i) text += chasm::to_string(all_[i]) + "\n";
  if (shown < all_.size()) text += fmt::format("... and {} more\n", all_.size() - shown);
  return text;
}

}  // namespace chasm
