#include "mapper/walk_repeat.h"

namespace chasm::walk {
namespace {

// Looking costs time as well: after so many looks in vain it pauses, longer every time.
constexpr std::uint64_t kMostAge = 64, kMostPause = 256, kFewestIterations = 2;

WalkedTiming difference(const WalkedTiming& a, const WalkedTiming& b) {
  WalkedTiming d = a;
  d.busy -= b.busy;
  d.wait_input -= b.wait_input;
  d.wait_weight -= b.wait_weight;
  d.wait_psum -= b.wait_psum;
  d.wait_output -= b.wait_output;
  d.wait_dram -= b.wait_dram;
  d.ramp -= b.ramp;
  d.port_wait -= b.port_wait;
  d.bank_wait -= b.bank_wait;
  return d;
}

constexpr Operand operand_of(std::size_t part) {
  return part == Machine::kLoadInput    ? Operand::input
         : part == Machine::kLoadWeight ? Operand::weight
                                        : Operand::output;
}

}  // namespace

Repeat::Repeat(const Program& program, const ArchSpec& arch, Machine& machine)
    : alike_(program, arch.dram.is_ideal() ? arch.dram.channels : 1),
      machine_(machine),
      levels_(alike_.loops()) {}

void Repeat::take(std::size_t loop, Picture& picture) const {
  const auto cursors = machine_.cursors();
  for (std::size_t part = 0; part < Machine::kParts; ++part) {
    picture.places[part] = 0;
    if (!cursors[part]) continue;
    for (std::size_t l = 0; l < cursors[part]->depth(); ++l)
      picture.places[part] += cursors[part]->index(l) * alike_.weight(l);
  }
  picture.iteration = machine_.issue().cursor().index(loop);
  picture.step = machine_.issue().step();
  picture.totals = machine_.totals();
  picture.state.start(machine_.now(), machine_.issue().end());
  machine_.save(picture.state);
}

void Repeat::look_at(std::size_t loop) {
  for (std::size_t l = loop + 1; l < levels_.size(); ++l)
    levels_[l].has = levels_[l].has_range = false;
  Level& level = levels_[loop];
  if (!level.has_range) {
    level.range = alike_.range(loop, machine_.issue().cursor());
    level.has_range = true;
  }
  const Alike::Range& range = level.range;
  const std::uint64_t iteration = machine_.issue().cursor().index(loop);
  if (iteration < range.first || iteration + kFewestIterations > range.last) return;
  if (level.pause > 0) {
    --level.pause;
    level.has = false;
    return;
  }
  take(loop, now_);
  if (!level.has) {
    level.age = 0;
    level.most_age = 1;
  } else if (try_jump(loop, level.then, now_)) {
    for (std::size_t l = loop; l < levels_.size(); ++l) levels_[l].has = false;
    level.next_pause = 1;
    return;
  } else if (++level.age < level.most_age) {
    return;
  } else {
    level.age = 0;
    level.most_age *= 2;
    if (level.most_age > kMostAge) {
      level.pause = level.next_pause;
      level.next_pause = std::min(2 * level.next_pause, kMostPause);
      level.most_age = 1;
    }
  }
  std::swap(level.then, now_);
  level.has = true;
}

bool Repeat::try_jump(std::size_t loop, const Picture& then, const Picture& now) {
  const std::uint64_t iterations = now.iteration - then.iteration;
  if (!now.state.same_state(then.state) || !alike_.same_words(loop, iterations)) return false;
  const auto cursors = machine_.cursors();
  const LoopCursor& issue = machine_.issue().cursor();
  const Alike::Range& range = levels_[loop].range;
  const std::uint64_t places = iterations * alike_.weight(loop);
  Machine::Jump jump{loop, 0, {}, 0, 0, now.state.now() - then.state.now(), {}};
  std::uint64_t last = 0;  // iteration where any part stands
  for (std::size_t part = 0; part < Machine::kParts; ++part) {
    if (now.places[part] == then.places[part]) continue;  // it waits
    const LoopCursor& cursor = *cursors[part];
    if (now.places[part] - then.places[part] != places || cursor.depth() <= loop) return false;
    for (std::size_t l = 0; l < loop; ++l)
      if (cursor.index(l) != issue.index(l)) return false;
    if (cursor.index(loop) < iterations + range.first) return false;
    const bool lines =
        part == Machine::kLoadInput || part == Machine::kLoadWeight || part == Machine::kStore;
    if (lines && !alike_.same_lines(loop, iterations, operand_of(part))) return false;
    jump.moves[part] = true;
    last = std::max(last, cursor.index(loop));
  }
  if (!jump.moves[Machine::kIssue] || last + iterations > range.last) return false;
  jump.times = (range.last - last) / iterations;
  jump.iterations = jump.times * iterations;
  jump.steps = jump.times * (now.step - then.step);
  jump.totals = difference(now.totals, then.totals);
  machine_.jump(jump);
  return true;
}

}  // namespace chasm::walk
