// The command line itself: help that teaches, and mistakes that end with exit code 2 and a way on.
#include <sstream>

#include <gtest/gtest.h>

#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::Ran;
using testing_support::TemporaryFolder;

TEST(Help, TheProgramAloneTeaches) {
  const Ran alone = chasm({}), help = chasm({"--help"}), word = chasm({"help"});
  EXPECT_EQ(alone.code, 0);
  EXPECT_EQ(alone.out, help.out);
  EXPECT_EQ(alone.out, word.out);
  EXPECT_EQ(alone.err, "");
  for (const char* part : {"chasm run -a nasa-45nm -w nasa_hybrid_all_b_cifar10", "chasm list nets",
                           "Commands", "validate", "Exit codes"})
    EXPECT_NE(alone.out.find(part), std::string::npos) << part;
}

TEST(Help, EveryCommandExplainsItselfWithExamples) {
  for (const std::string command : {"run", "map", "report", "compare", "explain", "sweep", "dram",
                                    "validate", "list", "show", "schema", "help", "version"}) {
    const Ran by_option = chasm({command, "--help"}), by_word = chasm({"help", command});
    EXPECT_EQ(by_option.code, 0) << command;
    EXPECT_EQ(by_option.out, by_word.out) << command;
    EXPECT_NE(by_option.out.find("Usage: chasm " + command), std::string::npos) << by_option.out;
    EXPECT_NE(by_option.out.find("Examples:\n  "), std::string::npos) << by_option.out;
  }
}

TEST(Help, AdvertisesNothingThatIsNotThere) {
  const std::string overview = chasm({}).out;
  for (const char* absent : {"\n  serve", "\n  lut", "\n  import"})
    EXPECT_EQ(overview.find(absent), std::string::npos) << absent;
}

TEST(Version, NamesTheLibraries) {
  const Ran ran = chasm({"--version"});
  EXPECT_EQ(ran.code, 0);
  for (const char* part :
       {"chasm 0.", "(git ", "SystemC 2.3.", "fmt ", "nlohmann-json 3.", "Boost 1."})
    EXPECT_NE(ran.out.find(part), std::string::npos) << part << ran.out;
  EXPECT_EQ(ran.out, chasm({"version"}).out);
}

struct Mistake {
  std::vector<std::string> arguments;
  std::string text;  // part of what stderr must say
};

const std::vector<Mistake> kMistakes = {
    {{"rnu"}, "there is no command \"rnu\"; did you mean \"run\"?"},
    {{""}, "there is no command \"\""},
    {{"--verbose"}, "unknown option \"--verbose\""},
    {{"run"}, "no architecture is given"},
    {{"run", "-a", "tiny"}, "no network is given"},
    {{"run", "-a"}, "--arch needs a value"},
    {{"run", "--ach", "tiny"}, "unknown option \"--ach\"; did you mean \"--arch\"?"},
    {{"run", "--arc", "tiny"}, "unknown option \"--arc\"; did you mean \"--arch\"?"},
    {{"run", "-z"}, "unknown option \"-z\""},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "more"}, "unexpected argument \"more\""},
    {{"run", "-a", "tiny", "-a", "tiny", "-w", "toy_mixed3"}, "--arch is given twice"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--functional=yes"}, "--functional takes no value"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--images", "0"}, "whole number from 1 to"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--images", "-1"}, "whole number from 1 to"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--images", "1e3"}, "not \"1e3\""},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--images", ""}, "whole number"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--images", "99999999999999999999"}, "whole number"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--seed", "x"}, "--seed must be"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--keep-on-chip", "1KiB"}, "--keep-on-chip must be"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--keep-on-chip", "8192"},
     "--keep-on-chip 8192 leaves no room for tiles: the global buffer of tiny has"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "-j", "0"}, "--jobs must be"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--objective", "enery"}, "did you mean \"energy\"?"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--set", "clock_mhz"}, "--set takes PATH=VALUE"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--set", "=3"}, "--set takes PATH=VALUE"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--tensors", "t"}, "only with --functional"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "-m", "m.json", "--objective", "edp"},
     "give one of them"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--schedule", "grpah"}, "did you mean \"graph\"?"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--trace", "vdc=x"},
     "there is no trace \"vdc\"; did you mean \"vcd\"?"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--trace", "trace.json"}, "there is no trace"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--trace", "vcd"}, "--trace vcd=FILE"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--trace", "vcd="}, "--trace vcd=FILE"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--trace", "vcd=-"}, "--trace vcd=FILE"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--trace"}, "--trace needs a value"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--trace", "vcd=x", "--trace", "vcd=y"},
     "given twice"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "--trace", "vcd=x", "--trace", "dram=./x"},
     "the same file"},
    {{"map", "-a", "tiny", "-w", "toy_mixed3", "--search", "aneal"}, "did you mean \"anneal\"?"},
    {{"map", "-a", "tiny", "-w", "toy_mixed3", "--dataflow", "xs"}, "free, rs, ws, os, is"},
    {{"map", "-a", "tiny", "-w", "toy_mixed3", "--budget", "30h"}, "a time (30s, 2m, 500ms)"},
    {{"map", "-a", "tiny", "-w", "toy_mixed3", "--budget", "0"}, "a time (30s, 2m, 500ms)"},
    {{"map", "-a", "tiny", "-w", "toy_mixed3", "--verify", "0"}, "from 1 to 100"},
    {{"map", "-a", "tiny", "-w", "toy_mixed3", "--area", "1"}, "--area belongs to --allocate"},
    {{"map", "-a", "tiny", "-w", "toy_mixed3", "--allocate", "eq8"}, "--arch-output"},
    {{"run", "-a", "tiny", "-w", "toy_mixed3", "-m", "m.json", "--search", "quick"},
     "--search steers the mapper"},
    {{"sweep"}, "expected SWEEP.json"},
    {{"search", "s.json"}, "not available in this version"},
    {{"lut"}, "not available in this version"},
    {{"serve"}, "not available in this version"},
    {{"dram"}, "expected TRACE"},
    {{"dram", "t.csv"}, "--config is needed"},
    {{"dram", "-c", "DDR4-2400", "t.csv", "--set", "x"}, "--set needs PATH=VALUE"},
    {{"report"}, "expected RESULT"},
    {{"report", "r", "--html", ""}, "--html needs a name"},
    {{"report", "r", "--html", "-", "--roofline"}, "only one view"},
    {{"compare", "r"}, "expected A B"},
    {{"compare", "a", "b", "--fail-above", "latency"}, "METRIC=PERCENT"},
    {{"compare", "a", "b", "--fail-above", "latency=1"}, "METRIC=PERCENT"},
    {{"compare", "a", "b", "--fail-above", "latency=%"}, "METRIC=PERCENT"},
    {{"compare", "a", "b", "--fail-above", "latency=nan%"}, "METRIC=PERCENT"},
    {{"compare", "a", "b", "--fail-above", "latncy=1%"}, "did you mean \"latency\"?"},
    {{"explain", "energy"}, "expected area|energy|layer"},
    {{"explain", "enrgy", "r"}, "did you mean \"energy\"?"},
    {{"import"}, "not available in this version"},
    {{"help", "rum"}, "did you mean \"run\"?"},
    {{"list"}, "expected archs|nets|sweeps|energy-tables|drams"},
    {{"list", "arch"}, "did you mean \"archs\"?"},
    {{"show"}, "expected NAME"},
    {{"schema", "archs"}, "did you mean \"arch\"?"},
    {{"validate"}, "expected FILE..."},
};

TEST(UsageMistakes, EndWithTwoAndSayWhat) {
  for (const Mistake& mistake : kMistakes) {
    const Ran ran = chasm(mistake.arguments);
    EXPECT_EQ(ran.code, 2) << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_TRUE(ran.said(mistake.text)) << ran.err << "does not say: " << mistake.text;
    EXPECT_TRUE(ran.said("--help\".\n")) << ran.err;
  }
}

TEST(Documents, EveryShippedNameIsListedAndShown) {
  const TemporaryFolder folder;
  for (const std::string kind : {"archs", "nets", "energy-tables"}) {
    std::istringstream names(chasm({"list", kind, "--names"}).out);
    const std::string table = chasm({"list", kind}).out;
    std::size_t count = 0;
    for (std::string name; std::getline(names, name); ++count) {
      EXPECT_NE(table.find("\n" + name + " "), std::string::npos) << name;
      const Ran shown = chasm({"show", name});
      ASSERT_EQ(shown.code, 0) << name;
      const Ran checked = chasm({"validate", folder.file(name + ".json", shown.out)});
      EXPECT_EQ(checked.code, 0) << checked.err;
      EXPECT_NE(checked.out.find(": ok ("), std::string::npos) << checked.out;
    }
    EXPECT_GE(count, 2u) << kind;
  }
  EXPECT_NE(chasm({"list", "drams"}).out.find("\nideal "), std::string::npos);
}

TEST(Documents, SchemasAreJson) {
  for (const std::string kind : {"arch", "workload", "mapping", "result", "energy-table"}) {
    const Ran ran = chasm({"schema", kind});
    EXPECT_EQ(ran.code, 0) << kind;
    EXPECT_NE(ran.out.find("\"$schema\": \"http://json-schema.org/draft-07/schema#\""),
              std::string::npos);
  }
}

}  // namespace
}  // namespace chasm
