// The image-to-column unit between the buffer and a systolic array: the array sees a matrix of
// elements, buffer and DRAM see the tensor.
#pragma once

#include <cstdint>
#include <optional>

#include "models/program/program.h"
#include "tests/support/oracle/words.h"

namespace chasm::oracle {

// The number of the word (of the element, where the input is flattened) that an iteration touches;
// none when it is padding. Numbers of different words differ.
std::optional<std::uint64_t> array_word(const TensorAccess&, const Index&);

// The tensor as buffer and DRAM see it.
TensorAccess stored_access(const TensorAccess&);

// The smallest box of whole index ranges of the operation before flattening that contains these
// iterations of the flattened one. (The input does not depend on K, which is left out.)
Block stored_box(const Im2col&, const Block&);

}  // namespace chasm::oracle
