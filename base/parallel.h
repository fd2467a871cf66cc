// Independent pieces of work over threads. Results must not depend on which thread does what.
#pragma once

#include <cstddef>
#include <functional>

namespace chasm {

// Calls work(i) for each i below `count`, from up to `threads` threads at once, in order of i where
// there is one. The first exception by i is thrown when all have ended.
void parallel_for(std::size_t count, std::size_t threads,
                  const std::function<void(std::size_t)>& work);

}  // namespace chasm
