#include "mapper/choice_names.h"

#include <algorithm>

namespace chasm {
namespace {

// Names stand in the order of the declaration.
template <class Enum>
std::optional<Enum> from(const std::vector<std::string>& names, std::string_view text) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace

const std::vector<std::string>& objective_names() {
  static const std::vector<std::string> names = {"edp", "latency", "energy"};
  return names;
}

const std::vector<std::string>& search_method_names() {
  static const std::vector<std::string> names = {"quick",  "exhaustive", "bnb",
                                                 "random", "anneal",     "genetic"};
  return names;
}

std::optional<Objective> objective_from(std::string_view text) {
  return from<Objective>(objective_names(), text);
}

std::optional<SearchMethod> search_method_from(std::string_view text) {
  return from<SearchMethod>(search_method_names(), text);
}

}  // namespace chasm
