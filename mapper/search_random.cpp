#include "mapper/search_stream.h"

namespace chasm {

bool search_random(Stream& stream) {
  while (!stream.over()) stream.evaluate(stream.random_point());
  return false;
}

}  // namespace chasm
