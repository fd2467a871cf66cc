// Runs with a part of the buffer set apart for intermediate tensors, beside the same run and
// mapping without: what is kept is what a replay of docs/microarchitecture.md, section 6, keeps;
// DRAM loses just the words and lines of kept tensors, nothing else moves more or less; and
// functional mode still computes the network.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "base/units.h"
#include "mapper/lower.h"
#include "mapper/map_network.h"
#include "models/memory/load_stream.h"
#include "sim/run/simulate.h"
#include "tests/support/oracle/in_child.h"

namespace chasm {
namespace {

constexpr auto kInput = static_cast<std::size_t>(Operand::input);
constexpr auto kWeight = static_cast<std::size_t>(Operand::weight);
constexpr auto kOutput = static_cast<std::size_t>(Operand::output);

struct Case {
  const char* arch;
  const char* network;
  Schedule schedule;
  std::uint64_t images, keep_bytes;
  bool functional;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.network << " on " << c.arch << ", schedule " << static_cast<int>(c.schedule) << ", "
       << c.keep_bytes << " bytes";
}

struct Inputs {
  ArchSpec arch;
  Network network;
  Mapping mapping;  // into what is left of the buffer
  Lowered lowered;
};

Inputs inputs_of(const Case& c) {
  Diagnostics diagnostics;
  const auto document = load_arch_document(c.arch, {}, diagnostics);
  Inputs in;
  in.arch = *read_arch(*document, diagnostics);
  in.network = *load_network(c.network, diagnostics);
  MapOptions options;
  options.side_by_side = c.schedule != Schedule::sequential;
  const ArchSpec tiles = arch_for_tiles(in.arch, c.keep_bytes);
  in.mapping = *map_network(tiles, in.network, options, diagnostics);
  in.lowered = *lower(tiles, in.network, in.mapping, diagnostics);
  return in;
}

// What a row of a run says, as a child process can write it down.
struct Row {
  Cycle start = 0, end = 0;
  std::array<bool, kOperands> kept{};
  std::uint64_t read_bursts = 0, write_bursts = 0;
  PerKind<ReadsWrites> dram, buffer;
};

Json json_of(const LayerResult& layer) {
  Json words = Json::array();
  for (const auto* level : {&layer.activity.dram, &layer.activity.buffer})
    for (const ReadsWrites& kind : level->values) words.push_back({kind.reads, kind.writes});
  return {layer.start_cycle,
          layer.end_cycle,
          layer.kept,
          layer.activity.dram_read_bursts,
          layer.activity.dram_write_bursts,
          words};
}

Row row_of(const Json& json) {
  Row row{json[0], json[1], json[2], json[3], json[4], {}, {}};
  for (std::size_t k = 0; k < kWordKinds; ++k) {
    row.dram.values[k] = {json[5][k][0], json[5][k][1]};
    row.buffer.values[k] = {json[5][kWordKinds + k][0], json[5][kWordKinds + k][1]};
  }
  return row;
}

std::vector<Row> run(const Inputs& in, const Case& c, std::uint64_t keep_bytes, bool functional) {
  const ChildResult child = in_child(
      [&] {
        SimOptions options;
        options.schedule = c.schedule;
        options.images = c.images;
        options.keep_on_chip_bytes = keep_bytes;
        options.functional = functional;
        Json rows = Json::array();
        for (const LayerResult& layer : simulate(in.arch, in.network, in.mapping, options).layers)
          rows.push_back(json_of(layer));
        return rows.dump();
      },
      240);
  EXPECT_TRUE(child.ok) << child.text;
  std::vector<Row> rows;
  if (child.ok)
    for (const Json& row : Json::parse(child.text)) rows.push_back(row_of(row));
  return rows;
}

// Which operands section 6 keeps, from the cycles at which the layers started and ended; the free
// space is a set of words.
class Replay {
 public:
  Replay(const Inputs& in, const Case& c, const std::vector<Row>& rows)
      : in_(in), rows_(rows), operations_(in.lowered.operations.size()) {
    const std::uint64_t word = in.arch.global_buffer.word_bytes;
    const std::uint64_t capacity = in.arch.global_buffer.capacity_bytes;
    for (std::uint64_t at = ceil_div(capacity - c.keep_bytes, word); (at + 1) * word <= capacity;
         ++at)
      free_.insert(at);
  }

  // By row.
  std::vector<std::array<bool, kOperands>> run() {
    // At a cycle, what starts then (decided the cycle before, in order of chunks) goes before what
    // ends then.
    std::set<std::tuple<Cycle, int, std::uint32_t, std::size_t>> events;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      const std::uint32_t chunk = in_.lowered.operations[r % operations_].chunk;
      events.insert({rows_[r].start, 0, chunk, r});
      events.insert({rows_[r].end, 1, chunk, r});
    }
    result_.resize(rows_.size());
    for (const auto& [cycle, ends, chunk, row] : events) ends ? end(row) : start(row);
    return result_;
  }

 private:
  using Key = std::pair<std::size_t, std::uint32_t>;  // image, tensor
  const LoweredOperation& operation(std::size_t row) const {
    return in_.lowered.operations[row % operations_];
  }
  std::uint32_t output(std::size_t row) const {
    return in_.network.output_of(operation(row).layer);
  }
  bool first_part(std::size_t row) const {
    return row % operations_ == 0 || operation(row - 1).layer != operation(row).layer;
  }
  bool last_part(std::size_t row) const {
    return row % operations_ + 1 == operations_ || first_part(row + 1);
  }

  void start(std::size_t row) {
    const Program& program = operation(row).program;
    const std::size_t image = row / operations_;
    for (const std::size_t o : {kInput, kWeight}) {
      const TensorAccess& access = program.operation.access[o];
      result_[row][o] =
          access.used && !access.is_parameter && words_.count({image, access.tensor}) > 0;
    }
    if (first_part(row) && may_be_kept(output(row))) find_room(row);
    result_[row][kOutput] = words_.count({image, output(row)}) > 0;
  }

  bool may_be_kept(std::uint32_t tensor) const {
    bool read = false;
    for (const LoweredOperation& reader : in_.lowered.operations)
      for (const std::size_t o : {kInput, kWeight}) {
        const TensorAccess& access = reader.program.operation.access[o];
        if (!access.used || access.is_parameter || access.tensor != tensor) continue;
        if (reader.program.bypass_buffer[o]) return false;
        read = true;
      }
    return read;
  }

  void find_room(std::size_t row) {
    const Program& program = operation(row).program;
    const std::uint64_t bits = accumulates_over_steps(program)
                                   ? std::max(program.psum.bits, program.placement[kOutput].bits)
                                   : program.placement[kOutput].bits;
    const std::uint64_t bytes =
        packed_bytes(program.operation.of(Operand::output).words, static_cast<std::uint32_t>(bits));
    const std::uint64_t count = ceil_div(bytes, in_.arch.global_buffer.word_bytes);
    for (const std::uint64_t first : free_) {
      std::uint64_t n = 0;
      while (n < count && free_.count(first + n) > 0) ++n;
      if (n < count) continue;
      for (n = 0; n < count; ++n) {
        free_.erase(first + n);
        words_[{row / operations_, output(row)}].push_back(first + n);
      }
      return;
    }
  }

  void end(std::size_t row) {
    ended_.insert(row);
    const std::size_t image = row / operations_;
    for (const std::uint32_t tensor : in_.network.layers[operation(row).layer].inputs) {
      const auto kept = words_.find({image, tensor});
      if (!last_part(row) || kept == words_.end() || !all_readers_ended(image, tensor)) continue;
      free_.insert(kept->second.begin(), kept->second.end());
      words_.erase(kept);
    }
  }

  bool all_readers_ended(std::size_t image, std::uint32_t tensor) const {
    for (std::size_t o = 0; o < operations_; ++o) {
      const auto& inputs = in_.network.layers[in_.lowered.operations[o].layer].inputs;
      const bool reads = std::find(inputs.begin(), inputs.end(), tensor) != inputs.end();
      if (reads && ended_.count(image * operations_ + o) == 0) return false;
    }
    return true;
  }

  const Inputs& in_;
  const std::vector<Row>& rows_;
  std::size_t operations_;
  std::set<std::uint64_t> free_;  // words
  std::map<Key, std::vector<std::uint64_t>> words_;
  std::set<std::size_t> ended_;
  std::vector<std::array<bool, kOperands>> result_;
};

// The lines that an operand of a program loads.
std::uint64_t loaded_lines(const Program& program, Operand operand) {
  if (!program.operation.of(operand).used) return 0;
  LoadStream stream(program, operand, 0);
  std::uint64_t lines = 0;
  for (; stream.has_line(); ++lines) stream.take_line();
  return lines;
}

void expect_only_kept_words_vanish(const Program& program, const Row& with, const Row& without) {
  const std::uint64_t input = loaded_lines(program, Operand::input);
  const std::uint64_t weight = loaded_lines(program, Operand::weight);
  const std::uint64_t psum = minus(without.read_bursts, input + weight);
  EXPECT_EQ(with.read_bursts, (with.kept[kInput] ? 0 : input) + (with.kept[kWeight] ? 0 : weight) +
                                  (with.kept[kOutput] ? 0 : psum));
  EXPECT_EQ(with.write_bursts, with.kept[kOutput] ? 0 : without.write_bursts);
  for (const auto& [kind, o] :
       {std::pair{WordKind::input, kInput}, std::pair{WordKind::weight, kWeight},
        std::pair{WordKind::psum, kOutput}, std::pair{WordKind::output, kOutput}}) {
    const ReadsWrites& dram = without.dram[kind];
    EXPECT_EQ(with.dram[kind], with.kept[o] ? ReadsWrites{} : dram) << to_string(kind);
    // What the DMA does not bring is not written to the buffer, and what it does not fetch not
    // read.
    ReadsWrites buffer = without.buffer[kind];
    if (with.kept[o]) buffer = {minus(buffer.reads, dram.writes), minus(buffer.writes, dram.reads)};
    EXPECT_EQ(with.buffer[kind], buffer) << to_string(kind);
  }
}

class KeptTensors : public testing::TestWithParam<Case> {};

TEST_P(KeptTensors, NeedNoDram) {
  const Case& c = GetParam();
  const Inputs in = inputs_of(c);
  const std::vector<Row> without = run(in, c, 0, false);
  const std::vector<Row> with = run(in, c, c.keep_bytes, c.functional);
  ASSERT_EQ(with.size(), without.size());
  const std::vector<std::array<bool, kOperands>> expected = Replay(in, c, with).run();
  std::size_t kept = 0;
  for (std::size_t r = 0; r < with.size(); ++r) {
    const Program& program = in.lowered.operations[r % in.lowered.operations.size()].program;
    SCOPED_TRACE(program.operation.name);
    EXPECT_EQ(with[r].kept, expected[r]);
    EXPECT_EQ(without[r].kept, (std::array<bool, kOperands>{}));
    expect_only_kept_words_vanish(program, with[r], without[r]);
    kept += with[r].kept[kOutput] ? 1 : 0;
  }
  EXPECT_GT(kept, 0U);
  EXPECT_LT(kept, with.size());
}

INSTANTIATE_TEST_SUITE_P(
    Toys, KeptTensors,
    testing::Values(Case{"tiny", "toy_all_types", Schedule::sequential, 2, 700, true},
                    Case{"tiny", "toy_all_types", Schedule::graph, 2, 700, true},
                    Case{"tiny", "toy_all_types", Schedule::pipelined, 4, 1000, true},
                    Case{"tiny", "toy_mixed3", Schedule::pipelined, 4, 1500, true},
                    Case{"nasa-45nm", "toy_all_types", Schedule::sequential, 2, 32768, true},
                    Case{"nasa-45nm", "toy_all_types", Schedule::pipelined, 6, 3001, true}));

INSTANTIATE_TEST_SUITE_P(DefaultNetwork, KeptTensors,
                         testing::Values(Case{"nasa-45nm", "nasa_hybrid_all_b_cifar10",
                                              Schedule::sequential, 1, 24 * 1024, true},
                                         Case{"nasa-45nm", "nasa_hybrid_all_b_cifar10",
                                              Schedule::graph, 1, 40 * 1024, false},
                                         Case{"nasa-45nm", "nasa_hybrid_all_b_cifar10",
                                              Schedule::pipelined, 3, 32 * 1024, false}));

// Values decide nothing: the run takes the same cycles.
TEST(KeptTensorsMode, FunctionalTakesTheSameCycles) {
  const Case c{"tiny", "toy_all_types", Schedule::pipelined, 3, 1000, true};
  const Inputs in = inputs_of(c);
  const std::vector<Row> timing = run(in, c, c.keep_bytes, false);
  const std::vector<Row> functional = run(in, c, c.keep_bytes, true);
  ASSERT_EQ(timing.size(), functional.size());
  ASSERT_FALSE(timing.empty());
  for (std::size_t r = 0; r < timing.size(); ++r) {
    EXPECT_EQ(timing[r].start, functional[r].start);
    EXPECT_EQ(timing[r].end, functional[r].end);
  }
}

}  // namespace
}  // namespace chasm
