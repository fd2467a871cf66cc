// chasm map: the same mapping whatever was mapped before, and as the options demand; every
// combination of dataflows; the allocation of PEs; and what chasm explain says of a mapping.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::Ran;
using testing_support::TemporaryFolder;
using testing_support::text_of;

std::string mapping_of(const std::string& network, const std::string& cache,
                       const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"map", "-a", "nasa-45nm", "-w", network, "--cache", cache};
  words.insert(words.end(), more.begin(), more.end());
  const Ran ran = chasm(words);
  EXPECT_EQ(ran.code, 0) << ran.err;
  return ran.out;
}

// Results of the other search are found for layers that both share, and for the whole at the end.
TEST(Map, TheCacheNeverChangesAMapping) {
  const TemporaryFolder folder;
  const std::string cache = folder / "mappings.sqlite";
  const std::string network = "resnet20_deepshift_cifar10";
  const std::vector<std::string> budget = {"--budget", "300"};
  const std::string fresh = mapping_of(network, "off", budget);
  EXPECT_NE(mapping_of(network, cache, {"--budget", "300", "--dataflow", "CLP=ws"}), fresh);
  EXPECT_EQ(mapping_of(network, cache, budget), fresh);
  EXPECT_EQ(mapping_of(network, cache, budget), fresh);
}

// Kernels of 5 x 5 are wider than the 24 words that a PE has for a tile of inputs.
TEST(Map, CombinationsAreAllThereAndSayWhatCannotKeepToThem) {
  const std::string table =
      mapping_of("nasa_hybrid_all_b_cifar10", "off", {"--combinations", "--search", "quick"});
  std::set<std::string> combinations;
  std::size_t relaxed = 0;
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" Js") != std::string::npos) combinations.insert(line.substr(0, 20));
    if (line.find(" layers  ") != std::string::npos) {
      ++relaxed;
      EXPECT_NE(line.find("_dw without: S whole in a PE"), std::string::npos) << line;
      EXPECT_TRUE(
          line.starts_with("SLP=is       3 of 24") || line.starts_with("SLP=os       3 of 24") ||
          line.starts_with("ALP=is       2 of 18") || line.starts_with("ALP=os       2 of 18"))
          << line;
    }
  }
  EXPECT_EQ(combinations.size(), 64U) << table;
  EXPECT_EQ(relaxed, 4U) << table;
}

// Every search gives a mapping that runs, at any number of threads the same one.
TEST(Map, EverySearchGivesAMappingThatRuns) {
  const TemporaryFolder folder;
  std::set<std::string> mappings;
  for (const std::string method : {"anneal", "genetic", "random", "quick"}) {
    std::vector<std::string> options = {"--search", method};
    if (method != "quick") options.insert(options.end(), {"--budget", "100"});
    const std::string mapping = mapping_of("toy_all_types", "off", options);
    options.insert(options.end(), {"-j", "1"});
    EXPECT_EQ(mapping_of("toy_all_types", "off", options), mapping) << method;
    mappings.insert(mapping);
    const Ran ran = chasm({"run", "-a", "nasa-45nm", "-w", "toy_all_types", "-m",
                           folder.file(method + ".json", mapping)});
    EXPECT_EQ(ran.code, 0) << method << ran.err;
  }
  EXPECT_EQ(mappings.size(), 4U);
}

TEST(Map, RunFindsTheSameMappingByItself) {
  const TemporaryFolder folder;
  const std::string mapping = mapping_of("toy_all_types", "off", {"--budget", "200"});
  const Ran ran = chasm({"run", "-a", "nasa-45nm", "-w", "toy_all_types", "--cache", "off",
                         "--budget", "200", "-o", folder / "results"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(text_of(folder / "results/mapping.json"), mapping);
}

TEST(Map, ConstraintsAreKeptToOrTheReasonIsNamed) {
  const TemporaryFolder folder;
  const auto constraints = [&](const std::string& of_stem) {
    return folder.file("constraints.json",
                       R"({"schema": "chasm/constraints/1", "layers": {"stem": )" + of_stem + "}}");
  };
  const std::string kept = mapping_of(
      "toy_all_types", "off",
      {"--budget", "100", "--constraints",
       constraints(R"({"array": {"spatial_x": [["K", 4]]}, "rf": {"temporal": [["S", 5]]}})")});
  const Json stem = Json::parse(kept).at("layers").at("stem");
  EXPECT_EQ(stem.at("array").at("spatial_x"), Json::parse(R"([["K", 4]])"));
  EXPECT_EQ(stem.at("rf").at("temporal"), Json::parse(R"([["S", 5]])"));

  const Ran none =
      chasm({"map", "-a", "nasa-45nm", "-w", "toy_all_types", "--budget", "100", "--constraints",
             constraints(R"({"rf": {"temporal": [["P", 12], ["Q", 10]]}})")});
  EXPECT_EQ(none.code, 4);
  EXPECT_TRUE(
      none.said("keep 120 inputs x 2 tiles = 240 words, the input register file of chunk "
                "CLP holds 48; make P <= 2"))
      << none.err;
  const Ran wrong = chasm({"map", "-a", "nasa-45nm", "-w", "toy_all_types", "--constraints",
                           constraints(R"({"array": {"spatial_x": [["K", 40]]}})")});
  EXPECT_EQ(wrong.code, 3);
  EXPECT_TRUE(wrong.said("40 trips of K, but the dimension has 8 iterations")) << wrong.err;
}

// Of a weight-stationary layer no loop over pixels is at DRAM level.
TEST(Map, ADataflowIsThatOfItsChunk) {
  const Json layers =
      Json::parse(mapping_of("nasa_hybrid_all_b_cifar10", "off",
                             {"--budget", "100", "--dataflow", "SLP=ws", "--verify", "1"}))
          .at("layers");
  std::map<std::string, int> pixel_loops;
  for (const auto& [name, layer] : layers.items())
    for (const Json& loop : layer.at("dram").value("temporal", Json::array()))
      if (loop.at(0) == "P" || loop.at(0) == "Q") ++pixel_loops[layer.at("chunk")];
  EXPECT_EQ(pixel_loops["SLP"], 0);
  EXPECT_GT(pixel_loops["CLP"], 0);
}

// The PEs that an allocation gives fit the area that it was given, and the mapping is for them.
TEST(Map, AllocationKeepsToTheArea) {
  const TemporaryFolder folder;
  std::set<std::string> architectures;
  for (const std::string kind : {"eq8", "even", "cost"}) {
    const std::string path = folder / (kind + ".json");
    const Ran mapped = chasm({"map", "-a", "nasa-45nm", "-w", "toy_all_types", "--budget", "100",
                              "--allocate", kind, "--area", "0.5", "--arch-output", path});
    ASSERT_EQ(mapped.code, 0) << mapped.err;
    architectures.insert(text_of(path));
    const Ran ran = chasm({"run", "-a", path, "-w", "toy_all_types", "-m",
                           folder.file("mapping.json", mapped.out), "-o", "-"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    double area = 0;  // PEs with their register files
    const Json result = Json::parse(ran.out);
    for (const Json& line : result.at("area")) {
      const std::string component = line.at("component");
      for (const char* chunk : {"CLP.", "SLP.", "ALP."})
        if (component.starts_with(chunk)) area += line.at("mm2").get<double>();
    }
    EXPECT_LE(area, 0.5) << kind;
    EXPECT_GT(area, 0.4) << kind;
  }
  EXPECT_EQ(architectures.size(), 3U);
}

// What an image takes in a stream, once the chunks are full.
TEST(Map, AllocationByCostIsNoWorseThanTheOthersInSimulation) {
  const TemporaryFolder folder;
  const auto edp_of = [&](const std::string& kind) {
    const std::string arch = folder / (kind + ".json");
    const Ran mapped =
        chasm({"map", "-a", "nasa-45nm", "-w", "toy_mixed3", "--cache", "off", "--budget", "100",
               "--schedule", "pipelined", "--allocate", kind, "--arch-output", arch});
    EXPECT_EQ(mapped.code, 0) << mapped.err;
    const std::string mapping = folder.file("mapping.json", mapped.out);
    std::vector<double> cycles, energy;
    for (const char* images : {"8", "16"}) {
      const Ran ran = chasm({"run", "-a", arch, "-w", "toy_mixed3", "-m", mapping, "--schedule",
                             "pipelined", "--images", images, "-o", "-"});
      EXPECT_EQ(ran.code, 0) << ran.err;
      const Json totals = Json::parse(ran.out).at("totals");
      cycles.push_back(totals.at("cycles"));
      energy.push_back(totals.at("energy_j"));
    }
    return (cycles[1] - cycles[0]) * (energy[1] - energy[0]);
  };
  const double best = std::min(edp_of("eq8"), edp_of("even"));
  EXPECT_LE(edp_of("cost"), best * (1 + 1e-9));
}

// Along a front cycles rise and energy falls.
TEST(Map, FrontsHaveNothingThatAnotherBeats) {
  std::map<std::string, std::vector<std::pair<double, double>>> fronts;
  std::istringstream lines(mapping_of("toy_mixed3", "off", {"--pareto", "--budget", "500"}));
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "layers,chunk,cycles,energy_pj,edp_js,mapping\r");
  std::size_t rows = 0;
  for (; std::getline(lines, line); ++rows) {
    std::istringstream fields(line);
    std::string layers, chunk, cycles, energy;
    for (std::string* field : {&layers, &chunk, &cycles, &energy})
      std::getline(fields, *field, ',');
    fronts[layers].emplace_back(std::stod(cycles), std::stod(energy));
  }
  EXPECT_EQ(fronts.size(), 3U);
  EXPECT_GT(rows, fronts.size());
  for (const auto& [layers, front] : fronts)
    for (std::size_t i = 1; i < front.size(); ++i) {
      EXPECT_GT(front[i].first, front[i - 1].first) << layers;
      EXPECT_LT(front[i].second, front[i - 1].second) << layers;
    }
}

TEST(Map, AsksForOneTableAtATime) {
  const Ran both = chasm({"map", "-a", "tiny", "-w", "toy_mixed3", "--combinations", "--pareto"});
  EXPECT_EQ(both.code, 2);
  EXPECT_NE(both.err.find("--combinations and --pareto are two tables"), std::string::npos);
}

TEST(Map, AMappingIsExplained) {
  const TemporaryFolder folder;
  ASSERT_EQ(chasm({"run", "-a", "nasa-45nm", "-w", "toy_all_types", "--cache", "off", "--budget",
                   "200", "-o", folder / "results"})
                .code,
            0);
  const Ran ran = chasm({"explain", "mapping", "stem", folder / "results"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const Json result = Json::parse(text_of(folder / "results/result.json"));
  const Json& dram = result.at("layers").at(0).at("traffic_words").at("dram");
  for (const std::string part :
       {"stem on CLP (7 x 15 PEs): K 8, C 4, P 12, Q 10, R 3, S 5; 57,600 operations",
        "level    loops, outermost first", "words of a tile", "words moved", "reuse",
        "what bounds it", "The tightest is: ", "runners-up (cost model)"})
    EXPECT_NE(ran.out.find(part), std::string::npos) << part << "\n" << ran.out;
  EXPECT_NE(ran.out.find("input              " + dram.at("input").at("reads").dump()),
            std::string::npos)
      << ran.out;
}

}  // namespace
}  // namespace chasm
