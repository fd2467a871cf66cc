// What a user calls the objectives and methods of a search, in files and options.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapper/search.h"

namespace chasm {

const std::vector<std::string>& objective_names();      // edp first: the default
const std::vector<std::string>& search_method_names();  // as SearchMethod has them
// None: not such a name.
std::optional<Objective> objective_from(std::string_view);
std::optional<SearchMethod> search_method_from(std::string_view);

}  // namespace chasm
