// Whatever is wrong with the files: the right exit code, a text that helps, and no output touched.
// Never a crash.
#include <gtest/gtest.h>

#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::Ran;
using testing_support::TemporaryFolder;

constexpr const char* kNet =
    R"({"name":"n","inputs":[{"name":"image","shape":[4,8,8]}],"layers":[{"name":"conv","type":"conv2d",)"
    R"("arithmetic":"multiply","inputs":["image"],"out_channels":8,"kernel":[3,3],"padding":[1,1]}]})";
constexpr const char* kArch =
    R"({"name":"a","chunks":[{"name":"CLP","arithmetic":"multiply","pe_array":{"rows":2,"cols":2}}]})";

// `text` with the first `from` replaced.
std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// Runs the pair, which must fail with the code and the text and leave the output folder as it was.
void expect_refused(const std::string& arch, const std::string& net, int code,
                    const std::string& text) {
  const TemporaryFolder folder;
  const std::string a = folder.file("arch.json", arch), n = folder.file("net.json", net);
  const Ran ran = chasm({"run", "-a", a, "-w", n, "-o", folder / "out"});
  EXPECT_EQ(ran.code, code) << arch.substr(0, 300) << "\n" << net.substr(0, 300) << "\n" << ran.err;
  EXPECT_TRUE(ran.said(text)) << ran.err << "does not say: " << text;
  EXPECT_TRUE(ran.said("error: ")) << ran.err;
  EXPECT_FALSE(ran.said("internal error")) << ran.err;
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(folder.content(), (std::vector<std::string>{"arch.json", "net.json"}));
}

TEST(BadInput, TheGoodPairIsGood) {
  const TemporaryFolder folder;
  const Ran ran =
      chasm({"validate", folder.file("arch.json", kArch), folder.file("net.json", kNet)});
  EXPECT_EQ(ran.code, 0) << ran.err;
}

TEST(BadInput, UnknownKeysGetDidYouMean) {
  expect_refused(
      with(kArch, "\"rows\"", "\"row\""), kNet, 3,
      "arch.json: /chunks/0/pe_array: error: unknown key \"row\"; did you mean \"rows\"?");
  expect_refused(kArch, with(kNet, "padding", "pading"), 3, "did you mean \"padding\"?");
}

TEST(BadInput, WrongTypesAndImpossibleSizes) {
  for (const char* rows :
       {"\"two\"", "null", "[2]", "{}", "true", "2.5", "-2", "0", "1e300", "99999999999999999999"})
    expect_refused(with(kArch, "\"rows\":2", std::string("\"rows\":") + rows), kNet, 3,
                   "arch.json: /chunks/0/pe_array/rows: error: ");
  for (const char* channels :
       {"\"8\"", "null", "[]", "0", "-1", "1.5", "1e300", "18446744073709551616"})
    expect_refused(kArch,
                   with(kNet, "\"out_channels\":8", std::string("\"out_channels\":") + channels), 3,
                   "net.json: /layers/0/out_channels: error: ");
  expect_refused(kArch, with(kNet, "[3,3]", "[30,30]"), 3, "net.json: /layers/0");
  expect_refused(kArch, with(kNet, "[4,8,8]", "[4,8]"), 3, "net.json: /inputs/0/shape");
  expect_refused(kArch, with(kNet, "[4,8,8]", "[4,0,8]"), 3, "net.json: /inputs/0/shape");
}

TEST(BadInput, UnknownWords) {
  expect_refused(kArch, with(kNet, "conv2d", "conv3d"), 3, "did you mean \"conv2d\"?");
  expect_refused(kArch, with(kNet, "multiply", "multiplication"), 3, "/layers/0/arithmetic");
  expect_refused(kArch, with(kNet, "[\"image\"]", "[\"imag\"]"), 3, "did you mean \"image\"?");
  expect_refused(with(kArch, "multiply", "mult"), kNet, 3, "/chunks/0/arithmetic");
  expect_refused(with(kArch, "\"name\":\"a\"", "\"name\":\"a\",\"energy_table\":\"cmos45\""), kNet,
                 3, "cmos45");
  expect_refused(with(kArch, "\"name\":\"a\"", "\"name\":\"a\",\"extends\":\"nasa-45\""), kNet, 3,
                 "did you mean");
}

TEST(BadInput, BrokenJsonSaysWhere) {
  const std::string net = kNet;
  expect_refused(kArch, net.substr(0, net.size() / 2), 3, "net.json: ");
  expect_refused(kArch, "", 3, "net.json: ");
  expect_refused(kArch, "[]", 3, "net.json: ");
  expect_refused(kArch, "null", 3, "net.json: ");
  expect_refused(kArch, "{\n  \"name\": nope }", 3, "net.json: 2:1");
  expect_refused(kArch, std::string("\x7f\x45\x4c\x46\x00\xff\xfe", 7), 3, "net.json: ");
  expect_refused(kArch, with(kNet, "\"name\":\"n\"", "\"name\":\"n\",\"name\":\"n\""), 3,
                 "duplicate");
  expect_refused(kArch, with(kNet, "\"out_channels\":8", "\"out_channels\":NaN"), 3, "net.json: ");
  expect_refused(kArch, std::string(100'000, '['), 3, "net.json: ");
  expect_refused(kArch, with(kNet, "\"n\"", "\"\xff\xfe\""), 3, "net.json: ");
}

TEST(BadInput, EveryProblemOfBothFilesAtOnce) {
  const TemporaryFolder folder;
  const std::string a =
      folder.file("arch.json", with(kArch, "\"rows\":2", "\"rows\":0,\"depth\":1"));
  const std::string n = folder.file("net.json", with(kNet, "padding", "pading"));
  const Ran ran = chasm({"run", "-a", a, "-w", n});
  EXPECT_EQ(ran.code, 3);
  for (const char* part : {"/rows", "\"depth\"", "\"pading\""})
    EXPECT_TRUE(ran.said(part)) << ran.err;
}

TEST(BadInput, MissingFilesAndUnknownNames) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"run", "-a", "tiny", "-w", "no/such/net.json"}, "no/such/net.json: error: "},
      {{"run", "-a", "no/such/arch.json", "-w", "toy_mixed3"}, "no/such/arch.json: error: "},
      {{"run", "-a", "tiny", "-w", "toy_mixd3"}, "did you mean \"toy_mixed3\"?"},
      {{"run", "-a", "nasa-45", "-w", "toy_mixed3"}, "did you mean \"nasa-45nm\"?"},
      {{"run", "-a", "/tmp", "-w", "toy_mixed3"}, "/tmp: error: "},
      {{"run", "-a", "tiny", "-w", "toy_mixed3", "-m", "no-mapping.json"},
       "no-mapping.json: error: "},
      {{"map", "-a", "tiny", "-w", "toy_mixd3"}, "did you mean \"toy_mixed3\"?"},
      {{"run", "-a", "tiny", "-w", "toy_mixed3", "--set", "clock_mz=1"},
       "did you mean \"clock_mhz\"?"},
      {{"run", "-a", "tiny", "-w", "toy_mixed3", "--set", "clock_mhz=-1"}, "clock_mhz"},
      {{"validate", "no.json"}, "no.json: error: "},
      {{"show", "resnet-18"}, "did you mean \"resnet18\"?"}};
  for (const auto& [arguments, text] : cases) {
    const Ran ran = chasm(arguments);
    EXPECT_EQ(ran.code, 3) << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_TRUE(ran.said(text)) << ran.err << "does not say: " << text;
  }
}

TEST(BadInput, WhatCannotBeDoneIsInfeasible) {
  expect_refused(kArch, with(kNet, "multiply", "shift"), 4, "conv");
  expect_refused(
      with(kArch, "\"name\":\"a\"", R"("name":"a","global_buffer":{"capacity_bytes":8})"), kNet, 3,
      "/global_buffer/capacity_bytes: error: ");
}

TEST(BadInput, AMappingThatDoesNotFitTheBufferIsInfeasible) {
  const TemporaryFolder folder;
  const std::string a = folder.file(
      "a.json",
      with(kArch, "\"name\":\"a\"", R"("name":"a","global_buffer":{"capacity_bytes":512})"));
  const std::string n = folder.file("n.json", kNet);
  const std::string m = folder.file(
      "m.json", R"({"layers":{"conv":{"chunk":"CLP",)"
                R"("buffer":{"temporal":[["K",8],["C",4],["P",8],["Q",8],["R",3],["S",3]]}}}})");
  const Ran ran = chasm({"run", "-a", a, "-w", n, "-m", m, "-o", folder / "out"});
  EXPECT_EQ(ran.code, 4) << ran.err;
  EXPECT_TRUE(ran.said("m.json: /layers/conv")) << ran.err;
  EXPECT_TRUE(ran.said("buffer")) << ran.err;
  EXPECT_EQ(folder.content(), (std::vector<std::string>{"a.json", "m.json", "n.json"}));
}

TEST(BadInput, MappingsAreCheckedAgainstNetworkAndArchitecture) {
  const TemporaryFolder folder;
  const Ran mapped = chasm({"map", "-a", "tiny", "-w", "toy_mixed3"});
  ASSERT_EQ(mapped.code, 0) << mapped.err;
  const auto refuse = [&](const std::string& text, const std::string& part) {
    const std::string m = folder.file("m.json", text);
    const Ran ran = chasm({"run", "-a", "tiny", "-w", "toy_mixed3", "-m", m});
    EXPECT_GE(ran.code, 3) << ran.err;
    EXPECT_LE(ran.code, 4) << ran.err;
    EXPECT_TRUE(ran.said("m.json: ")) << ran.err;
    EXPECT_TRUE(ran.said(part)) << ran.err << "does not say: " << part;
    const Ran checked = chasm({"validate", m, "-a", "tiny", "-w", "toy_mixed3"});
    EXPECT_EQ(checked.code, ran.code) << checked.err;
  };
  refuse(with(mapped.out, "\"adder\"", "\"adderr\""), "adder");
  refuse(with(mapped.out, "\"ADD\"", "\"AD\""), "AD");
  refuse(with(mapped.out, "\"ADD\"", "\"MUL\""), "MUL");
  refuse(with(mapped.out, "\"spatial_x\": [", "\"spatial_x\": [[\"K\", 4096]"), "");
  refuse(R"({"layers":{}})", "layers");
}

TEST(BadInput, ValidateSaysAllOfAllFiles) {
  const TemporaryFolder folder;
  const std::string good = folder.file("good.json", kArch);
  const std::string bad = folder.file("bad.json", with(kNet, "padding", "pading"));
  const std::string other = folder.file("other.json", R"({"hello":1})");
  const Ran ran = chasm({"validate", good, bad, other, folder / "none.json"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(ran.out, good + ": ok (architecture, 1 chunk)\n");
  for (const char* part : {"pading", "this is no workload", "none.json: error: "})
    EXPECT_TRUE(ran.said(part)) << ran.err;
}

TEST(BadOutput, IsRefusedBeforeTheSimulation) {
  const TemporaryFolder folder;
  const std::string file = folder.file("file", "mine");
  for (const std::string& target : {file, file + "/below", std::string("/proc/chasm")}) {
    const Ran ran = chasm({"run", "-a", "tiny", "-w", "toy_mixed3", "-o", target});
    EXPECT_EQ(ran.code, 3) << target;
    EXPECT_TRUE(ran.said("cannot write there")) << ran.err;
    EXPECT_EQ(ran.out, "");
  }
  const Ran map = chasm({"map", "-a", "tiny", "-w", "toy_mixed3", "-o", folder / "none/m.json"});
  EXPECT_EQ(map.code, 3) << map.err;
  EXPECT_EQ(testing_support::text_of(file), "mine");
  EXPECT_EQ(folder.content(), std::vector<std::string>{"file"});
}

TEST(BadOutput, AFullDiskIsSaid) {
  const Ran ran = testing_support::shell("chasm show resnet50 > /dev/full", "/tmp");
  EXPECT_EQ(ran.code, 3);
  EXPECT_TRUE(ran.said("cannot write to standard output")) << ran.err;
}

}  // namespace
}  // namespace chasm
