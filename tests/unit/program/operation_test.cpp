// The words an iteration touches, against formulas written from the layers' definitions.
#include "models/program/operation.h"

#include <functional>

#include <gtest/gtest.h>

#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

using Index = DimArray<std::int64_t>;
constexpr std::int64_t kPadding = -1, kUnused = -2;
using Words = std::array<std::int64_t, kOperands>;

std::int64_t word_of(const TensorAccess& access, const Index& at) {
  if (!access.used) return kUnused;
  std::int64_t word = static_cast<std::int64_t>(access.base_word);
  for (const Axis& axis : access.axes) {
    std::int64_t coordinate = axis.offset;
    for (const Axis::Term& term : axis.terms) coordinate += term.coefficient * at[term.dim];
    if (coordinate < 0 || coordinate >= axis.extent) return kPadding;
    word += coordinate * axis.word_stride;
  }
  return word;
}

void expect_words(const Operation& operation, const Index& bounds,
                  const std::function<Words(const Index&)>& expected) {
  for (const Dim d : kAllDims) {
    ASSERT_EQ(operation.bounds[d], static_cast<std::uint64_t>(bounds[d])) << letter(d);
  }
  Index at;
  std::vector<bool> written(operation.of(Operand::output).words);
  for (std::uint64_t i = 0; i < operation.iterations(); ++i) {
    std::uint64_t rest = i;
    for (std::size_t d = kDims; d-- > 0;) {
      at.values[d] = static_cast<std::int64_t>(rest % operation.bounds.values[d]);
      rest /= operation.bounds.values[d];
    }
    const Words words = expected(at);
    for (std::size_t o = 0; o < kOperands; ++o) {
      ASSERT_EQ(word_of(operation.access[o], at), words[o])
          << to_string(kAllOperands[o]) << " at " << i;
      if (words[o] >= 0) {
        ASSERT_LT(static_cast<std::uint64_t>(words[o]), operation.access[o].words);
      }
    }
    written[static_cast<std::size_t>(words[2])] = true;
  }
  for (const TensorAccess& access : operation.access) {
    for (std::size_t a = 1; a < access.axes.size(); ++a) {
      EXPECT_GE(access.axes[a - 1].word_stride, access.axes[a].word_stride)
          << "largest stride first";
    }
  }
}

Index bounds(std::int64_t n, std::int64_t g, std::int64_t k, std::int64_t c, std::int64_t p,
             std::int64_t q, std::int64_t r, std::int64_t s) {
  return {{n, g, k, c, p, q, r, s}};
}

// The word of [n][c][h][w] in a tensor of that shape; padding outside of the image.
std::int64_t nchw(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w,
                  std::int64_t channels, std::int64_t height, std::int64_t width) {
  if (h < 0 || h >= height || w < 0 || w >= width) return kPadding;
  return ((n * channels + c) * height + h) * width + w;
}

TEST(Operations, GroupedStridedDilatedPaddedConvolutionOfABatch) {
  const Network network = network_of(
      R"({"name":"x","shape":[4,7,9]})",
      R"({"name":"conv","type":"conv2d","arithmetic":"adder","inputs":["x"],"out_channels":6,"kernel":[3,2],
          "stride":[2,3],"padding":[1,2],"dilation":[1,2],"groups":2})",
      2);
  const std::vector<Operation> operations = operations_of(network, 0);
  ASSERT_EQ(operations.size(), 1U);
  EXPECT_EQ(operations[0].kind, OpKind::adder_accumulate);
  EXPECT_TRUE(operations[0].of(Operand::weight).is_parameter);
  EXPECT_EQ(operations[0].of(Operand::weight).words, 6U * 2 * 3 * 2);
  EXPECT_EQ(operations[0].iterations(), 2 * network.layers[0].operations);
  expect_words(operations[0], bounds(2, 2, 3, 2, 4, 4, 3, 2), [](const Index& i) -> Words {
    const std::int64_t h = i[Dim::P] * 2 + i[Dim::R] - 1, w = i[Dim::Q] * 3 + i[Dim::S] * 2 - 2;
    const std::int64_t k = i[Dim::G] * 3 + i[Dim::K];
    return {nchw(i[Dim::N], i[Dim::G] * 2 + i[Dim::C], h, w, 4, 7, 9),
            ((k * 2 + i[Dim::C]) * 3 + i[Dim::R]) * 2 + i[Dim::S],
            nchw(i[Dim::N], k, i[Dim::P], i[Dim::Q], 6, 4, 4)};
  });
}

TEST(Operations, LinearAtEveryPosition) {
  const Network network = network_of(
      R"({"name":"x","shape":[5,3,2]})",
      R"({"name":"fc","type":"linear","arithmetic":"shift","inputs":["x"],"in_features":5,"out_features":4})");
  const Operation operation = operations_of(network, 0).at(0);
  EXPECT_EQ(operation.kind, OpKind::shift_accumulate);
  expect_words(operation, bounds(1, 1, 4, 5, 3, 2, 1, 1), [](const Index& i) -> Words {
    return {nchw(0, i[Dim::C], i[Dim::P], i[Dim::Q], 5, 3, 2), i[Dim::K] * 5 + i[Dim::C],
            nchw(0, i[Dim::K], i[Dim::P], i[Dim::Q], 4, 3, 2)};
  });
}

TEST(Operations, LinearOfAFlattenedImage) {
  const Network network = network_of(
      R"({"name":"x","shape":[5,3,2]})",
      R"({"name":"fc","type":"linear","arithmetic":"multiply","inputs":["x"],"in_features":30,"out_features":4})",
      3);
  const Operation operation = operations_of(network, 0).at(0);
  expect_words(operation, bounds(3, 1, 4, 5, 1, 1, 3, 2), [](const Index& i) -> Words {
    const std::int64_t feature = (i[Dim::C] * 3 + i[Dim::R]) * 2 + i[Dim::S];
    return {i[Dim::N] * 30 + feature, i[Dim::K] * 30 + feature, i[Dim::N] * 4 + i[Dim::K]};
  });
}

TEST(Operations, BothMatmulsOfAttention) {
  const Network network = network_of(
      R"({"name":"q","shape":[6,4,1]},{"name":"k","shape":[6,5,1]},{"name":"v","shape":[6,5,1]})",
      R"({"name":"qk","type":"matmul","arithmetic":"multiply","inputs":["q","k"],"heads":2,"transpose_b":true},
         {"name":"av","type":"matmul","arithmetic":"multiply","inputs":["qk","v"],"heads":2,"transpose_b":false})",
      2);
  const Operation qk = operations_of(network, 0).at(0);
  EXPECT_FALSE(qk.of(Operand::weight).is_parameter);
  EXPECT_EQ(qk.of(Operand::weight).tensor, 1U);
  EXPECT_EQ(qk.iterations(), 2 * network.layers[0].operations);
  expect_words(qk, bounds(2, 2, 5, 3, 4, 1, 1, 1), [](const Index& i) -> Words {
    const std::int64_t d = i[Dim::G] * 3 + i[Dim::C];
    return {nchw(i[Dim::N], d, i[Dim::P], 0, 6, 4, 1), nchw(i[Dim::N], d, i[Dim::K], 0, 6, 5, 1),
            nchw(i[Dim::N], i[Dim::G], i[Dim::P], i[Dim::K], 2, 4, 5)};
  });
  const Operation av = operations_of(network, 1).at(0);
  expect_words(av, bounds(2, 2, 3, 5, 4, 1, 1, 1), [](const Index& i) -> Words {
    const std::int64_t d = i[Dim::G] * 3 + i[Dim::K];
    return {nchw(i[Dim::N], i[Dim::G], i[Dim::P], i[Dim::C], 2, 4, 5),
            nchw(i[Dim::N], d, i[Dim::C], 0, 6, 5, 1), nchw(i[Dim::N], d, i[Dim::P], 0, 6, 4, 1)};
  });
}

TEST(Operations, Pools) {
  const Network network = network_of(
      R"({"name":"x","shape":[3,6,5]})",
      R"({"name":"max","type":"max_pool2d","inputs":["x"],"kernel":[3,2],"stride":[2,1],"padding":[1,0]},
         {"name":"avg","type":"avg_pool2d","inputs":["max"],"kernel":[2,2],"stride":[1,2],"padding":[0,0]},
         {"name":"global","type":"global_avg_pool","inputs":["avg"]})");
  const Operation max = operations_of(network, 0).at(0);
  EXPECT_EQ(max.kind, OpKind::max_pool);
  EXPECT_TRUE(max.is_reduction(Dim::R));
  expect_words(max, bounds(1, 3, 1, 1, 3, 4, 3, 2), [](const Index& i) -> Words {
    return {nchw(0, i[Dim::G], i[Dim::P] * 2 + i[Dim::R] - 1, i[Dim::Q] + i[Dim::S], 3, 6, 5),
            kUnused, nchw(0, i[Dim::G], i[Dim::P], i[Dim::Q], 3, 3, 4)};
  });
  const Operation avg = operations_of(network, 1).at(0);
  EXPECT_EQ(avg.kind, OpKind::sum_pool);
  expect_words(avg, bounds(1, 3, 1, 1, 2, 2, 2, 2), [](const Index& i) -> Words {
    return {nchw(0, i[Dim::G], i[Dim::P] + i[Dim::R], i[Dim::Q] * 2 + i[Dim::S], 3, 3, 4), kUnused,
            nchw(0, i[Dim::G], i[Dim::P], i[Dim::Q], 3, 2, 2)};
  });
  const Operation global = operations_of(network, 2).at(0);
  expect_words(global, bounds(1, 3, 1, 1, 1, 1, 2, 2), [](const Index& i) -> Words {
    return {nchw(0, i[Dim::G], i[Dim::R], i[Dim::S], 3, 2, 2), kUnused, i[Dim::G]};
  });
}

TEST(Operations, AddAndScaleTakeTheirSecondInputAsWeight) {
  const Network network = network_of(
      R"({"name":"x","shape":[3,2,4]},{"name":"y","shape":[3,2,4],"constant":true},{"name":"z","shape":[3,1,1]})",
      R"({"name":"add","type":"add","inputs":["x","y"]},
         {"name":"scale","type":"scale","inputs":["add","z"]})",
      2);
  const Operation add = operations_of(network, 0).at(0);
  EXPECT_EQ(add.of(Operand::weight).words, 24U) << "a constant has no batch";
  expect_words(add, bounds(2, 1, 3, 1, 2, 4, 1, 1), [](const Index& i) -> Words {
    const std::int64_t word = nchw(0, i[Dim::K], i[Dim::P], i[Dim::Q], 3, 2, 4);
    return {i[Dim::N] * 24 + word, word, i[Dim::N] * 24 + word};
  });
  const Operation scale = operations_of(network, 1).at(0);
  expect_words(scale, bounds(2, 1, 3, 1, 2, 4, 1, 1), [](const Index& i) -> Words {
    const std::int64_t word = nchw(i[Dim::N], i[Dim::K], i[Dim::P], i[Dim::Q], 3, 2, 4);
    return {word, i[Dim::N] * 3 + i[Dim::K], word};
  });
}

TEST(Operations, RowOperationsPassThreeTimesOverTheirRows) {
  const Network network = network_of(
      R"({"name":"x","shape":[2,3,4]})",
      R"({"name":"softmax","type":"softmax","inputs":["x"]},{"name":"norm","type":"layer_norm","inputs":["softmax"]})",
      2);
  const Operation softmax = operations_of(network, 0).at(0);
  EXPECT_TRUE(softmax.is_row_op());
  expect_words(softmax, bounds(2, 2, 1, 4, 3, 1, 3, 1), [](const Index& i) -> Words {
    const std::int64_t word = nchw(i[Dim::N], i[Dim::G], i[Dim::P], i[Dim::C], 2, 3, 4);
    return {word, kUnused, word};
  });
  const Operation norm = operations_of(network, 1).at(0);
  expect_words(norm, bounds(2, 1, 1, 2, 3, 4, 3, 1), [](const Index& i) -> Words {
    const std::int64_t word = nchw(i[Dim::N], i[Dim::C], i[Dim::P], i[Dim::Q], 2, 3, 4);
    return {word, kUnused, word};
  });
}

TEST(Operations, ConcatIsOneCopyAnInput) {
  const Network network = network_of(
      R"({"name":"a","shape":[2,2,3]},{"name":"b","shape":[3,2,3]},{"name":"c","shape":[5,4,1],"constant":true})",
      R"({"name":"channels","type":"concat","axis":"channels","inputs":["a","b"]},
         {"name":"tokens","type":"concat","axis":"tokens","inputs":["c","channels"]})",
      2);
  const std::vector<Operation> channels = operations_of(network, 0);
  ASSERT_EQ(channels.size(), 2U);
  EXPECT_EQ(channels[0].name, "channels");
  EXPECT_EQ(channels[1].name, "channels#1");
  for (std::int64_t part = 0; part < 2; ++part) {
    const std::int64_t c = 2 + part;
    expect_words(channels[static_cast<std::size_t>(part)], bounds(2, 1, c, 1, 2, 3, 1, 1),
                 [&](const Index& i) -> Words {
                   return {nchw(i[Dim::N], i[Dim::K], i[Dim::P], i[Dim::Q], c, 2, 3), kUnused,
                           nchw(i[Dim::N], i[Dim::K] + 2 * part, i[Dim::P], i[Dim::Q], 5, 2, 3)};
                 });
  }
  const std::vector<Operation> tokens = operations_of(network, 1);
  ASSERT_EQ(tokens.size(), 2U);
  expect_words(tokens[0], bounds(2, 1, 5, 1, 4, 1, 1, 1), [](const Index& i) -> Words {
    return {i[Dim::K] * 4 + i[Dim::P], kUnused, nchw(i[Dim::N], i[Dim::K], i[Dim::P], 0, 5, 10, 1)};
  });
  expect_words(tokens[1], bounds(2, 1, 5, 1, 6, 1, 1, 1), [](const Index& i) -> Words {
    return {(i[Dim::N] * 5 + i[Dim::K]) * 6 + i[Dim::P], kUnused,
            nchw(i[Dim::N], i[Dim::K], 4 + i[Dim::P], 0, 5, 10, 1)};
  });
}

}  // namespace
}  // namespace chasm
