// Programs that would read what is not there, or write over what is needed: each fault is named
// with the tensors and the numbers.
#include "models/program/verify_memory.h"

#include <functional>

#include <gtest/gtest.h>

#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

// x [4,4,4] -> conv a [8,4,4] -> conv b [8,4,4]; a and b in sequence, with all tensors placed
// apart. conv a accumulates over steps: its psums have a place as well.
struct Programs {
  Program a, b;

  Programs() {
    const Network network = network_of(
        R"({"name":"x","shape":[4,4,4]})",
        R"({"name":"a","type":"conv2d","arithmetic":"multiply","inputs":["x"],"out_channels":8,
            "kernel":[3,3],"padding":[1,1]},
           {"name":"b","type":"conv2d","arithmetic":"multiply","inputs":["a"],"out_channels":8,
            "kernel":[1,1]})");
    a.operation = operations_of(network, 0).at(0);
    b.operation = operations_of(network, 1).at(0);
    a.buffer = {{Dim::C, 4}};
    place(a, {0, 1024, 2048});  // x: 64 words; weights: 288; output: 128
    place(b, {2048, 1024 + 320, 4096});
    a.psum = {3072, 16};  // 256 bytes
  }

  static void place(Program& program, std::array<std::uint64_t, kOperands> bases) {
    for (std::size_t o = 0; o < kOperands; ++o) program.placement[o] = {bases[o], 8};
  }

  bool sound(Diagnostics& diagnostics) const {
    return verify_memory({&a, &b}, "programs", diagnostics);
  }
};

struct Fault {
  const char* name;
  std::function<void(Programs&)> make;
  const char* message;
};
void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

class MemoryFault : public testing::TestWithParam<Fault> {};

TEST_P(MemoryFault, IsNamedWithTensorsAndNumbers) {
  Programs programs;
  GetParam().make(programs);
  Diagnostics diagnostics;
  EXPECT_FALSE(programs.sound(diagnostics));
  ASSERT_FALSE(diagnostics.ok());
  EXPECT_EQ(diagnostics.all()[0].message, GetParam().message);
  EXPECT_EQ(diagnostics.all()[0].file, "programs");
}

const Fault kFaults[] = {
    {"Address", [](Programs& p) { p.a.placement[1].dram_base = 1000; },
     "a: the DRAM address 1000 of weight is no multiple of the 64 bytes of a line"},
    {"PsumAddress", [](Programs& p) { p.a.psum.dram_base += 8; },
     "a: the DRAM address 3080 of the spilled psums is no multiple of the 64 bytes of a line"},
    {"ReadsBehindTheTensor", [](Programs& p) { p.a.operation.of(Operand::input).base_word = 16; },
     "a: reads word 79 of input, which has 64: it was never written"},
    {"WritesBehindTheTensor", [](Programs& p) { p.a.operation.of(Operand::output).base_word = 1; },
     "a: writes word 128 of its output, which has 128"},
    {"ReadsWeightsThatDoNotExist", [](Programs& p) { p.a.operation.bounds[Dim::C] = 5; },
     "a: reads coordinates 0 to 4 of an axis of weight, which has 4"},
    {"WritesRowsThatDoNotExist", [](Programs& p) { p.a.operation.bounds[Dim::P] = 5; },
     "a: writes coordinates 0 to 4 of an axis of output, which has 4"},
    {"Layout",
     [](Programs& p) {
       p.a.placement[0].layout = {4, 4, 15};
     },
     "a: the layout of input has 4 channels of 15 pixels, the tensor 64 words"},
    {"LayoutOfParameters",
     [](Programs& p) {
       p.a.placement[1].layout = {4, 4, 16};
     },
     "a: weight is a parameter, which has no layout of activations"},
    {"OtherAddress", [](Programs& p) { p.b.placement[0].dram_base = 2112; },
     "b: input is tensor 1 in bytes 2112 to 2239, but the output of a is the same tensor in bytes "
     "2048 to 2175 (address, width or layout differ)"},
    {"OtherWidth", [](Programs& p) { p.b.placement[0].bits = 4; },
     "b: input is tensor 1 in bytes 2048 to 2111, but the output of a is the same tensor in bytes "
     "2048 to 2175 (address, width or layout differ)"},
    {"OtherLayout",
     [](Programs& p) {
       p.b.placement[0].layout = {8, 8, 16};
     },
     "b: input is tensor 1 in bytes 2048 to 2175, but the output of a is the same tensor in bytes "
     "2048 to 2175 (address, width or layout differ)"},
    {"PartNeverWritten", [](Programs& p) { p.a.operation.bounds[Dim::K] = 7; },
     "b: reads word 112 of input (tensor 1), which was never written"},
    {"RowNeverWritten",
     [](Programs& p) {
       p.a.operation.of(Operand::output).base_word = 4;
       p.a.operation.bounds[Dim::P] = 3;
       p.a.operation.of(Operand::output).axes[3].extent = 3;
     },
     "b: reads word 0 of input (tensor 1), which was never written"},
    {"WrittenLater", [](Programs& p) { std::swap(p.a, p.b); },
     "b: reads word 0 of input (tensor 1), which was never written: a runs later"},
    {"InPlace",
     [](Programs& p) {
       p.b.operation.of(Operand::output).tensor = 1;
       p.b.placement[2] = p.b.placement[0];
     },
     "b: reads tensor 1 while it writes it"},
    {"OutputOverInput", [](Programs& p) { p.b.placement[2].dram_base = 2112; },
     "b: the output of b (bytes 2112 to 2239 of DRAM) and the output of a (bytes 2048 to 2175) "
     "overlap"},
    {"OutputOverItsPsums", [](Programs& p) { p.a.psum.dram_base = 1984; },
     "a: the output of a (bytes 2048 to 2175 of DRAM) and the spilled psums of a (bytes 1984 to "
     "2239) overlap"},
    {"PsumsOverInput", [](Programs& p) { p.a.psum.dram_base = 0; },
     "a: the spilled psums of a (bytes 0 to 255 of DRAM) and the input of a (bytes 0 to 63) "
     "overlap"},
    {"OutputOverLaterWeights", [](Programs& p) { p.b.placement[1].dram_base = 2112; },
     "a: the output of a (bytes 2048 to 2175 of DRAM) and the weight of b (bytes 2112 to 2175) "
     "overlap"},
};

INSTANTIATE_TEST_SUITE_P(Program, MemoryFault, testing::ValuesIn(kFaults),
                         [](const auto& fault) { return fault.param.name; });

bool is_sound(const Programs& programs) {
  Diagnostics diagnostics;
  const bool sound = programs.sound(diagnostics);
  EXPECT_EQ(sound, diagnostics.ok());
  EXPECT_TRUE(sound) << diagnostics.to_string();
  return sound;
}

TEST(VerifyMemory, AcceptsTensorsSideBySideToTheLastByte) {
  Programs programs;
  programs.a.psum.dram_base = 2048 + 128;
  EXPECT_TRUE(is_sound(programs));
}

// The space of a tensor that nobody reads any more is free: x and the weights of a.
TEST(VerifyMemory, SpaceMayBeUsedAgain) {
  Programs programs;
  programs.b.placement[2].dram_base = 0;
  EXPECT_TRUE(is_sound(programs));
}

TEST(VerifyMemory, KeptTensorsHaveNoPlaceInDram) {
  Programs programs;
  programs.a.kept[2] = programs.b.kept[0] = true;
  programs.a.placement[2].dram_base = programs.b.placement[0].dram_base = 0;
  programs.a.psum.dram_base = 0;
  EXPECT_TRUE(is_sound(programs));
}

// Blocks of 16 channels pad the 8: the output takes twice its words.
TEST(VerifyMemory, PaddedBlocksTakeTheirSpace) {
  Programs programs;
  programs.a.placement[2].layout = programs.b.placement[0].layout = {16, 8, 16};
  programs.a.psum.dram_base = 2048 + 256;
  programs.a.psum.layout = {16, 8, 16};
  EXPECT_TRUE(is_sound(programs));
  programs.a.psum.dram_base = 2048 + 192;
  Diagnostics diagnostics;
  EXPECT_FALSE(programs.sound(diagnostics));
}

}  // namespace
}  // namespace chasm
