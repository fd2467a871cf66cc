#include <fcntl.h>
#include <unistd.h>

#include "base/limits.h"
#include "sim/cli/program.h"

namespace {

// Where one of the standard channels is closed, a file that is opened would get its number, and
// what is said would go into it. Reading from it, or writing to it, is an error as it was before;
// talk goes nowhere.
void occupy_standard_channels() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    const int other = ::open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_WRONLY);
    if (other != fd) ::_exit(static_cast<int>(chasm::ExitCode::internal));
  }
}

}  // namespace

// The SystemC library has a main of its own that wants this; ours is below.
extern "C" int sc_main(int, char**);
extern "C" int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  occupy_standard_channels();
  chasm::end_on_signals();
  chasm::set_limits({});
  return chasm::run_program({argv + 1, argv + argc});
}
