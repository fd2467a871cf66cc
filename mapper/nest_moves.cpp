#include "mapper/nest_moves.h"

namespace chasm {

NestFactors::NestFactors(const Program& prototype) : splits(prototype.operation.bounds) {
  for (const Operand operand : kAllOperands) {
    const auto o = static_cast<std::size_t>(operand);
    used_[o] = prototype.operation.of(operand).used;
    buffered_[o] = has_buffer_tiles(prototype, operand);
    array_.emplace_back(prototype.operation, operand, OperandFactors::Level::array);
    buffer_.emplace_back(prototype.operation, operand, OperandFactors::Level::buffer);
  }
}

}  // namespace chasm
