// The journal of a sweep: merged, and gone on with.
#include <filesystem>

#include "sim/sweep/sweep_log.h"
#include "tests/fuzz/program.h"

namespace chasm::fuzz {
namespace {

// The rows of a journal whose own first line says that it is the right one.
void resume(std::string_view bytes, const std::string& path) {
  Diagnostics problems;
  const SweepLogContent content = parse_sweep_log(bytes, path, problems);
  if (!problems.ok() || content.header.is_null()) return;
  SweepLog log(path, content.header, true);
  log.finish();
}

}  // namespace

void one_input(std::string_view bytes) {
  const std::string path = file_of(bytes, "points.jsonl");
  run_command({"sweep", "--merge", std::filesystem::path(path).parent_path(), "-o", "-"});
  resume(bytes, path);
}

}  // namespace chasm::fuzz
