// What every fuzz target shares: how an input reaches a reader, and what counts as a failure.
//
// A target fails by a crash, a report of a sanitizer, a leak, a hang, and where the program would
// end with exit code 70: a CHECK, or an exception other than a user's Error.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/diagnostic.h"

namespace chasm::fuzz {

// One input, as the target takes it: each target defines this.
void one_input(std::string_view bytes);

// The path of a file with these bytes, for readers that open one; the same for each input.
std::string file_of(std::string_view bytes, const std::string& name = "input");

// The parts of an input that lines of "---" divide, at most so many.
std::vector<std::string_view> parts_of(std::string_view bytes, std::size_t most);

// A reader gives a value, or says what is wrong.
template <class T>
void require_reason(const std::optional<T>& value, const Diagnostics& problems) {
  CHECK(value || !problems.ok(), "refused without a diagnostic");
}

}  // namespace chasm::fuzz
