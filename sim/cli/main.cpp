#include <csignal>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "base/error.h"
#include "sim/cli/program.h"

namespace {

// Results are renamed into place when complete, so ending at once leaves no half file behind.
void on_interrupt(int) {
  constexpr std::string_view kText = "\nchasm: interrupted\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kText.data(), kText.size());
  ::_exit(static_cast<int>(chasm::ExitCode::interrupted));
}

}  // namespace

// The SystemC library has a main of its own that wants this; ours is below.
extern "C" int sc_main(int, char**);
extern "C" int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGPIPE, SIG_DFL);  // a reader that has seen enough ends us without a word
  return chasm::run_program({argv + 1, argv + argc});
}
