#include "base/doing.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>

namespace chasm {
namespace {

// What a signal handler reads: one text is written while the other one is current.
std::array<std::array<char, kDoingBytes>, 2> texts;
std::atomic<unsigned> current = 0;
std::atomic<std::uint64_t> progress_count = 0;
std::atomic<const char*> progress_units = nullptr;

struct Stages {
  std::mutex mutex;
  std::map<std::uint64_t, std::string> by_number;
  std::uint64_t next = 0;
};
Stages& stages() {
  static Stages* all = new Stages;  // outlives every static object that does something
  return *all;
}

void render(const Stages& all) {
  std::array<char, kDoingBytes>& text = texts[1 - current];
  std::size_t size = 0;
  const auto append = [&](std::string_view part) {
    const std::size_t taken = std::min(part.size(), text.size() - 1 - size);
    std::copy_n(part.data(), taken, text.data() + size);
    size += taken;
  };
  for (const auto& [number, what] : all.by_number) {
    if (size > 0) append(": ");
    append(what);
  }
  text[size] = '\0';
  current = 1 - current;
}

}  // namespace

Doing::Doing(std::string what) {
  Stages& all = stages();
  const std::lock_guard lock(all.mutex);
  number_ = all.next++;
  all.by_number.emplace(number_, std::move(what));
  progress_units = nullptr;
  render(all);
}

Doing::~Doing() {
  Stages& all = stages();
  const std::lock_guard lock(all.mutex);
  all.by_number.erase(number_);
  progress_units = nullptr;
  render(all);
}

void Doing::becomes(std::string what) {
  Stages& all = stages();
  const std::lock_guard lock(all.mutex);
  all.by_number[number_] = std::move(what);
  render(all);
}

void note_progress(std::uint64_t count, const char* units) {
  progress_count.store(count, std::memory_order_relaxed);
  progress_units.store(units, std::memory_order_relaxed);
}

std::size_t copy_doing(char* text) {
  std::size_t size = 0;
  const auto append = [&](const char* part) {
    const std::size_t taken = std::min(std::strlen(part), kDoingBytes - size);
    std::memcpy(text + size, part, taken);
    size += taken;
  };
  append(texts[current].data());
  const char* units = progress_units;
  if (units == nullptr) return size;
  std::array<char, 24> digits{};
  std::size_t at = digits.size() - 1;
  std::uint64_t count = progress_count;
  do digits[--at] = static_cast<char>('0' + count % 10);
  while ((count /= 10) > 0);
  append(", after ");
  append(digits.data() + at);
  append(" ");
  append(units);
  return size;
}

}  // namespace chasm
