// Says in the user's words why a value does not satisfy a schema: one diagnostic a cause, at the
// JSON pointer of the value to change. The verdict itself is base/schema.cpp's.
#pragma once

#include <string>

#include "base/diagnostic.h"
#include "base/json.h"

namespace chasm {

// Draft 7 without "format", "contains", "uniqueItems" and "dependencies". Two annotations of the
// schema are used in the messages: "description", and "unit" of a number.
void explain_violations(const Json& value, const std::string& file, const Json& schema,
                        Diagnostics&);

}  // namespace chasm
