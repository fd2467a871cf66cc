#include "sim/run/isolate.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <poll.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/check.h"
#include "base/error.h"
#include "base/limits.h"

namespace chasm {
namespace {

using Clock = std::chrono::steady_clock;

// Exit codes between child and parent. A piece of work that ends the process by itself with one of
// the first two has not sent the end mark. The limits end it with the others.
constexpr int kReturned = 0, kThrew = 1, kOutOfMemory = 2, kTimedOut = 3;
constexpr char kEndMark = '\n';
constexpr std::size_t kLongestComplaint = 16 * 1024;
constexpr int kPollMilliseconds = 100;  // how often `stop` is asked
constexpr double kGraceSeconds = 1;

// ---- the child -------------------------------------------------------------------------------

bool write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(to, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Together the children stay within what this process has.
std::optional<std::uint64_t> memory_of_a_child(const IsolateOptions& options) {
  if (options.memory_bytes || !memory_limit()) return options.memory_bytes;
  return *memory_limit() / options.jobs;
}

[[noreturn]] void be_the_child(int results, int complaints, pid_t parent,
                               const IsolateOptions& options,
                               const std::function<std::string()>& work) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kThrew);  // it ended before we asked to end with it
  forget_signals();
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C reaches all; the parent decides
  ::dup2(complaints, STDERR_FILENO);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  set_limits({options.seconds, memory_of_a_child(options), kTimedOut, kOutOfMemory});
  int code = kReturned;
  std::string text;
  try {
    text = work();
  } catch (const std::exception& problem) {
    text = problem.what();
    code = kThrew;
  }
  text += kEndMark;
  write_all(results, text);
  std::fflush(stderr);
  ::_exit(code);  // no destructors of what the parent owns
}

// ---- the parent ------------------------------------------------------------------------------

struct Child {
  std::size_t task = 0;
  pid_t pid = -1;
  int results = -1, complaints = -1;  // our ends of its pipes; -1: it has closed its own
  Clock::time_point started;
  std::string text, complaint;
  bool timed_out = false;
};

[[noreturn]] void fail(const char* what) {
  throw Error(ExitCode::internal,
              fmt::format("chasm: error: {}: {}", what, std::generic_category().message(errno)));
}

struct Pipe {
  int read_end = -1, write_end = -1;
};
Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe");
  return {ends[0], ends[1]};
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Takes what is there; closes the end when the other is closed. What is beyond `most` is dropped.
void drain(int& fd, std::string& text, std::size_t most) {
  char block[1 << 16];
  const ssize_t got = ::read(fd, block, sizeof block);
  if (got < 0 && errno == EINTR) return;
  if (got > 0) {
    const std::size_t room = most - std::min(most, text.size());
    text.append(block, std::min(room, static_cast<std::size_t>(got)));
    return;
  }
  ::close(fd);
  fd = -1;
}

ChildEnd end_of(Child& child, int status, const rusage& usage) {
  ChildEnd end;
  end.wall_s = seconds_since(child.started);
  end.peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  end.complaint = std::move(child.complaint);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  const bool complete = !child.text.empty() && child.text.back() == kEndMark;
  if (child.timed_out || code == kTimedOut) {
    end.how = ChildEnd::How::timed_out;
  } else if ((code == kReturned || code == kThrew) && complete) {
    end.how = code == kReturned ? ChildEnd::How::returned : ChildEnd::How::threw;
    end.text = std::move(child.text);
    end.text.pop_back();
  } else if (code == kOutOfMemory) {
    end.how = ChildEnd::How::out_of_memory;
  } else {
    end.how = ChildEnd::How::died;
    if (!end.complaint.empty() && end.complaint.back() != '\n') end.complaint += '\n';
    end.complaint += WIFSIGNALED(status) ? fmt::format("ended by signal {} ({})", WTERMSIG(status),
                                                       ::strsignal(WTERMSIG(status)))
                                         : fmt::format("ended with code {}", code);
  }
  return end;
}

class Children {
 public:
  Children(const IsolateOptions& options, const std::function<std::string(std::size_t)>& work)
      : options_(options), work_(work) {}
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  ~Children() {
    for (Child& child : running_) ::kill(child.pid, SIGKILL);
    for (Child& child : running_) {
      for (const int fd : {child.results, child.complaints})
        if (fd >= 0) ::close(fd);
      while (::waitpid(child.pid, nullptr, 0) < 0 && errno == EINTR) continue;
    }
  }

  std::size_t size() const { return running_.size(); }
  void start(std::size_t task);
  // Waits for news, and hands over the children that have ended.
  void serve(const std::function<void(std::size_t, const ChildEnd&)>& done);

 private:
  // A child ends itself in time, and says what it was doing; unless it is stuck.
  double killed_after() const { return *options_.seconds + kGraceSeconds; }
  int wait_milliseconds() const;
  void stop_late_ones();
  void reap(const std::function<void(std::size_t, const ChildEnd&)>& done);

  const IsolateOptions& options_;
  const std::function<std::string(std::size_t)>& work_;
  std::vector<Child> running_;
};

void Children::start(std::size_t task) {
  const Pipe results = make_pipe(), complaints = make_pipe();
  std::fflush(nullptr);  // or the child would write it again
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) fail("cannot start a process");
  if (pid == 0)
    be_the_child(results.write_end, complaints.write_end, parent, options_,
                 [&] { return work_(task); });
  ::close(results.write_end);
  ::close(complaints.write_end);
  Child child;
  child.task = task;
  child.pid = pid;
  child.results = results.read_end;
  child.complaints = complaints.read_end;
  child.started = Clock::now();
  running_.push_back(std::move(child));
}

int Children::wait_milliseconds() const {
  double least = kPollMilliseconds;
  for (const Child& child : running_)
    if (options_.seconds && !child.timed_out)
      least = std::min(least, (killed_after() - seconds_since(child.started)) * 1e3 + 1);
  return std::max(0, static_cast<int>(least));
}

void Children::stop_late_ones() {
  for (Child& child : running_)
    if (options_.seconds && !child.timed_out && seconds_since(child.started) > killed_after()) {
      child.timed_out = true;
      ::kill(child.pid, SIGKILL);
    }
}

void Children::serve(const std::function<void(std::size_t, const ChildEnd&)>& done) {
  std::vector<pollfd> watched;
  for (const Child& child : running_)
    for (const int fd : {child.results, child.complaints}) watched.push_back({fd, POLLIN, 0});
  if (::poll(watched.data(), watched.size(), wait_milliseconds()) > 0)
    for (std::size_t i = 0; i < watched.size(); ++i) {
      if (watched[i].revents == 0) continue;
      Child& child = running_[i / 2];
      if (i % 2 == 0)
        drain(child.results, child.text, SIZE_MAX);
      else
        drain(child.complaints, child.complaint, kLongestComplaint);
    }
  stop_late_ones();
  reap(done);
}

// Both pipes closed: the child has ended, or is about to.
void Children::reap(const std::function<void(std::size_t, const ChildEnd&)>& done) {
  for (std::size_t i = 0; i < running_.size();) {
    if (running_[i].results >= 0 || running_[i].complaints >= 0) {
      ++i;
      continue;
    }
    Child child = std::move(running_[i]);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    int status = 0;
    rusage usage{};
    while (::wait4(child.pid, &status, 0, &usage) < 0 && errno == EINTR) continue;
    done(child.task, end_of(child, status, usage));
  }
}

}  // namespace

void run_isolated(const std::vector<std::size_t>& tasks, const IsolateOptions& options,
                  const std::function<std::string(std::size_t)>& work,
                  const std::function<void(std::size_t, const ChildEnd&)>& done) {
  CHECK(options.jobs > 0, "no workers");
  Children children(options, work);
  for (std::size_t next = 0; next < tasks.size() || children.size() > 0;) {
    if (options.stop && options.stop()) return;
    while (next < tasks.size() && children.size() < options.jobs) children.start(tasks[next++]);
    children.serve(done);
  }
}

}  // namespace chasm
