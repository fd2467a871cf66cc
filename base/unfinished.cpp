#include "base/unfinished.h"

#include <array>
#include <atomic>
#include <unistd.h>

namespace chasm {
namespace {

struct Entry {
  std::atomic<const char*> path = nullptr;
  std::atomic<pid_t> owner = 0;
};
// More are never written at once; what finds no entry is only not removed.
std::array<Entry, 64> entries;

}  // namespace

void remember_unfinished(const char* path) {
  for (Entry& entry : entries) {
    const char* none = nullptr;
    if (!entry.path.compare_exchange_strong(none, path)) continue;
    entry.owner = ::getpid();
    return;
  }
}

void forget_unfinished(const char* path) {
  for (Entry& entry : entries) {
    const char* mine = path;
    if (entry.path.compare_exchange_strong(mine, nullptr)) return;
  }
}

void remove_unfinished() {
  for (Entry& entry : entries) {
    const char* path = entry.path;
    if (path != nullptr && entry.owner == ::getpid()) ::unlink(path);
  }
}

}  // namespace chasm
