// "extends" and --set: what is merged, and who is named when something is wrong.
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "models/arch/arch_spec.h"

namespace chasm {
namespace {

namespace fs = std::filesystem;

class ArchDocument : public testing::Test {
 protected:
  ArchDocument() {
    folder_ = fs::temp_directory_path() /
              ("chasm_arch_" +
               std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~ArchDocument() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }
  std::optional<ArchSpec> load(const std::string& name, const std::vector<Override>& sets = {}) {
    const auto document = load_arch_document(name, sets, diagnostics_);
    return document ? read_arch(*document, diagnostics_) : std::nullopt;
  }
  // The text of what is wrong; empty if nothing is.
  std::string complaint(const std::string& name, const std::vector<Override>& sets = {}) {
    diagnostics_ = {};
    const auto document = load_arch_document(name, sets, diagnostics_);
    EXPECT_EQ(document.has_value(), diagnostics_.ok());
    return diagnostics_.to_string();
  }

  fs::path folder_;
  Diagnostics diagnostics_;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(ArchDocument, ExtendsMergesObjectsByKeyAndChunksByName) {
  const auto file = write("a.json", R"({"extends":"nasa-45nm", "name":"mine",
      "global_buffer":{"ports":2},
      "chunks":[{"name":"SLP","pe_array":{"rows":5}},
                {"name":"EXTRA","arithmetic":"multiply","bypass_global_buffer":["input"]}]})");
  const auto base = load("nasa-45nm");
  const auto spec = load(file);
  ASSERT_TRUE(base && spec) << diagnostics_.to_string();
  EXPECT_EQ(spec->name, "mine");
  EXPECT_EQ(spec->global_buffer.ports, 2U);
  EXPECT_EQ(spec->global_buffer.capacity_bytes, base->global_buffer.capacity_bytes);
  ASSERT_EQ(spec->chunks.size(), base->chunks.size() + 1);
  EXPECT_EQ(spec->chunks[1].name, "SLP");
  EXPECT_EQ(spec->chunks[1].rows, 5U);
  EXPECT_EQ(spec->chunks[1].cols, base->chunks[1].cols);
  EXPECT_EQ(spec->chunks[1].bits.input, 6U);
  EXPECT_EQ(spec->chunks.back().name, "EXTRA");
  EXPECT_TRUE(spec->chunks.back().bypass_global_buffer.input);
}

TEST_F(ArchDocument, ListsOfWordsAreReplaced) {
  const auto file = write("a.json", R"({"extends":"nasa-45nm",
      "chunks":[{"name":"CLP","bypass_global_buffer":["input"]}]})");
  const auto spec = load(file);
  ASSERT_TRUE(spec) << diagnostics_.to_string();
  EXPECT_TRUE(spec->chunks[0].bypass_global_buffer.input);
  EXPECT_FALSE(spec->chunks[0].bypass_global_buffer.weight);
}

TEST_F(ArchDocument, ExtendsPathsAreRelativeToTheirFile) {
  write("base/b.json", R"({"extends":"../other/c.json","clock_mhz":100})");
  write("other/c.json", R"({"extends":"tiny","clock_mhz":50,"global_buffer":{"ports":1}})");
  const auto spec = load(write("a.json", R"({"extends":"base/b.json"})"));
  ASSERT_TRUE(spec) << diagnostics_.to_string();
  EXPECT_EQ(spec->clock_hz, 100'000'000U);
  EXPECT_EQ(spec->global_buffer.ports, 1U);
  EXPECT_EQ(spec->name, "tiny");
}

TEST_F(ArchDocument, EnergyTablePathIsRelativeToItsFile) {
  write("base/b.json", R"({"extends":"tiny","energy_table":"my.json"})");
  const auto spec = load(write("a.json", R"({"extends":"base/b.json"})"));
  ASSERT_TRUE(spec) << diagnostics_.to_string();
  EXPECT_EQ(spec->energy_table, (folder_ / "base/my.json").string());
}

TEST_F(ArchDocument, CircleNamesItsMembers) {
  write("b.json", R"({"extends":"c.json"})");
  write("c.json", R"({"extends":"./b.json"})");
  const auto text = complaint(write("a.json", R"({"extends":"b.json"})"));
  EXPECT_TRUE(contains(text, "/extends: error: \"extends\" leads in a circle: ")) << text;
  EXPECT_TRUE(contains(text, "b.json -> ") && contains(text, "c.json -> ")) << text;
  EXPECT_TRUE(contains(complaint(write("s.json", R"({"extends":"s.json"})")), "circle"));
}

TEST_F(ArchDocument, UnknownBaseIsReportedAtExtends) {
  const auto text = complaint(write("a.json", R"({"extends":"nasa-45mn"})"));
  EXPECT_TRUE(contains(
      text, "a.json: /extends: error: there is no architecture \"nasa-45mn\": neither a file"))
      << text;
  EXPECT_TRUE(contains(text, "did you mean \"nasa-45nm\"?")) << text;
  EXPECT_TRUE(
      contains(complaint(write("b.json", R"({"extends":"missing.json"})")), "missing.json"));
}

TEST_F(ArchDocument, FaultsAreAttributedToTheFileTheyStandIn) {
  const auto base = write("base.json", R"({"extends":"tiny","global_buffer":{"portz":1}})");
  const auto text = complaint(write("a.json", R"({"extends":"base.json"})"));
  EXPECT_TRUE(contains(text, base + ": /global_buffer: error: unknown key \"portz\"")) << text;
  EXPECT_TRUE(contains(text, "did you mean \"ports\"?")) << text;
}

TEST_F(ArchDocument, TwoChunksOfANameAreNotMergedSilently) {
  const auto text = complaint(write("a.json", R"({"extends":"tiny","chunks":[
      {"name":"MUL","config_cycles":1},{"name":"MUL","config_cycles":2}]})"));
  EXPECT_TRUE(contains(text, "/chunks/1/name: error: the name \"MUL\" is already")) << text;
}

TEST_F(ArchDocument, NewChunkNeedsItsArithmetic) {
  const auto text = complaint(write("a.json", R"({"extends":"tiny","chunks":[{"name":"NEW"}]})"));
  EXPECT_TRUE(contains(text, "/chunks/4")) << text;
  EXPECT_TRUE(contains(text, "arithmetic")) << text;
}

TEST_F(ArchDocument, UnknownNameGetsASuggestion) {
  EXPECT_TRUE(contains(complaint("eyeris-65nm"), "did you mean \"eyeriss-65nm\"?"));
  EXPECT_FALSE(complaint("no/such/file.json").empty());
  EXPECT_FALSE(complaint("").empty());
  EXPECT_FALSE(complaint(folder_.string()).empty());
}

TEST_F(ArchDocument, BrokenFilesAreDiagnosed) {
  for (const char* text :
       {"", "{", "[1,2", "\x01\x02\xff", "null", "3", R"({"name":"a","name":"b"})",
        R"({"chunks":{}})", R"({"extends":3})", R"({"extends":"tiny","chunks":[3]})",
        R"({"extends":"tiny","chunks":[{"rows":3}]})"})
    EXPECT_FALSE(complaint(write("broken.json", text)).empty()) << text;
}

TEST_F(ArchDocument, OverridesReachEveryPlace) {
  const auto spec = load("nasa-45nm", {{"chunks.CLP.pe_array.rows", "16"},
                                       {"chunks.1.pe_array.cols", "9"},
                                       {"dram.standard", "ideal"},
                                       {"dram.bandwidth_bytes_per_cycle", "2.5"},
                                       {"energy_table", "paper-normalised"},
                                       {"chunks.ALP.bypass_global_buffer", R"(["input","weight"])"},
                                       {"chunks.CLP.bypass_global_buffer.0", "input"},
                                       {"chunks.CLP.config_cycles", "100"},
                                       {"chunks.SLP.double_buffered.psum", "true"},
                                       {"clock_mhz", "933.333"}});
  ASSERT_TRUE(spec) << diagnostics_.to_string();
  EXPECT_EQ(spec->chunks[0].rows, 16U);
  EXPECT_EQ(spec->chunks[1].cols, 9U);
  EXPECT_EQ(spec->dram.bandwidth_bytes_per_cycle, 2.5);
  EXPECT_EQ(spec->energy_table, "paper-normalised");
  EXPECT_TRUE(spec->chunks[2].bypass_global_buffer.input);
  EXPECT_TRUE(spec->chunks[0].bypass_global_buffer.input);
  EXPECT_FALSE(spec->chunks[0].bypass_global_buffer.weight);
  EXPECT_EQ(spec->chunks[0].config_cycles, 100U);
  EXPECT_TRUE(spec->chunks[1].double_buffered.psum);
  EXPECT_EQ(spec->clock_hz, 933'333'000U);
}

TEST_F(ArchDocument, LaterOverridesWin) {
  const auto spec = load("tiny", {{"clock_mhz", "100"}, {"clock_mhz", "200"}});
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->clock_hz, 200'000'000U);
}

TEST_F(ArchDocument, AnObjectThatIsSetKeepsItsDefaults) {
  const auto spec = load("tiny", {{"dram", R"({"latency_cycles":3})"}});
  ASSERT_TRUE(spec) << diagnostics_.to_string();
  EXPECT_EQ(spec->dram.latency_cycles, 3U);
  EXPECT_EQ(spec->dram.standard, "ideal");
}

TEST_F(ArchDocument, UnknownOverridesNameTheOptionAndThePath) {
  auto text = complaint("nasa-45nm", {{"chunks.CLP.rowz", "3"}});
  EXPECT_TRUE(contains(text,
                       "--set chunks.CLP.rowz=3: error: \"chunks.CLP\" has no key \"rowz\"; did "
                       "you mean \"chunks.CLP.pe_array.rows\"?"))
      << text;
  text = complaint("nasa-45nm", {{"chunks.CLP.pe_array.rowz", "3"}});
  EXPECT_TRUE(contains(text, "did you mean \"chunks.CLP.pe_array.rows\"?")) << text;
  text = complaint("nasa-45nm", {{"chunks.CPL.config_cycles", "3"}});
  EXPECT_TRUE(contains(text, "did you mean \"chunks.CLP\"?")) << text;
  text = complaint("nasa-45nm", {{"chunks.9.config_cycles", "3"}});
  EXPECT_TRUE(contains(text, "\"chunks\" has no element \"9\"")) << text;
  text = complaint("nasa-45nm", {{"clok_mhz", "3"}});
  EXPECT_TRUE(contains(text, "did you mean \"clock_mhz\"?")) << text;
  text = complaint("nasa-45nm", {{"clock_mhz.x", "3"}});
  EXPECT_TRUE(contains(text, "is a single value")) << text;
  EXPECT_FALSE(complaint("nasa-45nm", {{"", "3"}}).empty());
  EXPECT_FALSE(complaint("nasa-45nm", {{"dram.", "3"}}).empty());
  EXPECT_FALSE(complaint("nasa-45nm", {{"..", "3"}}).empty());
  EXPECT_FALSE(complaint("nasa-45nm", {{"extends", "tiny"}}).empty());
}

TEST_F(ArchDocument, BadOverrideValuesNameTheOption) {
  for (const Override& o : std::vector<Override>{{"chunks.CLP.pe_array.rows", "0"},
                                                 {"chunks.CLP.pe_array.rows", "many"},
                                                 {"chunks.CLP.pe_array.rows", "1e300"},
                                                 {"chunks.CLP.pe_array", "{}x"},
                                                 {"dram.bandwidth_bytes_per_cycle", "NaN"},
                                                 {"dram.bandwidth_bytes_per_cycle", "-1"},
                                                 {"dram.standard", "DDR5-4800"},
                                                 {"dram", R"({"standrad":"ideal"})"},
                                                 {"chunks.SLP.name", "CLP"},
                                                 {"chunks.CLP.name", "ALP"},
                                                 {"energy_table", "cmos54"},
                                                 {"chunks.CLP.register_file_words.input", "1"},
                                                 {"chunks.CLP.bits.output", "16"},
                                                 {"global_buffer.banks", "1024"}}) {
    std::vector<Override> sets = {
        {"chunks.CLP.bits.psum", "12"}, {"global_buffer.capacity_bytes", "4096"}, o};
    const auto text = complaint("nasa-45nm", sets);
    EXPECT_TRUE(contains(text, "--set " + o.path + "=" + o.value + ": ")) << o.path << "\n" << text;
    EXPECT_EQ(diagnostics_.error_count(), 1U) << text;
  }
}

TEST_F(ArchDocument, EveryBadOverrideIsReported) {
  complaint("nasa-45nm", {{"chunks.CLP.rowz", "3"}, {"chunks.CLP.pe_array.rows", "0"}, {"x", "1"}});
  EXPECT_EQ(diagnostics_.error_count(), 3U) << diagnostics_.to_string();
}

TEST_F(ArchDocument, TheDocumentHoldsEveryKey) {
  const auto document = load_arch_document(
      write("a.json", R"({"name":"m","chunks":[{"name":"A","arithmetic":"vector"}]})"), {},
      diagnostics_);
  ASSERT_TRUE(document) << diagnostics_.to_string();
  const auto spec = read_arch(*document, diagnostics_);
  ASSERT_TRUE(spec);
  Json full = document->root;
  for (Json& chunk : full["chunks"]) chunk.erase("description");
  EXPECT_EQ(full, to_json(*spec));
}

TEST_F(ArchDocument, QuantitiesMayHaveUnits) {
  const std::string file = write("units.json", R"({"extends": "tiny", "clock_mhz": "1.05 GHz",
      "global_buffer": {"capacity_bytes": "8 KiB"},
      "chunks": [{"name": "MUL", "prefetch_fifo_bytes": "256 B"}]})");
  const auto spec = load(file, {{"dram.bandwidth_bytes_per_cycle", "12.8 B/cycle"}});
  ASSERT_TRUE(spec) << diagnostics_.to_string();
  EXPECT_EQ(spec->clock_hz, 1'050'000'000U);
  EXPECT_EQ(spec->global_buffer.capacity_bytes, 8192u);
  EXPECT_EQ(spec->chunks.at(0).prefetch_fifo_bytes, 256u);
  EXPECT_EQ(spec->dram.bandwidth_bytes_per_cycle, 12.8);
  EXPECT_EQ(load("tiny", {{"global_buffer.capacity_bytes", "8KiB"}})->global_buffer.capacity_bytes,
            8192u);
}

TEST_F(ArchDocument, TextsThatAreNoQuantitiesAreNamed) {
  const std::string file = write("units.json", R"({"extends": "tiny", "clock_mhz": "250",
      "global_buffer": {"capacity_bytes": "64 Kib", "banks": "2 banks"}})");
  const std::string said = complaint(file);
  EXPECT_NE(said.find("/clock_mhz: error: \"250\" is no quantity in MHz; write 250 without quotes"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("/global_buffer/capacity_bytes: error: \"64 Kib\" is no quantity in bytes; "
                      "write a number, or a number and one of \"B\", \"kB\", \"KiB\""),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("/global_buffer/banks"), std::string::npos) << said;
  EXPECT_EQ(complaint("tiny", {{"clock_mhz", "1 GHZ"}}).find("--set clock_mhz=1 GHZ: /clock_mhz"),
            0u);
  EXPECT_NE(complaint("tiny", {{"clock_mhz", "100 GHz"}}).find("100000 is out of range"),
            std::string::npos);
}

TEST_F(ArchDocument, AFileWithCommentsIsRead) {
  EXPECT_TRUE(load(write("a.json", "// mine\n{\"extends\":\"tiny\" /* as shipped */}")));
}

}  // namespace
}  // namespace chasm
