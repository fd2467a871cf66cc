// The JSON Schema of quantization.json, which a functional run writes (docs/formats.md, "Tensor
// folders").
#pragma once

#include <string_view>

namespace chasm {

std::string_view quantization_schema();

}  // namespace chasm
