// The trace of a run and its result tell the same story: the slices of every cause add up to the
// accounting, a layer's slice is where its row says, and the DRAM's requests are its bursts.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "models/arch/dram_link.h"
#include "traces/memory_trace.h"
#include "traces/timeline.h"
#include "mapper/map_network.h"
#include "models/memory/line_map.h"
#include "sim/run/simulate.h"

namespace chasm {
namespace {

struct Case {
  const char* arch;
  const char* network;
  Schedule schedule;
  std::uint64_t images;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.network << " on " << c.arch << ", schedule " << static_cast<int>(c.schedule);
}

RunResult run(const Case& c, Recorder* recorder) {
  Diagnostics diagnostics;
  const ArchSpec arch = *read_arch(*load_arch_document(c.arch, {}, diagnostics), diagnostics);
  const Network network = *load_network(c.network, diagnostics);
  MapOptions map_options;
  map_options.side_by_side = c.schedule != Schedule::sequential;
  const auto mapping = map_network(arch, network, map_options, diagnostics);
  EXPECT_TRUE(mapping) << diagnostics.to_string();
  SimOptions options;
  options.schedule = c.schedule;
  options.images = c.images;
  options.recorder = recorder;
  return simulate(arch, network, *mapping, options);
}

// Cycles of each track in each of its states, and its slices.
struct Slice {
  Cycle begin, end;
  std::uint64_t value;
};
std::map<std::string, std::vector<Slice>> slices_of(const Timeline& timeline) {
  std::map<std::string, std::vector<Slice>> slices;
  std::map<Track, Slice> open;
  timeline.for_each_change([&](Track track, Cycle at, std::uint64_t value) {
    const Timeline::Description& description = timeline.tracks()[track];
    auto& all = slices[description.group + "/" + description.name];
    if (const auto last = open.find(track); last != open.end() && last->second.value != 0)
      all.push_back({last->second.begin, at, last->second.value});
    open[track] = {at, at, value};
  });
  for (const auto& [track, last] : open)
    EXPECT_EQ(last.value, 0U) << timeline.tracks()[track].name << " never ends";
  return slices;
}

class TraceOf : public testing::TestWithParam<Case> {
 protected:
  TraceOf() : result_(run(GetParam(), &timeline_)) {
    timeline_.finish(result_.cycles);
    slices_ = slices_of(timeline_);
  }

  Timeline timeline_{{}};
  RunResult result_;
  std::map<std::string, std::vector<Slice>> slices_;
};

TEST_P(TraceOf, SlicesOfEveryCauseAddUpToTheAccounting) {
  for (const ChunkResult& chunk : result_.chunks) {
    CyclesByCause cycles{};
    Cycle last = 0;
    for (const Slice& slice : slices_["chunk " + chunk.name + "/issue"]) {
      cycles[Timeline::state_of(slice.value)] += slice.end - slice.begin;
      EXPECT_GE(slice.begin, last);
      last = slice.end;
    }
    cycles[static_cast<std::size_t>(Cause::idle)] = result_.cycles - last;
    EXPECT_EQ(cycles, chunk.cycles_by_cause) << chunk.name;
  }
}

TEST_P(TraceOf, LayersAreWhereTheirRowsSay) {
  std::size_t rows = 0;
  for (const auto& [name, slices] : slices_) rows += name.ends_with("/layer") ? slices.size() : 0;
  EXPECT_EQ(rows, result_.layers.size());
  std::map<std::string, std::vector<std::string>> names;
  for (const Timeline::Description& track : timeline_.tracks())
    names[track.group + "/" + track.name] = track.states;
  for (const LayerResult& layer : result_.layers) {
    const std::string track = "chunk " + layer.chunk + "/layer";
    const auto& slices = slices_[track];
    EXPECT_EQ(std::count_if(slices.begin(), slices.end(),
                            [&](const Slice& slice) {
                              return slice.begin == layer.start_cycle &&
                                     slice.end == layer.end_cycle &&
                                     names[track][Timeline::state_of(slice.value)] == layer.name &&
                                     Timeline::detail_of(slice.value) == layer.image;
                            }),
              1)
        << layer.name << " of image " << layer.image;
  }
}

TEST_P(TraceOf, RequestsAreTheBurstsOfTheResult) {
  std::uint64_t reads = 0, writes = 0;
  Cycle last = 0;
  timeline_.for_each_request([&](Cycle at, bool write, std::uint64_t address) {
    ++(write ? writes : reads);
    EXPECT_GE(at, last);
    EXPECT_EQ(address % kLineBytes, 0U);
    last = at;
  });
  EXPECT_EQ(reads * kLineBytes, result_.dram_read_bytes);
  EXPECT_EQ(writes * kLineBytes, result_.dram_write_bytes);
  // Requests carry cycles of the memory clock.
  Diagnostics diagnostics;
  const MachineClocks clocks = machine_clocks(
      *read_arch(*load_arch_document(GetParam().arch, {}, diagnostics), diagnostics));
  EXPECT_LT(clocks.memory.tick_of(last), clocks.core.tick_of(result_.cycles));
  std::string text;
  write_memory_trace(timeline_, [&](std::string_view piece) { text += piece; });
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')), reads + writes);
}

TEST_P(TraceOf, CountersStayInTheirLimitsAndMoveEveryByte) {
  Diagnostics diagnostics;
  const ArchSpec arch =
      *read_arch(*load_arch_document(GetParam().arch, {}, diagnostics), diagnostics);
  std::map<std::string, std::uint64_t> most = {{"ports busy", arch.global_buffer.ports},
                                               {"allocated", arch.global_buffer.capacity_bytes}};
  struct Level {
    Cycle since = 0;
    std::uint64_t value = 0;
  };
  std::map<Track, Level> rates;
  std::uint64_t bytes = 0;
  timeline_.for_each_change([&](Track track, Cycle at, std::uint64_t value) {
    const Timeline::Description& description = timeline_.tracks()[track];
    if (most.count(description.name) > 0) {
      EXPECT_LE(value, most[description.name]) << description.name;
    }
    if (description.kind != Timeline::Kind::rate) return;
    const Level last = rates[track];
    EXPECT_EQ(at % description.window, 0U);
    bytes += last.value * ((at - last.since) / description.window);
    rates[track] = {at, value};
  });
  EXPECT_EQ(bytes, result_.dram_read_bytes + result_.dram_write_bytes);
}

// Ports of the buffer as one counter: port-cycles from grant to last beat.
std::uint64_t port_cycles(const Timeline& timeline) {
  std::uint64_t sum = 0, level = 0;
  Cycle since = 0;
  timeline.for_each_change([&](Track track, Cycle at, std::uint64_t value) {
    if (timeline.tracks()[track].name != "ports busy") return;
    sum += level * (at - since);
    since = at, level = value;
  });
  return sum;
}

TEST_P(TraceOf, EnginesDoWhatTheTraceShows) {
  const auto of = [](const EngineReport& engine, EngineState state) {
    return engine.cycles[static_cast<std::size_t>(state)];
  };
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> buses;  // moves, waits
  for (const auto& [name, slices] : slices_)
    if (name.ends_with(" bus")) {
      auto& [moves, waits] = buses[name];
      for (const Slice& slice : slices)
        (Timeline::state_of(slice.value) == 0 ? moves : waits) += slice.end - slice.begin;
    }
  std::uint64_t ports = 0, compared = 0;
  for (const EngineReport& engine : result_.engines) {
    if (engine.name.starts_with("global_buffer.port"))
      ports += of(engine, EngineState::busy) + of(engine, EngineState::wait_bank);
    const std::size_t bus = engine.name.rfind("_bus");
    if (bus == std::string::npos) continue;
    const std::size_t dot = engine.name.find('.');
    const auto& [moves, waits] = buses["chunk " + engine.name.substr(0, dot) + "/" +
                                       engine.name.substr(dot + 1, bus - dot - 1) + " bus"];
    EXPECT_EQ(of(engine, EngineState::busy), moves) << engine.name;
    EXPECT_EQ(of(engine, EngineState::wait_port) + of(engine, EngineState::wait_bank), waits)
        << engine.name;
    compared += moves > 0 ? 1 : 0;
  }
  EXPECT_EQ(ports, port_cycles(timeline_));
  EXPECT_GT(ports, 0U);
  EXPECT_GT(compared, 4U);
}

INSTANTIATE_TEST_SUITE_P(Runs, TraceOf,
                         testing::Values(Case{"tiny", "toy_mixed3", Schedule::sequential, 1},
                                         Case{"tiny", "toy_mixed3", Schedule::pipelined, 4},
                                         Case{"nasa-45nm", "toy_all_types", Schedule::graph, 2},
                                         Case{"nasa-45nm", "resnet20_deepshift_cifar10",
                                              Schedule::sequential, 1}));

}  // namespace
}  // namespace chasm
