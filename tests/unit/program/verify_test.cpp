#include "models/program/verify.h"

#include <functional>

#include <gtest/gtest.h>

#include "models/program/flatten.h"
#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

Operation convolution() {
  const Network network = network_of(
      R"({"name":"x","shape":[8,8,8]})",
      R"({"name":"conv","type":"conv2d","arithmetic":"multiply","inputs":["x"],"out_channels":16,"kernel":[3,3],
          "stride":[1,1],"padding":[1,1]})");
  return operations_of(network, 0).at(0);
}

Program sound() {
  Program program;
  program.operation = convolution();
  program.dram = {{Dim::P, 2}};
  program.buffer = {{Dim::P, 4}, {Dim::C, 4}};
  program.spatial_x = {{Dim::Q, 8}};
  program.spatial_y = {{Dim::K, 4}};
  program.rf = {{Dim::K, 4}, {Dim::C, 2}, {Dim::R, 3}, {Dim::S, 3}};
  program.buffer_tiles = {2, 1, 2};
  program.psum.bits = 16;
  return program;
}

// The same layer as a matrix product of 64 pixels, 72 words of a filter and 16 filters.
void make_systolic(Program& p, ProgramLimits& l) {
  p.operation = flattened(p.operation);
  p.dram = {};
  p.buffer = {{Dim::P, 16}, {Dim::C, 12}};
  p.spatial_x = {{Dim::K, 8}};
  p.spatial_y = {{Dim::P, 4}};
  p.rf = {{Dim::K, 2}, {Dim::C, 6}};
  l.systolic = true;
}

ProgramLimits limits() {
  ProgramLimits limits;
  limits.chunk = "CLP";
  limits.rows = 4;
  limits.cols = 8;
  limits.register_file_words = {36, 72, 4};
  limits.double_buffered = {true, false, false};
  // input 8 x 6 x 8 words twice, weights 1152, output psums 16 x 4 x 8 x 2 bytes twice
  limits.buffer_capacity_bytes = 2 * 384 + 1152 + 2 * 1024;
  limits.buffer_word_bytes = 8;
  return limits;
}

struct Fault {
  const char* name;
  std::function<void(Program&, ProgramLimits&)> make;
  bool infeasible;
  const char* pointer;
  const char* message;
};

class VerifyFault : public testing::TestWithParam<Fault> {};

TEST_P(VerifyFault, IsNamedWithLoopAndNumbers) {
  Program program = sound();
  ProgramLimits limit = limits();
  GetParam().make(program, limit);
  Diagnostics diagnostics;
  EXPECT_FALSE(verify_program(program, limit, "m.json", "/layers/conv", diagnostics));
  ASSERT_FALSE(diagnostics.ok());
  const Diagnostic& first = diagnostics.all()[0];
  EXPECT_EQ(first.infeasible, GetParam().infeasible);
  EXPECT_EQ(first.file, "m.json");
  EXPECT_EQ(first.pointer, std::string("/layers/conv") + GetParam().pointer);
  EXPECT_NE(first.message.find(GetParam().message), std::string::npos) << first.message;
}

const Fault kFaults[] = {
    {"ZeroTrips", [](Program& p, ProgramLimits&) { p.dram[0].trips = 0; }, false,
     "/dram/temporal/0", "loop P has 0 trips"},
    {"AbsentDimension",
     [](Program& p, ProgramLimits&) {
       p.spatial_y.push_back({Dim::G, 2});
     },
     false, "/array/spatial_y/1", "loop G has 2 trips, but dimension G has 1 iterations"},
    {"NotCovered", [](Program& p, ProgramLimits&) { p.buffer[1].trips = 3; }, false, "",
     "the loops of dimension C cover 6 of its 8 iterations"},
    {"Overflow",
     [](Program& p, ProgramLimits&) {
       p.dram.assign(70, {Dim::P, 4});
     },
     false, "", "the loops of P multiply to more than 2^64"},
    {"GatedTooMuch", [](Program& p, ProgramLimits&) { p.gated = 65537; }, false, "",
     "65537 of 65536 operations are gated"},
    {"GatedAddition",
     [](Program& p, ProgramLimits&) {
       p.operation.kind = OpKind::adder_accumulate;
       p.gated = 1;
     },
     false, "", "operations of kind adder_accumulate cannot be gated"},
    {"Columns", [](Program&, ProgramLimits& l) { l.cols = 7; }, true, "/array/spatial_x",
     "spatial_x (Q 8) needs 8 columns of PEs, chunk CLP has 7"},
    {"Rows", [](Program&, ProgramLimits& l) { l.rows = 3; }, true, "/array/spatial_y",
     "spatial_y (K 4) needs 4 rows of PEs, chunk CLP has 3"},
    {"Reduction",
     [](Program& p, ProgramLimits& l) {
       p.spatial_y = {{Dim::C, 4}};
       p.buffer = {{Dim::P, 4}, {Dim::K, 4}};
       l.spatial_reduction = false;
     },
     true, "/array/spatial_y/0", "C 4 spreads a reduction over PEs"},
    {"SystolicColumns",
     [](Program& p, ProgramLimits& l) {
       make_systolic(p, l);
       p.spatial_x = {{Dim::P, 8}};
       p.buffer = {{Dim::P, 2}, {Dim::C, 12}, {Dim::K, 8}};
     },
     true, "/array/spatial_x/0",
     "loop P 8 cannot lie along the columns of the systolic chunk CLP; in its dataflow only K can"},
    {"SystolicRows",
     [](Program& p, ProgramLimits& l) {
       make_systolic(p, l);
       l.systolic_row = Dim::C;
     },
     true, "/array/spatial_y/0",
     "loop P 4 cannot lie along the rows of the systolic chunk CLP; in its dataflow only C can"},
    {"SystolicFlat",
     [](Program& p, ProgramLimits& l) {
       make_systolic(p, l);
       p.buffer.push_back({Dim::Q, 8});
     },
     false, "/buffer/temporal/2",
     "loop Q has 8 trips, but dimension Q has 1 iterations; allowed: 1 to 1"},
    {"InputRegisters", [](Program&, ProgramLimits& l) { l.register_file_words[0] = 35; }, true,
     "/rf/temporal",
     "rf loops C2 x R3 x S3 keep 18 inputs x 2 tiles = 36 words, the input register file of chunk "
     "CLP holds 35"},
    {"WeightRegisters", [](Program&, ProgramLimits& l) { l.register_file_words[1] = 71; }, true,
     "/rf/temporal",
     "rf loops K4 x C2 x R3 x S3 keep 72 weights, the weight register file of chunk CLP holds 71"},
    {"PsumRegisters", [](Program&, ProgramLimits& l) { l.double_buffered[2] = true; }, true,
     "/rf/temporal",
     "rf loops K4 keep 4 psums x 2 tiles = 8 words, the psum register file of chunk CLP holds 4"},
    {"Capacity", [](Program&, ProgramLimits& l) { l.buffer_capacity_bytes -= 1; }, true, "/buffer",
     "take 3968 bytes (input 768 in 2 tiles, weight 1152 in 1 tile, output 2048 in 2 tiles), the "
     "global "
     "buffer has 3967: 1 too few"},
    {"Tiles", [](Program& p, ProgramLimits&) { p.buffer_tiles[1] = 3; }, false,
     "/buffer/tiles/weight", "3 tiles of weight in the buffer; allowed: 1 or 2"},
    {"OutputBypass", [](Program& p, ProgramLimits&) { p.bypass_buffer[2] = true; }, true,
     "/buffer/temporal", "reduction loops at DRAM or buffer level spill partial sums"},
    {"KeptParameter", [](Program& p, ProgramLimits&) { p.kept[1] = true; }, false, "/buffer",
     "weight cannot be kept in the buffer: it is a parameter"},
    {"KeptBypass", [](Program& p, ProgramLimits&) { p.kept[0] = p.bypass_buffer[0] = true; }, false,
     "/buffer", "input cannot be kept in the buffer: it bypasses the buffer"},
    {"KeptNothing",
     [](Program& p, ProgramLimits&) {
       p.operation.of(Operand::weight) = {};
       p.kept[1] = true;
     },
     false, "/buffer", "weight cannot be kept in the buffer: there is none"},
    {"Misaligned",
     [](Program& p, ProgramLimits&) {
       p.buffer_base = {0, 772, 1920};
     },
     false, "/buffer", "the buffer address 772 of weight is no multiple of the 8 bytes of a word"},
    {"BehindTheEnd",
     [](Program& p, ProgramLimits&) {
       p.buffer_base = {0, 768, 1928};
     },
     true, "/buffer",
     "the 2048 bytes of output at address 1928 end behind the global buffer, which has 3968 "
     "bytes"},
    {"Overlap",
     [](Program& p, ProgramLimits&) {
       p.buffer_base = {0, 760, 1920};
     },
     false, "/buffer", "input (bytes 0 to 767 of the buffer) and weight (760 to 1911) overlap"},
    {"OverlapKept",
     [](Program& p, ProgramLimits&) {
       p.kept[0] = true;
       p.buffer_base = {1912, 0, 1920};
     },
     false, "/buffer",
     "input (bytes 1912 to 2423 of the buffer) and output (1920 to 3967) overlap"},
};

INSTANTIATE_TEST_SUITE_P(Program, VerifyFault, testing::ValuesIn(kFaults),
                         [](const auto& fault) { return fault.param.name; });

TEST(Verify, AcceptsASoundProgramToTheLastByte) {
  Diagnostics diagnostics;
  EXPECT_TRUE(verify_program(sound(), limits(), "m.json", "", diagnostics))
      << diagnostics.to_string();
}

TEST(Verify, AcceptsAddressesSideBySide) {
  Program program = sound();
  program.buffer_base = {1152, 0, 1920};
  Diagnostics diagnostics;
  EXPECT_TRUE(verify_program(program, limits(), "m.json", "", diagnostics))
      << diagnostics.to_string();
  // A kept tensor is there whole: 8 x 8 x 8 words of input, 16 x 8 x 8 psums of 2 bytes. It needs
  // no tiles.
  program.kept = {true, false, true};
  EXPECT_EQ(buffer_bytes(program, Operand::input, 8), 0U);
  program.buffer_base = {1152, 0, 1664};
  EXPECT_TRUE(verify_program(program, limits(), "m.json", "", diagnostics))
      << diagnostics.to_string();
}

TEST(Verify, TwoOperandsMayReadOneKeptTensor) {
  const Network network = network_of(R"({"name":"x","shape":[4,2,4]})",
                                     R"({"name":"sum","type":"add","inputs":["x","x"]})");
  Program program;
  program.operation = operations_of(network, 0).at(0);
  program.buffer = {{Dim::K, 4}, {Dim::P, 2}, {Dim::Q, 4}};
  program.buffer_tiles = {1, 1, 1};
  program.buffer_base = {64, 64, 0};
  program.kept = {true, true, false};
  Diagnostics diagnostics;
  EXPECT_TRUE(verify_program(program, limits(), "m.json", "", diagnostics))
      << diagnostics.to_string();
  program.kept[1] = false;
  EXPECT_FALSE(verify_program(program, limits(), "m.json", "", diagnostics));
}

TEST(Verify, WholeOutputsNeedNoPsumWidth) {
  Program program = sound();
  program.buffer = {{Dim::P, 4}};
  program.rf[1].trips = 8;
  EXPECT_EQ(buffer_bytes(program, Operand::output, 8), 2U * 16 * 4 * 8);
  program.bypass_buffer[2] = true;
  EXPECT_EQ(buffer_bytes(program, Operand::output, 8), 0U);
}

TEST(Verify, BufferTilesRoundUpToWords) {
  Program program = sound();
  program.placement[0].bits = 5;
  // 384 words of 5 bits are 240 bytes
  EXPECT_EQ(buffer_bytes(program, Operand::input, 32), 2U * 256);
}

class RowOrder : public testing::TestWithParam<std::pair<std::vector<Loop>, bool>> {};

TEST_P(RowOrder, PassesAroundTheRowAndInsideTheRest) {
  const Network network = network_of(R"({"name":"x","shape":[4,6,8]})",
                                     R"({"name":"softmax","type":"softmax","inputs":["x"]})");
  Program program;
  program.operation = operations_of(network, 0).at(0);
  program.buffer = GetParam().first;
  program.spatial_x = {{Dim::G, 4}};
  program.rf = {{Dim::C, 2}};
  program.buffer_tiles = {1, 1, 1};
  ProgramLimits limit = limits();
  limit.register_file_words = {4, 4, 4};
  Diagnostics diagnostics;
  EXPECT_EQ(verify_program(program, limit, "m.json", "", diagnostics), GetParam().second)
      << diagnostics.to_string();
}

INSTANTIATE_TEST_SUITE_P(
    Program, RowOrder,
    testing::Values(std::pair{std::vector<Loop>{{Dim::P, 6}, {Dim::R, 3}, {Dim::C, 4}}, true},
                    std::pair{std::vector<Loop>{{Dim::R, 3}, {Dim::P, 6}, {Dim::C, 4}}, false},
                    std::pair{std::vector<Loop>{{Dim::P, 6}, {Dim::C, 4}, {Dim::R, 3}}, false},
                    std::pair{std::vector<Loop>{{Dim::P, 6}, {Dim::R, 3}, {Dim::R, 2}, {Dim::C, 4}},
                              false},
                    std::pair{std::vector<Loop>{{Dim::P, 6}, {Dim::R, 2}, {Dim::C, 4}}, false}));

TEST(Verify, PassesOfARowOperationInTheRegisterFilesAreRefused) {
  const Network network = network_of(R"({"name":"x","shape":[4,6,8]})",
                                     R"({"name":"softmax","type":"softmax","inputs":["x"]})");
  Program program;
  program.operation = operations_of(network, 0).at(0);
  program.buffer = {{Dim::G, 4}, {Dim::P, 6}, {Dim::C, 8}};
  program.rf = {{Dim::R, 3}};
  program.buffer_tiles = {1, 1, 1};
  Diagnostics diagnostics;
  EXPECT_FALSE(verify_program(program, limits(), "m.json", "", diagnostics));
  EXPECT_NE(diagnostics.to_string().find("/rf/temporal/0"), std::string::npos)
      << diagnostics.to_string();
}

// The hint names the smallest change from the outermost loop on; what it says fits.
struct Smaller {
  std::uint64_t weights;  // that the register file holds
  bool twice;
  const char* hint;
};
class RegisterFileHint : public testing::TestWithParam<Smaller> {};

TEST_P(RegisterFileHint, SaysWhatWouldFit) {
  ProgramLimits limit = limits();
  limit.register_file_words[1] = GetParam().weights;
  limit.double_buffered[1] = GetParam().twice;
  Diagnostics diagnostics;
  EXPECT_FALSE(verify_program(sound(), limit, "m.json", "", diagnostics));
  ASSERT_EQ(diagnostics.error_count(), 1U) << diagnostics.to_string();
  EXPECT_EQ(diagnostics.all()[0].hint, GetParam().hint);
}

INSTANTIATE_TEST_SUITE_P(
    Program, RegisterFileHint,  // K4 x C2 x R3 x S3
    testing::Values(Smaller{71, false, "make K <= 3"}, Smaller{54, false, "make K <= 3"},
                    Smaller{53, false, "make K <= 2"}, Smaller{72, true, "make K <= 2"},
                    Smaller{17, false, "make K <= 1 and C <= 1"},
                    Smaller{8, false, "make K <= 1 and C <= 1 and R <= 2"},
                    Smaller{5, true, "make K <= 1 and C <= 1 and R <= 1 and S <= 2"},
                    Smaller{1, true, "not even one word fits"}));

}  // namespace
}  // namespace chasm
