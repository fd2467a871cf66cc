#include "tests/fuzz/driver.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "base/error.h"

// A failed CHECK ends the process without a word to libFuzzer, which would keep no input of it.
extern "C" void _Exit(int status) {
  if (status == static_cast<int>(chasm::ExitCode::internal)) std::abort();
  ::_exit(status);
}

// SystemC's library has a main of its own that wants this.
extern "C" int sc_main(int, char**);
extern "C" int sc_main(int, char**) { return 0; }

namespace chasm::fuzz {
namespace {

namespace fs = std::filesystem;

// Removed when the process ends well.
const std::string& folder() {
  static const std::string path = [] {
    std::string name = (fs::temp_directory_path() / "chasm-fuzz-XXXXXX").string();
    CHECK(::mkdtemp(name.data()) != nullptr, "no temporary folder");
    return name;
  }();
  static const int removed = std::atexit([] {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  });
  CHECK(removed == 0);
  return path;
}

}  // namespace

std::string file_of(std::string_view bytes, const std::string& name) {
  const std::string path = folder() + "/" + name;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  CHECK(file, "cannot write {}", path);
  return path;
}

std::vector<std::string_view> parts_of(std::string_view bytes, std::size_t most) {
  constexpr std::string_view kDivider = "---\n";
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < most) {
    const std::size_t end = bytes.find(kDivider);
    if (end == bytes.npos) break;
    parts.push_back(bytes.substr(0, end));
    bytes.remove_prefix(end + kDivider.size());
  }
  parts.push_back(bytes);
  return parts;
}

}  // namespace chasm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    chasm::fuzz::one_input({reinterpret_cast<const char*>(data), size});
  } catch (const chasm::Error& error) {
    CHECK(error.code() != chasm::ExitCode::internal, "{}", error.what());
  }
  return 0;
}
