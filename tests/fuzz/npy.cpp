// A file of NumPy: what is read and written again reads the same.
#include "workloads/npy.h"

#include "tests/fuzz/driver.h"

namespace chasm::fuzz {

void one_input(std::string_view bytes) {
  Diagnostics problems;
  const std::string path = file_of(bytes);
  const auto array = read_npy(path, problems);
  require_reason(array, problems);
  if (!array) return;
  const NpyExpectation same{array->shape, INT64_MIN, INT64_MAX, "the array"};
  CHECK(read_npy(path, same, problems), "{}", problems.to_string());
  CHECK(write_npy(path, array->shape, array->values, 64, problems));
  const auto again = read_npy(path, problems);
  CHECK(again && again->shape == array->shape && again->values == array->values, "{}",
        problems.to_string());
}

}  // namespace chasm::fuzz
