// The text of each trace format, byte for byte, of one small hand-made timeline.
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "base/json.h"
#include "traces/memory_trace.h"
#include "traces/perfetto.h"
#include "traces/vcd.h"

namespace chasm {
namespace {

// Cycles 0 to 12 of a chunk with one bus, a layer track with images, and a level and a rate of its
// memory.
void record(Timeline& timeline) {
  const Track layer = timeline.states("chunk A", "layer", {"conv \"1\""}, "image");
  const Track issue = timeline.states("chunk A", "issue", {"busy", "wait_input", "ramp"});
  const Track bus = timeline.states("chunk A", "input bus", {"fill", "wait_port"});
  const Track ports = timeline.level("buffer", "ports busy", "ports");
  const Track bytes = timeline.rate("buffer", "bytes", "bytes", 8);
  const Track requests = timeline.requests("DRAM", "requests");
  timeline.slice(layer, 0, 1, 12, 3);
  timeline.slice(issue, 2, 1, 2, 0);
  timeline.slice(issue, 0, 2, 10, 0);
  timeline.slice(bus, 1, 1, 2, 0);
  timeline.slice(bus, 0, 2, 4, 0);
  timeline.rise(ports, 2, 1);
  timeline.fall(ports, 4, 1);
  timeline.count(bytes, 3, 16);
  timeline.request(requests, 0, false, 0x1a40);
  timeline.request(requests, 0, true, 0);
  timeline.request(requests, 11, true, 0xffffffffc0);
  timeline.finish(12);
}

template <typename Write>
std::string text_of(Write write, std::uint64_t clock_hz) {
  Timeline timeline({});
  record(timeline);
  std::string text;
  write(timeline, clock_hz, [&](std::string_view piece) { text += piece; });
  return text;
}

TEST(MemoryTrace, IsALineARequest) {
  const auto write = [](const Timeline& timeline, std::uint64_t, const TextSink& sink) {
    write_memory_trace(timeline, sink);
  };
  EXPECT_EQ(text_of(write, 1), "0,R,0x1a40\n0,W,0x0\n11,W,0xffffffffc0\n");
}

TEST(Perfetto, IsALineAnEvent) {
  EXPECT_EQ(
      text_of(write_perfetto, 250'000'000),
      R"({"displayTimeUnit":"ns","otherData":{"clock_hz":250000000,"cycles":12},"traceEvents":[
{"ph":"M","pid":1,"name":"process_name","args":{"name":"chunk A"}},
{"ph":"M","pid":1,"name":"process_sort_index","args":{"sort_index":1}},
{"ph":"M","pid":2,"name":"process_name","args":{"name":"buffer"}},
{"ph":"M","pid":2,"name":"process_sort_index","args":{"sort_index":2}},
{"ph":"M","pid":1,"tid":3,"name":"thread_name","args":{"name":"layer"}},
{"ph":"M","pid":1,"tid":3,"name":"thread_sort_index","args":{"sort_index":3}},
{"ph":"M","pid":1,"tid":4,"name":"thread_name","args":{"name":"issue"}},
{"ph":"M","pid":1,"tid":4,"name":"thread_sort_index","args":{"sort_index":4}},
{"ph":"M","pid":1,"tid":5,"name":"thread_name","args":{"name":"input bus"}},
{"ph":"M","pid":1,"tid":5,"name":"thread_sort_index","args":{"sort_index":5}},
{"ph":"C","pid":2,"name":"bytes","ts":0,"args":{"bytes":16}},
{"ph":"X","pid":1,"tid":4,"name":"ramp","ts":0.004,"dur":0.004,"args":{"cycle":1,"cycles":1}},
{"ph":"X","pid":1,"tid":5,"name":"wait_port","ts":0.004,"dur":0.004,"args":{"cycle":1,"cycles":1}},
{"ph":"C","pid":2,"name":"ports busy","ts":0.008,"args":{"ports":1}},
{"ph":"X","pid":1,"tid":5,"name":"fill","ts":0.008,"dur":0.008,"args":{"cycle":2,"cycles":2}},
{"ph":"C","pid":2,"name":"ports busy","ts":0.016,"args":{"ports":0}},
{"ph":"C","pid":2,"name":"bytes","ts":0.032,"args":{"bytes":0}},
{"ph":"X","pid":1,"tid":4,"name":"busy","ts":0.008,"dur":0.032,"args":{"cycle":2,"cycles":8}},
{"ph":"X","pid":1,"tid":3,"name":"conv \"1\"","ts":0.004,"dur":0.044,"args":{"cycle":1,"cycles":11,"image":3}}
]}
)");
}

// A clock of no whole picoseconds: rounded down to them, and slices that touch still do.
TEST(Perfetto, TimesOfAnyClockFitTogether) {
  const Json trace = Json::parse(text_of(write_perfetto, 933'333'000));
  std::uint64_t slices = 0;
  const auto ps = [](const Json& us) { return std::llround(us.get<double>() * 1e6); };
  for (const Json& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    ++slices;
    const std::int64_t begin = event["args"]["cycle"].get<std::int64_t>();
    const std::int64_t end = begin + event["args"]["cycles"].get<std::int64_t>();
    const auto exact = [](std::int64_t cycle) { return cycle * 1'000'000'000 / 933'333; };
    EXPECT_EQ(ps(event["ts"]), exact(begin));
    EXPECT_EQ(ps(event["ts"]) + ps(event["dur"]), exact(end));
  }
  EXPECT_EQ(slices, 5U);
}

TEST(Perfetto, ATraceOfNothingIsStillJson) {
  Timeline timeline({});
  timeline.finish(0);
  std::string text;
  write_perfetto(timeline, 1, [&](std::string_view piece) { text += piece; });
  EXPECT_TRUE(Json::parse(text)["traceEvents"].empty());
}

TEST(Vcd, DeclaresDumpsAndChanges) {
  EXPECT_EQ(text_of(write_vcd, 250'000'000), R"($version chasm $end
$comment one time unit is one cycle of the core clock, 250000000 Hz: 4 ns $end
$timescale 1 ns $end
$comment codes of chunk_A layer
  0 idle
  1 conv_"1"
$end
$comment codes of chunk_A issue
  0 idle
  1 busy
  2 wait_input
  3 ramp
$end
$scope module chunk_A $end
$var wire 1 ! layer $end
$var wire 32 " layer_image $end
$var wire 2 # issue $end
$var wire 1 $ input_bus_fill $end
$var wire 1 % input_bus_wait_port $end
$upscope $end
$scope module buffer $end
$var integer 64 & ports_busy $end
$var integer 64 ' bytes $end
$upscope $end
$enddefinitions $end
#0
$dumpvars
0!
b0 "
b0 #
0$
0%
b0 &
b0 '
$end
b10000 '
#1
1!
b11 "
b11 #
1%
#2
b1 #
1$
0%
b1 &
#4
0$
b0 &
#8
b0 '
#10
b0 #
#12
0!
b0 "
)");
}

// Values of every variable at every time, read back.
class VcdReader {
 public:
  explicit VcdReader(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string word;
      words >> word;
      if (word == "$scope") {
        words >> word >> scope_;
      } else if (word == "$var") {
        std::string type, bits, id, name;
        words >> type >> bits >> id >> name;
        EXPECT_TRUE(names_.emplace(id, scope_ + "." + name).second) << id << " twice";
      } else if (word[0] == '#') {
        const Cycle at = std::stoull(word.substr(1));
        EXPECT_TRUE(at > now_ || at == 0) << at;
        now_ = at;
      } else if (word[0] == 'b') {
        std::string id;
        words >> id;
        set(id, std::stoull(word.substr(1), nullptr, 2));
      } else if (word[0] == '0' || word[0] == '1') {
        if (names_.count(word.substr(1)) > 0) set(word.substr(1), word[0] == '1' ? 1 : 0);
      }
    }
  }

  // Sum over time of the cycles in which a variable had a value, until its last change.
  Cycle cycles(const std::string& name, std::uint64_t value) const {
    Cycle sum = 0;
    const auto& history = histories_.at(name);
    for (std::size_t i = 0; i + 1 < history.size(); ++i)
      if (history[i].second == value) sum += history[i + 1].first - history[i].first;
    return sum;
  }
  std::size_t variables() const { return histories_.size(); }
  Cycle end() const { return now_; }

 private:
  void set(const std::string& id, std::uint64_t value) {
    ASSERT_EQ(names_.count(id), 1U) << id;
    histories_[names_[id]].emplace_back(now_, value);
  }

  std::string scope_;
  std::map<std::string, std::string> names_;
  std::map<std::string, std::vector<std::pair<Cycle, std::uint64_t>>> histories_;
  Cycle now_ = 0;
};

TEST(Vcd, ReadsBackAsItWasTold) {
  const VcdReader vcd(text_of(write_vcd, 250'000'000));
  EXPECT_EQ(vcd.variables(), 7U);
  EXPECT_EQ(vcd.cycles("chunk_A.issue", 1), 8U);
  EXPECT_EQ(vcd.cycles("chunk_A.issue", 3), 1U);
  EXPECT_EQ(vcd.cycles("chunk_A.input_bus_fill", 1), 2U);
  EXPECT_EQ(vcd.cycles("chunk_A.layer_image", 3), 11U);
  EXPECT_EQ(vcd.end(), 12U);
}

TEST(Vcd, HasAnIdentifierForEachOfManyVariables) {
  constexpr Track kMany = 94 * 94 + 95;
  Timeline timeline({});
  for (Track t = 0; t < kMany; ++t) timeline.level("g", "v" + std::to_string(t), "n");
  for (Track t = 0; t < kMany; ++t) timeline.rise(t, 5, t + 1);
  timeline.finish(9);
  std::string text;
  write_vcd(timeline, 1, [&](std::string_view piece) { text += piece; });
  const VcdReader vcd(text);
  EXPECT_EQ(vcd.variables(), kMany);
  EXPECT_EQ(vcd.cycles("g.v94", 0), 5U);
  EXPECT_EQ(vcd.end(), 9U);
}

TEST(Vcd, ANameCannotEndAComment) {
  Timeline timeline({});
  timeline.states("chunk A", "layer", {"a $end b"}, "image");
  timeline.finish(0);
  std::string text;
  write_vcd(timeline, 1, [&](std::string_view piece) { text += piece; });
  EXPECT_NE(text.find("  1 a__end_b\n"), std::string::npos) << text;
}

// More variables than there are printable characters: identifiers get longer, none comes twice.
TEST(Vcd, IdentifiersOfManyVariablesDiffer) {
  constexpr int kMany = 94 * 94 + 200;
  Timeline timeline({});
  for (int i = 0; i < kMany; ++i)
    timeline.count(timeline.rate("many", "rate " + std::to_string(i), "words", 8), 0, 1);
  timeline.finish(8);
  std::string text;
  write_vcd(timeline, 1'000'000, [&](std::string_view piece) { text += piece; });
  std::istringstream lines(text);
  std::set<std::string> identifiers;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind, type, bits, identifier;
    words >> kind >> type >> bits >> identifier;
    if (kind == "$var") identifiers.insert(identifier);
  }
  EXPECT_EQ(identifiers.size(), static_cast<std::size_t>(kMany));
}

}  // namespace
}  // namespace chasm
