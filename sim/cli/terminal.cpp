#include "sim/cli/terminal.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/error.h"
#include "base/printable.h"

namespace chasm {
namespace {

constexpr std::size_t kPipeWidth = 100;
constexpr std::size_t kLeastWidth = 80;
constexpr double kRedrawSeconds = 0.1;
constexpr const char* kClearLine = "\r\033[K";

bool line_is_drawn = false;  // of the progress line: one a process, as stderr is

double now_s() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<unsigned long>(seconds + 0.5);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

void write_stdout(std::string_view text) {
  if (write_all(STDOUT_FILENO, text)) return;
  throw Error(ExitCode::invalid_input, fmt::format("cannot write to standard output: {}",
                                                   std::generic_category().message(errno)));
}

}  // namespace

void put(std::string_view text) { write_stdout(for_terminal(text)); }

void put_document(std::string_view text) {
  if (::isatty(STDOUT_FILENO)) return put(text);
  write_stdout(text);
}

void say(std::string_view text) {
  if (line_is_drawn) write_all(STDERR_FILENO, kClearLine);
  line_is_drawn = false;
  write_all(STDERR_FILENO, printable(text));
}

void say_warnings(const Diagnostics& diagnostics) {
  for (const Diagnostic& d : diagnostics.all())
    if (d.severity == Diagnostic::Severity::warning) say(to_string(d) + "\n");
}

TextStyle plain_style() { return {false, kPipeWidth}; }

TextStyle stdout_style() {
  TextStyle style = plain_style();
  if (!::isatty(STDOUT_FILENO)) return style;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  style.colour = (no_colour == nullptr || *no_colour == '\0') && terminal != nullptr &&
                 std::string_view(terminal) != "dumb";
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    style.width = std::max<std::size_t>(size.ws_col, kLeastWidth);
  return style;
}

Progress::Progress(std::string what, std::string units)
    : what_(std::move(what)),
      units_(std::move(units)),
      terminal_(::isatty(STDERR_FILENO) == 1),
      started_s_(now_s()),
      shown_s_(started_s_) {}

Progress::~Progress() { say(""); }

void Progress::update(std::size_t done, std::size_t total, std::uint64_t finer,
                      const char* finer_units) {
  if (!terminal_) return;
  const double now = now_s(), passed = now - started_s_;
  if (now - shown_s_ < kRedrawSeconds) return;
  shown_s_ = now;
  std::string line = fmt::format("{}{}: {}", kClearLine, what_, done);
  if (total > 0) line += fmt::format(" of {}", total);
  line += " " + units_;
  const double rate = static_cast<double>(done) / passed;
  if (finer > 0)
    line += fmt::format(", {:.3g} {}/s", static_cast<double>(finer) / passed, finer_units);
  if (done > 0) line += fmt::format(", {:.1f} {}/s", rate, units_);
  line += done > 0 && total > 0
              ? fmt::format(", ETA {}",
                            clock_text(static_cast<double>(total - std::min(done, total)) / rate))
              : fmt::format(", for {}", clock_text(passed));
  line_is_drawn = write_all(STDERR_FILENO, line);
}

}  // namespace chasm
