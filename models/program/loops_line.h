// The loops of a program in one line, for tables.
#pragma once

#include <string>

#include "models/program/program.h"

namespace chasm {

// "dram K4 P2 | buffer C8 | x K14 | y R3 | rf S3"; loops of one trip are left out.
std::string loops_line(const Program&);

}  // namespace chasm
