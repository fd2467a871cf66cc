// The reader: a table of faults, each with the place and the words the user gets; and reading back
// what was written.
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/json.h"
#include "models/arch/arch_fields.h"
#include "models/arch/arch_spec.h"

namespace chasm {
namespace {

Json valid() {
  return Json::parse(R"({"name":"m","chunks":[{"name":"A","arithmetic":"multiply"},
                                               {"name":"B","arithmetic":"shift"}]})");
}

struct Fault {
  const char* what;
  std::function<void(Json&)> plant;
  const char* expected;  // a part of the diagnostics' text
};

const std::vector<Fault>& faults() {
  static const std::vector<Fault> table = {
      {"root", [](Json& j) { j = Json::array(); }, "an object"},
      {"no_name", [](Json& j) { j.erase("name"); }, "\"name\""},
      {"no_chunks", [](Json& j) { j.erase("chunks"); }, "\"chunks\""},
      {"empty_chunks", [](Json& j) { j["chunks"] = Json::array(); }, "/chunks"},
      {"unknown_key", [](Json& j) { j["clock_mhy"] = 1; }, "did you mean \"clock_mhz\"?"},
      {"unknown_deep_key", [](Json& j) { j["chunks"][1]["pe_array"]["row"] = 1; },
       "/chunks/1/pe_array: error: unknown key \"row\"; did you mean \"rows\"?"},
      {"arithmetic", [](Json& j) { j["chunks"][0]["arithmetic"] = "multiplly"; },
       "did you mean \"multiply\"?"},
      {"no_arithmetic", [](Json& j) { j["chunks"][1].erase("arithmetic"); }, "/chunks/1"},
      {"rows_zero", [](Json& j) { j["chunks"][0]["pe_array"]["rows"] = 0; },
       "/chunks/0/pe_array/rows"},
      {"rows_negative", [](Json& j) { j["chunks"][0]["pe_array"]["rows"] = -3; }, "1 to 1024"},
      {"rows_string", [](Json& j) { j["chunks"][0]["pe_array"]["rows"] = "16"; },
       "/chunks/0/pe_array/rows"},
      {"rows_huge", [](Json& j) { j["chunks"][0]["pe_array"]["rows"] = 1e300; },
       "/chunks/0/pe_array/rows"},
      {"rows_fraction", [](Json& j) { j["chunks"][0]["pe_array"]["rows"] = 2.5; },
       "/chunks/0/pe_array/rows"},
      {"register_file_zero", [](Json& j) { j["chunks"][0]["register_file_words"]["psum"] = 0; },
       "/chunks/0/register_file_words/psum"},
      {"bits_wide", [](Json& j) { j["chunks"][0]["bits"]["input"] = 33; }, "2 to 16 bits"},
      {"bits_one", [](Json& j) { j["chunks"][0]["bits"]["output"] = 1; }, "2 to 16 bits"},
      {"psum_below_output",
       [](Json& j) {
         j["chunks"][0]["bits"] = {{"input", 4}, {"psum", 6}, {"output", 8}};
       },
       "/chunks/0/bits/psum: error: partial sums of 6 bits are narrower than "
       "/chunks/0/bits/output = 8 bits"},
      {"half_words", [](Json& j) { j["chunks"][1]["register_file_words"]["weight"] = 1; },
       "/chunks/1/register_file_words/weight: error: 1 word cannot hold two tiles, which "
       "/chunks/1/double_buffered/weight"},
      {"fifo_and_two_tiles",
       [](Json& j) {
         j["chunks"][1]["fifo_buffered"] = {{"weight", true}};
       },
       "/chunks/1/fifo_buffered/weight: error: a register file is one ring or two tiles, but "
       "/chunks/1/double_buffered/weight is true too"},
      {"gating_of_additions",
       [](Json& j) {
         j["chunks"][0]["arithmetic"] = "adder";
         j["chunks"][0]["zero_gating"] = true;
       },
       "/chunks/0/zero_gating: error: a chunk of arithmetic adder"},
      {"gating_is_a_share", [](Json& j) { j["chunks"][0]["zero_gating"] = 0.5; },
       "/chunks/0/zero_gating"},
      {"reconfigurable_vector",
       [](Json& j) {
         j["chunks"][0]["arithmetic"] = "vector";
         j["chunks"][0]["reconfigurable"] = {{"shift", 8}};
       },
       "/chunks/0/reconfigurable: error: a vector unit (/chunks/0/arithmetic)"},
      {"reconfigurable_unknown",
       [](Json& j) {
         j["chunks"][0]["reconfigurable"] = {{"addder", 8}};
       },
       "did you mean \"adder\"?"},
      {"layout_unknown",
       [](Json& j) {
         j["layout"] = {{"activations", "channel_last"}};
       },
       "did you mean \"channels_last\"?"},
      {"layout_block",
       [](Json& j) {
         j["layout"] = {{"block_channels", 0}};
       },
       "/layout/block_channels"},
      {"duplicate_name", [](Json& j) { j["chunks"][1]["name"] = "A"; },
       "/chunks/1/name: error: the name \"A\" is already that of /chunks/0/name"},
      {"name_with_dot", [](Json& j) { j["chunks"][0]["name"] = "A.B"; }, "/chunks/0/name"},
      {"name_is_number", [](Json& j) { j["chunks"][0]["name"] = "0"; }, "/chunks/0/name"},
      {"clock_zero", [](Json& j) { j["clock_mhz"] = 0; }, "0.001 to 10000 MHz"},
      {"clock_huge", [](Json& j) { j["clock_mhz"] = 1e300; }, "/clock_mhz"},
      {"clock_string", [](Json& j) { j["clock_mhz"] = "NaN"; }, "/clock_mhz"},
      {"bandwidth_zero", [](Json& j) { j["dram"]["bandwidth_bytes_per_cycle"] = 0; },
       "/dram/bandwidth_bytes_per_cycle"},
      {"bandwidth_negative", [](Json& j) { j["dram"]["bandwidth_bytes_per_cycle"] = -1; },
       "/dram/bandwidth_bytes_per_cycle"},
      {"bandwidth_huge", [](Json& j) { j["dram"]["bandwidth_bytes_per_cycle"] = 1e300; },
       "0.001 to 65536 bytes per core cycle"},
      {"standard", [](Json& j) { j["dram"]["standard"] = "DDR5"; }, "/dram/standard"},
      {"banks_with_odd_channels",
       [](Json& j) {
         j["dram"]["standard"] = "HBM2";
         j["dram"]["channels"] = 3;
       },
       "/dram/channels: error: 3 is no power of two"},
      {"banks_without_that_refresh",
       [](Json& j) {
         j["dram"]["standard"] = "DDR4-2400";
         j["dram"]["refresh"] = "per-bank";
       },
       "/dram/refresh: error: \"DDR4-2400\" has no per-bank refresh"},
      {"banks_in_a_clock_without_a_common_tick",
       [](Json& j) {
         j["dram"]["standard"] = "DDR4-2400";
         j["clock_mhz"] = 333.333333;
       },
       "/clock_mhz: error: "},
      {"buffer_below_words",
       [](Json& j) {
         j["global_buffer"] = {{"capacity_bytes", 64}, {"banks", 16}, {"word_bytes", 8}};
       },
       "/global_buffer/capacity_bytes: error: 64 bytes are less than one word a bank"},
      {"buffer_zero", [](Json& j) { j["global_buffer"]["capacity_bytes"] = 0; },
       "/global_buffer/capacity_bytes"},
      {"energy_table", [](Json& j) { j["energy_table"] = "cmos54-physical"; },
       "/energy_table: error: there is no energy table"},
      {"arbitration", [](Json& j) { j["global_buffer"]["arbitration"] = "prority"; },
       "did you mean \"priority\"?"},
      {"write_latency", [](Json& j) { j["global_buffer"]["write_latency_cycles"] = 1001; },
       "/global_buffer/write_latency_cycles"},
      {"ports_zero", [](Json& j) { j["global_buffer"]["ports"] = 0; }, "/global_buffer/ports"},
      {"fifo_below_line", [](Json& j) { j["chunks"][0]["prefetch_fifo_bytes"] = 63; },
       "/chunks/0/prefetch_fifo_bytes"},
      {"dma_zero", [](Json& j) { j["chunks"][0]["dma_outstanding"] = 0; },
       "/chunks/0/dma_outstanding"},
      {"bypass_unknown", [](Json& j) { j["chunks"][0]["bypass_global_buffer"] = {"wieght"}; },
       "did you mean \"weight\"?"},
      {"bypass_output", [](Json& j) { j["chunks"][0]["bypass_global_buffer"] = {"output"}; },
       "/chunks/0/bypass_global_buffer/0"},
      {"bypass_string", [](Json& j) { j["chunks"][0]["bypass_global_buffer"] = "weight"; },
       "/chunks/0/bypass_global_buffer"},
      {"double_buffered_number", [](Json& j) { j["chunks"][0]["double_buffered"]["input"] = 1; },
       "/chunks/0/double_buffered/input"},
      {"systolic_tree",
       [](Json& j) {
         j["chunks"][0]["pe_array"] = {{"rows", 8}, {"cols", 8}};
         j["chunks"][0]["interconnect"] = "systolic";
         j["chunks"][0]["spatial_reduction"] = "adder_tree";
       },
       "/chunks/0/spatial_reduction: error: a systolic array (/chunks/0/interconnect)"},
      {"systolic_bypass",
       [](Json& j) {
         j["chunks"][0]["interconnect"] = "systolic";
         j["chunks"][0]["bypass_global_buffer"] = Json::array({"input"});
       },
       "/chunks/0/bypass_global_buffer: error: the image-to-column unit of a systolic array "
       "(/chunks/0/interconnect) reads its input from the global buffer"},
      {"systolic_bus",
       [](Json& j) {
         j["chunks"][0]["pe_array"] = {{"rows", 2}, {"cols", 3}};
         j["chunks"][0]["interconnect"] = "systolic";
       },
       "/chunks/0/bus_words_per_cycle/weight: error: 4 words"},
      {"systolic_vector",
       [](Json& j) {
         j["chunks"][0]["arithmetic"] = "vector";
         j["chunks"][0]["pe_array"] = {{"rows", 8}, {"cols", 8}};
         j["chunks"][0]["interconnect"] = "systolic";
       },
       "a vector unit (/chunks/0/arithmetic) has no systolic array"},
      {"unresolved_extends", [](Json& j) { j["extends"] = "tiny"; }, "/extends"},
  };
  return table;
}

class ReadArchFault : public testing::TestWithParam<Fault> {};

TEST_P(ReadArchFault, IsReportedAtItsPlace) {
  Json root = valid();
  GetParam().plant(root);
  Diagnostics diagnostics;
  EXPECT_FALSE(read_arch({"m.json", root}, diagnostics).has_value());
  EXPECT_FALSE(diagnostics.ok());
  EXPECT_NE(diagnostics.to_string().find(GetParam().expected), std::string::npos)
      << diagnostics.to_string();
  EXPECT_EQ(diagnostics.all().front().file, "m.json");
}

INSTANTIATE_TEST_SUITE_P(All, ReadArchFault, testing::ValuesIn(faults()),
                         [](const auto& test) { return std::string(test.param.what); });

TEST(ReadArch, ReportsEveryFaultAtOnce) {
  Json root = valid();
  root["chunks"][0]["pe_array"]["rows"] = 0;
  root["chunks"][1]["bits"]["psum"] = 99;
  root["global_buffer"]["portz"] = 1;
  Diagnostics diagnostics;
  EXPECT_FALSE(read_arch({"m.json", root}, diagnostics));
  EXPECT_EQ(diagnostics.error_count(), 3U) << diagnostics.to_string();
}

TEST(ReadArch, DefaultsAreThoseOfTheStructs) {
  Diagnostics diagnostics;
  const auto spec = read_arch({"m.json", valid()}, diagnostics);
  ASSERT_TRUE(spec) << diagnostics.to_string();
  ArchSpec expected;
  expected.name = "m";
  expected.chunks.resize(2);
  expected.chunks[0].name = "A";
  expected.chunks[1].name = "B";
  expected.chunks[1].pe_kind = PeKind::shift;
  EXPECT_EQ(to_json(*spec), to_json(expected));
}

TEST(ReadArch, WhatIsWrittenReadsBackEqual) {
  ArchSpec spec;
  spec.name = "all";
  spec.description = "every value differs from its default";
  spec.clock_hz = 933'333'000;
  spec.energy_table = "paper-normalised";
  spec.dram = {"ideal", 2, 2.4, 7};
  spec.global_buffer = {4096, 2, 4, 1, 3, 5, 8, Arbitration::priority};
  spec.layout = {ActivationOrder::blocked, 8, Compression::rlc};
  ChunkSpec& c = spec.chunks.emplace_back();
  c.name = "X";
  c.pe_kind = PeKind::adder;
  c.rows = 5, c.cols = 6, c.lanes = 2;
  c.interconnect = Interconnect::systolic;
  c.dataflow = Dataflow::is;
  c.overlap_folds = true;
  c.serial_passes = true;
  c.spatial_reduction = SpatialReduction::none;
  c.pipeline_depth = 3;
  c.register_file_words = {20, 30, 40};
  c.double_buffered = {false, false, false};
  c.fifo_buffered = {true, true, true};
  c.reconfigurable = {2, 3, 4};
  c.bus_words_per_cycle = {2, 3, 5, 6};
  c.bypass_global_buffer = {false, true};
  c.bits = {5, 6, 20, 7};
  c.prefetch_fifo_bytes = 640;
  c.dma_outstanding = 3;
  c.config_cycles = 9;
  c.zero_gating = true;
  const Json written = to_json(spec);
  Diagnostics diagnostics;
  const auto read = read_arch({"all", written}, diagnostics);
  ASSERT_TRUE(read) << diagnostics.to_string();
  EXPECT_EQ(to_json(*read), written);
  EXPECT_EQ(read->clock_hz, spec.clock_hz);
  EXPECT_EQ(read->chunks[0].pe_kind, PeKind::adder);
  EXPECT_EQ(read->chunks[0].register_file_words.weight, 30U);
  EXPECT_TRUE(read->chunks[0].bypass_global_buffer.weight);
  EXPECT_EQ(read->chunks[0].bits.psum, 20U);
  EXPECT_EQ(read->chunks[0].reconfigurable.shift, 3U);
  EXPECT_TRUE(read->chunks[0].fifo_buffered.input);
  EXPECT_TRUE(read->chunks[0].zero_gating);
  EXPECT_EQ(read->layout.activations, ActivationOrder::blocked);
}

class Clock : public testing::TestWithParam<std::pair<const char*, std::uint64_t>> {};

TEST_P(Clock, IsRoundedToHertz) {
  Json root = valid();
  root["clock_mhz"] = Json::parse(GetParam().first);
  Diagnostics diagnostics;
  const auto spec = read_arch({"m", root}, diagnostics);
  ASSERT_TRUE(spec) << diagnostics.to_string();
  EXPECT_EQ(spec->clock_hz, GetParam().second);
  const auto again = read_arch({"m", to_json(*spec)}, diagnostics);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->clock_hz, spec->clock_hz);
}

INSTANTIATE_TEST_SUITE_P(
    Decimals, Clock,
    testing::Values(std::pair{"250", 250'000'000U}, std::pair{"1050", 1'050'000'000U},
                    std::pair{"933.333", 933'333'000U}, std::pair{"933.3333333", 933'333'333U},
                    std::pair{"0.032768", 32'768U}, std::pair{"2.5e2", 250'000'000U}));

TEST(ArchSchema, EveryKeyHasADescriptionAndEveryNumberAUnit) {
  const Json schema = Json::parse(arch_schema());
  const std::function<void(const Json&, const std::string&)> visit = [&](const Json& at,
                                                                         const std::string& path) {
    EXPECT_TRUE(at.contains("description")) << path;
    const Json type = at.at("type").is_array() ? at.at("type").front() : at.at("type");
    if (type == "integer" || type == "number") {
      EXPECT_TRUE(at.contains("unit")) << path;
      EXPECT_TRUE(at.contains("minimum")) << path;
      EXPECT_TRUE(at.contains("maximum")) << path;
      EXPECT_TRUE(at.contains("default")) << path;
    }
    if (at.at("type") == "object") {
      EXPECT_EQ(at.at("additionalProperties"), false) << path;
      for (const auto& [key, member] : at.at("properties").items()) visit(member, path + "/" + key);
    }
    if (at.at("type") == "array") visit(at.at("items"), path + "/*");
  };
  visit(schema, "");
}

TEST(ArchSpec, ChunksRunTheirArithmetic) {
  ChunkSpec chunk;
  const std::vector<std::pair<PeKind, Arithmetic>> pairs = {
      {PeKind::multiply, Arithmetic::multiply},
      {PeKind::shift, Arithmetic::shift},
      {PeKind::adder, Arithmetic::adder},
      {PeKind::vector, Arithmetic::none}};
  for (const auto& [kind, own] : pairs)
    for (const auto& [other_kind, arithmetic] : pairs) {
      chunk.pe_kind = kind;
      EXPECT_EQ(chunk.runs(arithmetic), arithmetic == own);
    }
}

TEST(ArchSpec, ReconfigurablePesRunMore) {
  ChunkSpec chunk;
  chunk.pe_kind = PeKind::adder;
  chunk.rows = 2, chunk.cols = 3, chunk.lanes = 4;
  EXPECT_FALSE(chunk.is_reconfigurable());
  EXPECT_EQ(chunk.peak_operations(), 24U);
  chunk.reconfigurable.shift = 5;
  EXPECT_TRUE(chunk.is_reconfigurable());
  EXPECT_TRUE(chunk.runs(Arithmetic::adder) && chunk.runs(Arithmetic::shift));
  EXPECT_FALSE(chunk.runs(Arithmetic::multiply) || chunk.runs(Arithmetic::none));
  EXPECT_EQ(chunk.peak_operations(Arithmetic::adder), 24U);
  EXPECT_EQ(chunk.peak_operations(Arithmetic::shift), 120U);
  EXPECT_EQ(chunk.peak_operations(Arithmetic::multiply), 0U);
  EXPECT_EQ(chunk.peak_operations(), 120U);
  EXPECT_EQ(chunk.arithmetics(), "adder + shift x5");
  chunk.reconfigurable.adder = 2;
  EXPECT_EQ(chunk.peak_operations(Arithmetic::adder), 48U);
}

}  // namespace
}  // namespace chasm
