#include "models/chunk/functional_unit.h"

#include <algorithm>

#include "base/check.h"

namespace chasm {
namespace {

DimArray<std::uint64_t> spatial_trips(const std::vector<Loop>& loops) {
  DimArray<std::uint64_t> trips = ones();
  for (const Loop& loop : loops) trips[loop.dim] *= loop.trips;
  return trips;
}

std::size_t product(const std::vector<Loop>& loops) {
  std::size_t trips = 1;
  for (const Loop& loop : loops) trips *= loop.trips;
  return trips;
}

// The digits of a position over loops, as an index a dimension (mixed radix, outermost most
// significant).
void add_digits(const std::vector<Loop>& loops, std::size_t position,
                DimArray<std::uint64_t>& index) {
  DimArray<std::uint64_t> weight = ones();
  for (std::size_t l = loops.size(); l-- > 0;) {
    index[loops[l].dim] += position % loops[l].trips * weight[loops[l].dim];
    weight[loops[l].dim] *= loops[l].trips;
    position /= loops[l].trips;
  }
}

// The layer's input that an operand reads.
std::size_t input_position(const Operation& operation, const Layer& layer, Operand operand) {
  if (operand == Operand::weight) return 1;
  if (operation.kind != OpKind::copy) return 0;
  const auto at =
      std::find(layer.inputs.begin(), layer.inputs.end(), operation.of(Operand::input).tensor);
  return static_cast<std::size_t>(at - layer.inputs.begin());
}

// Elements of the matrix an image-to-column unit makes, all of them numbered by the axes.
std::uint64_t elements(const TensorAccess& access) {
  std::uint64_t count = 1;
  for (const Axis& axis : access.axes) count *= static_cast<std::uint64_t>(axis.extent);
  return count;
}

std::ptrdiff_t position_of(const std::vector<std::int64_t>& ascending, std::int64_t value) {
  const auto at = std::lower_bound(ascending.begin(), ascending.end(), value);
  return at != ascending.end() && *at == value ? at - ascending.begin() : -1;
}

}  // namespace

bool FunctionalUnit::Block::empty() const {
  return std::any_of(lengths.values.begin(), lengths.values.end(),
                     [](std::uint64_t length) { return length == 0; });
}

FunctionalUnit::FunctionalUnit(const Program& program, const Network& network,
                               const QuantizationPlan& plan, NetworkData& data, Activity& activity)
    : program_(program),
      operation_(program.operation),
      layer_(network.layers[program.operation.layer]),
      data_(data),
      activity_(activity),
      output_stage_(layer_, plan.layers[operation_.layer], data.parameters[operation_.layer]),
      output_(data.tensors[network.output_of(operation_.layer)]),
      columns_(product(program.spatial_x)),
      pe_count_(columns_ * product(program.spatial_y)),
      rf_(rf_tile(program)),
      array_(array_tile(program)),
      buffer_(buffer_tile(program)),
      tile_cursor_(program, program.dram.size()) {
  const LayerQuantization& quantization = plan.layers[operation_.layer];
  for (const Operand operand : {Operand::input, Operand::weight}) {
    const std::size_t o = static_cast<std::size_t>(operand);
    const TensorAccess& access = operation_.of(operand);
    if (!access.used) continue;
    sent_[o].assign(access.im2col ? elements(access) : access.words, 0);
    if (!access.is_parameter)
      conversion_[o].emplace(quantization.inputs[input_position(operation_, layer_, operand)]);
  }
  if (operation_.is_row_op()) {
    row_stage_.emplace(layer_, quantization, data.parameters[operation_.layer],
                       operation_.bounds[Dim::C]);
    std::uint64_t rows = 1;
    for (const Dim d : kAllDims)
      if (d != Dim::C && d != Dim::R) rows *= operation_.bounds[d];
    rows_.assign(rows, row_stage_->start());
  }
  const std::uint64_t words = operation_.of(Operand::output).words;
  output_.resize(words);
  buffer_values_.assign(words, 0);
  buffer_tile_of_.assign(words, 0);
  drained_.assign(words, 0);
}

FunctionalUnit::Block FunctionalUnit::pe_block(std::size_t pe,
                                               const DimArray<std::uint64_t>& offsets) const {
  // Column and row digits of a dimension: spatial_x is outside of spatial_y in the mixed radix of
  // section 1.
  DimArray<std::uint64_t> x, y;
  add_digits(program_.spatial_x, pe % columns_, x);
  add_digits(program_.spatial_y, pe / columns_, y);
  const DimArray<std::uint64_t> rows = spatial_trips(program_.spatial_y);
  Block block;
  for (const Dim d : kAllDims) {
    const std::uint64_t at = offsets[d] + (x[d] * rows[d] + y[d]) * rf_[d];
    const std::uint64_t bound = operation_.bounds[d];
    block.offsets[d] = at;
    block.lengths[d] = at < bound ? std::min(rf_[d], bound - at) : 0;
  }
  return block;
}

FunctionalUnit::Block FunctionalUnit::buffer_block(const DimArray<std::uint64_t>& offsets) const {
  Block block;
  for (const Dim d : kAllDims) {
    block.offsets[d] = offsets[d] / buffer_[d] * buffer_[d];
    block.lengths[d] = std::min(buffer_[d], operation_.bounds[d] - block.offsets[d]);
  }
  return block;
}

std::vector<std::vector<std::int64_t>> FunctionalUnit::coordinates_of(const std::vector<Axis>& of,
                                                                      const Block& block) const {
  std::vector<std::vector<std::int64_t>> axes(of.size());
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const Axis& axis = of[a];
    const auto length = [&](std::size_t term) {
      return term < axis.terms.size() ? block.lengths[axis.terms[term].dim] : 1;
    };
    const auto part = [&](std::size_t term, std::uint64_t i) {
      return term < axis.terms.size()
                 ? axis.terms[term].coefficient *
                       static_cast<std::int64_t>(block.offsets[axis.terms[term].dim] + i)
                 : 0;
    };
    std::vector<std::int64_t>& values = axes[a];
    values.reserve(length(0) * length(1));
    for (std::uint64_t i = 0; i < length(0); ++i)
      for (std::uint64_t j = 0; j < length(1); ++j) {
        const std::int64_t c = axis.offset + part(0, i) + part(1, j);
        if (c >= 0 && c < axis.extent) values.push_back(c);
      }
    if (axis.terms.size() < 2) continue;
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
  }
  return axes;
}

// visit(coordinates, word) for every stored word of the block, in order.
template <class Visit>
void FunctionalUnit::for_each_word(const std::vector<Axis>& of, std::uint64_t base_word,
                                   const Block& block, Visit visit) const {
  const auto axes = coordinates_of(of, block);
  for (const auto& axis : axes)
    if (axis.empty()) return;
  std::vector<std::size_t> at(axes.size(), 0);
  std::vector<std::int64_t> values(axes.size());
  for (;;) {
    std::int64_t word = static_cast<std::int64_t>(base_word);
    for (std::size_t a = 0; a < axes.size(); ++a) {
      values[a] = axes[a][at[a]];
      word += values[a] * of[a].word_stride;
    }
    visit(values, static_cast<std::uint64_t>(word));
    std::size_t a = axes.size();
    while (a > 0 && ++at[a - 1] == axes[a - 1].size()) at[--a] = 0;
    if (a == 0) return;
  }
}

template <class Visit>
void FunctionalUnit::for_each_output(const Block& block, Visit visit) const {
  const TensorAccess& access = operation_.of(Operand::output);
  for_each_word(access.axes, access.base_word, block, visit);
}

std::int32_t FunctionalUnit::dram_word(Operand operand, std::uint64_t word) const {
  const TensorAccess& access = operation_.of(operand);
  return access.is_parameter ? data_.parameters[operation_.layer].weights[word]
                             : data_.tensors[access.tensor][word];
}

void FunctionalUnit::load(Operand operand, const DimArray<std::uint64_t>& offsets) {
  const std::size_t o = static_cast<std::size_t>(operand);
  const TensorAccess& access = operation_.of(operand);
  const std::vector<Axis>& axes = access.stored_axes();
  Block block = buffer_block(offsets);
  BufferImage image{block.offsets, {}};
  if (access.im2col) access.im2col->unflatten(block.offsets, block.lengths);
  image.tile.coordinates = coordinates_of(axes, block);
  for_each_word(axes, access.base_word, block,
                [&](const std::vector<std::int64_t>&, std::uint64_t word) {
                  image.tile.values.push_back(dram_word(operand, word));
                });
  images_[o].push_back(std::move(image));
}

// The buffer tile a fill reads; older ones are done with.
const FunctionalUnit::BufferImage& FunctionalUnit::image_of(
    Operand operand, const DimArray<std::uint64_t>& offsets) {
  auto& images = images_[static_cast<std::size_t>(operand)];
  const Block block = buffer_block(offsets);
  const TensorAccess& access = operation_.of(operand);
  const auto holds = [&](const BufferImage& image) {
    return std::all_of(kAllDims.begin(), kAllDims.end(), [&](Dim d) {
      return !access.depends_on(d) || image.offsets[d] == block.offsets[d];
    });
  };
  while (!images.empty() && !holds(images.front())) images.pop_front();
  CHECK(!images.empty(), "\"{}\": a fill of {} reads a buffer tile that is not there",
        operation_.name, to_string(operand));
  return images.front();
}

// Where a word stands in a tile; -1: not there.
std::ptrdiff_t FunctionalUnit::index_in(const Tile& tile, const std::vector<std::int64_t>& at) {
  if (tile.values.empty()) return -1;
  std::ptrdiff_t index = 0;
  for (std::size_t a = 0; a < at.size(); ++a) {
    const std::ptrdiff_t p = position_of(tile.coordinates[a], at[a]);
    if (p < 0) return -1;
    index = index * static_cast<std::ptrdiff_t>(tile.coordinates[a].size()) + p;
  }
  return index;
}

// The stored coordinates of an element of the image-to-column matrix; none where it is padding.
std::optional<std::vector<std::int64_t>> FunctionalUnit::stored_at(
    const TensorAccess& access, const std::vector<std::int64_t>& element) const {
  DimArray<std::uint64_t> index, lengths = ones();
  for (std::size_t a = 0; a < element.size(); ++a)
    index[access.axes[a].terms[0].dim] = static_cast<std::uint64_t>(element[a]);
  access.im2col->unflatten(index, lengths);
  std::vector<std::int64_t> at;
  for (const Axis& axis : access.im2col->stored) {
    std::int64_t c = axis.offset;
    for (const Axis::Term& term : axis.terms)
      c += term.coefficient * static_cast<std::int64_t>(index[term.dim]);
    if (c < 0 || c >= axis.extent) return std::nullopt;
    at.push_back(c);
  }
  return at;
}

std::uint64_t FunctionalUnit::word_at(const TensorAccess& access,
                                      const std::vector<std::int64_t>& stored) {
  auto word = static_cast<std::int64_t>(access.base_word);
  for (std::size_t a = 0; a < stored.size(); ++a)
    word += stored[a] * access.stored_axes()[a].word_stride;
  return static_cast<std::uint64_t>(word);
}

// The value a PE gets delivered; none for padding, which an image-to-column unit inserts itself.
std::optional<std::int32_t> FunctionalUnit::delivered(Operand operand, const BufferImage* image,
                                                      const std::vector<std::int64_t>& at,
                                                      std::uint64_t word) const {
  const TensorAccess& access = operation_.of(operand);
  const auto& conversion = conversion_[static_cast<std::size_t>(operand)];
  std::optional<std::vector<std::int64_t>> source = at;
  if (access.im2col) source = stored_at(access, at);
  if (!source) return std::nullopt;
  std::int32_t stored = 0;
  if (image) {
    const std::ptrdiff_t index = index_in(image->tile, *source);
    CHECK(index >= 0, "\"{}\": word {} of {} is not in the buffer tile", operation_.name, word,
          to_string(operand));
    stored = image->tile.values[static_cast<std::size_t>(index)];
  } else {
    stored = dram_word(operand, word_at(access, *source));
  }
  return conversion ? (*conversion)(stored) : stored;
}

void FunctionalUnit::fill(Operand operand, std::uint64_t first_step,
                          const DimArray<std::uint64_t>& offsets, std::uint64_t new_words,
                          std::uint64_t receivers) {
  const std::size_t o = static_cast<std::size_t>(operand);
  const TensorAccess& access = operation_.of(operand);
  // Words of a kept tensor come from where its producer left them.
  const bool tiles = has_buffer_tiles(program_, operand);
  const BufferImage* image = tiles && new_words > 0 ? &image_of(operand, offsets) : nullptr;
  static const Tile kNothing;
  const std::vector<Tile>* before = snapshots_[o].empty() ? nullptr : &snapshots_[o].back().pes;
  Snapshot snapshot{first_step, std::vector<Tile>(pe_count_)};
  const std::uint32_t fill = ++fills_[o];
  std::uint64_t sent = 0, received = 0;
  for (std::size_t pe = 0; pe < pe_count_; ++pe) {
    const Block block = pe_block(pe, offsets);
    if (block.empty()) continue;
    Tile& tile = snapshot.pes[pe];
    tile.coordinates = coordinates_of(access.axes, block);
    const Tile& held = before ? (*before)[pe] : kNothing;
    for_each_word(access.axes, access.base_word, block,
                  [&](const std::vector<std::int64_t>& at, std::uint64_t word) {
                    const std::ptrdiff_t index = index_in(held, at);
                    if (index >= 0) {
                      tile.values.push_back(held.values[static_cast<std::size_t>(index)]);
                      return;
                    }
                    const std::optional<std::int32_t> value = delivered(operand, image, at, word);
                    tile.values.push_back(value.value_or(0));
                    if (!value) return;
                    ++received;
                    if (sent_[o][word] != fill) ++sent;
                    sent_[o][word] = fill;
                  });
  }
  CHECK(sent == new_words && received == receivers,
        "\"{}\": fill of {} for step {} sends {} words to {} receivers, counted were {} and {}",
        operation_.name, to_string(operand), first_step, sent, received, new_words, receivers);
  snapshots_[o].push_back(std::move(snapshot));
}

void FunctionalUnit::read_back(const Residency& residency) {
  ReadBack back{residency.offsets, {}};
  Block block;
  block.offsets = residency.offsets;
  for (const Dim d : kAllDims)
    block.lengths[d] = std::min(array_[d], operation_.bounds[d] - residency.offsets[d]);
  for_each_output(block, [&](const std::vector<std::int64_t>&, std::uint64_t word) {
    CHECK(buffer_tile_of_[word] != 0, "\"{}\": psum {} is read back but not in the buffer",
          operation_.name, word);
    back.words.emplace_back(word, buffer_values_[word]);
  });
  read_back_.push_back(std::move(back));
}

void FunctionalUnit::open_output(std::uint64_t tile, bool load_psums) {
  Residency residency;
  CHECK(tile_cursor_.next(residency) && residency.index == tile, "output tile {} out of order",
        tile);
  tiles_.push_back(residency);
  const bool kept = program_.kept[static_cast<std::size_t>(Operand::output)];
  for_each_output(buffer_block(residency.offsets),
                  [&](const std::vector<std::int64_t>&, std::uint64_t word) {
                    buffer_tile_of_[word] = load_psums ? tile + 1 : 0;
                    if (load_psums && !kept) buffer_values_[word] = dram_psums_[word];
                  });
}

void FunctionalUnit::store_output(std::uint64_t tile, bool complete) {
  CHECK(!tiles_.empty() && tiles_.front().index == tile, "output tile {} stored out of order",
        tile);
  const Residency residency = tiles_.front();
  tiles_.pop_front();
  const bool kept = program_.kept[static_cast<std::size_t>(Operand::output)];
  if (!residency.produces(operation_) || (kept && !complete)) return;
  if (!complete && dram_psums_.empty()) dram_psums_.assign(buffer_values_.size(), 0);
  for_each_output(buffer_block(residency.offsets),
                  [&](const std::vector<std::int64_t>&, std::uint64_t word) {
                    CHECK(buffer_tile_of_[word] == tile + 1, "\"{}\": output {} was never drained",
                          operation_.name, word);
                    if (complete)
                      output_[word] = static_cast<std::int32_t>(buffer_values_[word]);
                    else
                      dram_psums_[word] = buffer_values_[word];
                  });
}

void FunctionalUnit::drain(const Residency& residency) {
  CHECK(!psums_.empty(), "\"{}\": nothing to drain", operation_.name);
  const Psums psums = std::move(psums_.front());
  psums_.pop_front();
  const std::uint32_t drain = ++drains_;
  std::uint64_t tile = 0;  // of the buffer: the oldest that covers the residency
  for (const Residency& t : tiles_)
    if (buffer_block(t.offsets).offsets == buffer_block(residency.offsets).offsets ||
        std::all_of(kAllDims.begin(), kAllDims.end(), [&](Dim d) {
          return operation_.is_reduction(d) ||
                 buffer_block(t.offsets).offsets[d] == buffer_block(residency.offsets).offsets[d];
        })) {
      tile = t.index + 1;
      break;
    }
  CHECK(tile != 0, "\"{}\": a drain has no buffer tile", operation_.name);
  std::vector<std::uint64_t> words;
  for (std::size_t pe = 0; pe < pe_count_; ++pe) {
    const Block block = pe_block(pe, residency.offsets);
    if (block.empty()) continue;
    std::size_t at = 0;
    for_each_output(block, [&](const std::vector<std::int64_t>&, std::uint64_t word) {
      const std::int64_t psum = psums.pes[pe][at++];
      std::int64_t& sum = buffer_values_[word];
      if (drained_[word] != drain) {
        drained_[word] = drain;
        words.push_back(word);
        sum = psum;
      } else if (operation_.kind == OpKind::max_pool) {
        sum = std::max(sum, psum);
      } else {
        sum += psum;
      }
    });
  }
  const std::uint64_t plane = layer_.out_shape.h * layer_.out_shape.w;
  for (const std::uint64_t word : words) {
    buffer_tile_of_[word] = tile;
    if (residency.finished && !operation_.is_row_op())
      buffer_values_[word] = output_stage_(buffer_values_[word], word / plane % layer_.out_shape.c,
                                           activity_.overflows);
  }
}

// The psums of the running residency; a new one starts from what was read back, or from the neutral
// element.
FunctionalUnit::Psums& FunctionalUnit::psums_at(const DimArray<std::uint64_t>& offsets) {
  const auto same = [&](const DimArray<std::uint64_t>& other) {
    return std::all_of(kAllDims.begin(), kAllDims.end(),
                       [&](Dim d) { return operation_.is_reduction(d) || other[d] == offsets[d]; });
  };
  if (!psums_.empty() && same(psums_.back().offsets)) return psums_.back();
  if (!psums_.empty() && !psums_.back().final_pass) psums_.pop_back();
  Psums& psums = psums_.emplace_back();
  psums.offsets = offsets;
  psums.pes.resize(pe_count_);
  const std::int64_t neutral = operation_.kind == OpKind::max_pool ? kMaxPoolStart : 0;
  std::vector<std::pair<std::uint64_t, std::int64_t>> back;
  if (!read_back_.empty() && same(read_back_.front().offsets)) {
    back = std::move(read_back_.front().words);
    read_back_.pop_front();
  }
  std::sort(back.begin(), back.end());
  for (std::size_t pe = 0; pe < pe_count_; ++pe) {
    const Block block = pe_block(pe, offsets);
    if (block.empty()) continue;
    for_each_output(block, [&](const std::vector<std::int64_t>&, std::uint64_t word) {
      psums.pes[pe].push_back(neutral);
      const auto at = std::lower_bound(back.begin(), back.end(), word,
                                       [](const auto& a, std::uint64_t b) { return a.first < b; });
      if (at == back.end() || at->first != word) return;
      psums.pes[pe].back() = at->second;
      back.erase(at);  // one PE takes it
    });
  }
  CHECK(back.empty(), "\"{}\": psums were read back for no PE", operation_.name);
  return psums;
}

// Where a PE finds the word of an iteration: a linear part, and one table for the vertical (P, R)
// and the horizontal (Q, S) axis; a negative entry is padding.
struct FunctionalUnit::Walk {
  bool used = false;
  DimArray<std::int64_t> stride;
  std::vector<std::int64_t> vertical, horizontal;  // [outer dim][inner dim]; empty: linear
};

FunctionalUnit::Walk FunctionalUnit::walk_of(const TensorAccess& access, const Tile& tile,
                                             const Block& block) const {
  Walk walk;
  walk.used = true;
  std::int64_t stride = 1;
  for (std::size_t a = access.axes.size(); a-- > 0;) {
    const Axis& axis = access.axes[a];
    const std::vector<std::int64_t>& coordinates = tile.coordinates[a];
    const bool vertical =
        std::any_of(axis.terms.begin(), axis.terms.end(),
                    [](const Axis::Term& t) { return t.dim == Dim::P || t.dim == Dim::R; });
    const bool horizontal =
        std::any_of(axis.terms.begin(), axis.terms.end(),
                    [](const Axis::Term& t) { return t.dim == Dim::Q || t.dim == Dim::S; });
    if (vertical || horizontal) {
      const Dim first = vertical ? Dim::P : Dim::Q, second = vertical ? Dim::R : Dim::S;
      auto& table = vertical ? walk.vertical : walk.horizontal;
      for (std::uint64_t i = 0; i < block.lengths[first]; ++i)
        for (std::uint64_t j = 0; j < block.lengths[second]; ++j) {
          std::int64_t c = axis.offset;
          for (const Axis::Term& t : axis.terms)
            c += t.coefficient *
                 static_cast<std::int64_t>(block.offsets[t.dim] + (t.dim == first ? i : j));
          const std::ptrdiff_t p = position_of(coordinates, c);
          CHECK(p >= 0 || c < 0 || c >= axis.extent, "\"{}\": coordinate {} is not in the PE",
                operation_.name, c);
          table.push_back(p < 0 ? -1 : p * stride);
        }
    } else if (!axis.terms.empty()) {
      CHECK(coordinates.size() == block.lengths[axis.terms[0].dim],
            "\"{}\": a PE does not hold its block", operation_.name);
      walk.stride[axis.terms[0].dim] = stride;
    }
    stride *= static_cast<std::int64_t>(coordinates.size());
  }
  return walk;
}

// Outputs are never padded, and every dimension moves an axis of its own: all linear.
FunctionalUnit::Walk FunctionalUnit::output_walk(const TensorAccess& access, const Block& block) {
  Walk walk;
  walk.used = true;
  std::int64_t stride = 1;
  for (std::size_t a = access.axes.size(); a-- > 0;)
    for (const Axis::Term& term : access.axes[a].terms) {
      walk.stride[term.dim] = stride;
      stride *= static_cast<std::int64_t>(block.lengths[term.dim]);
    }
  return walk;
}

// step(x index or -1 for padding, w index, y index) for every iteration of a PE's block; K and C
// innermost.
template <class Step>
void FunctionalUnit::for_each_iteration(const Block& block, const Walk& x, const Walk& w,
                                        const Walk& y, Step step) {
  const auto& n = block.lengths;
  const auto part = [](const std::vector<std::int64_t>& table, std::uint64_t i, std::uint64_t j,
                       std::uint64_t inner) { return table.empty() ? 0 : table[i * inner + j]; };
  const auto signed_of = [](std::uint64_t v) { return static_cast<std::int64_t>(v); };
  for (std::uint64_t in = 0; in < n[Dim::N]; ++in)
    for (std::uint64_t g = 0; g < n[Dim::G]; ++g)
      for (std::uint64_t r = 0; r < n[Dim::R]; ++r)
        for (std::uint64_t s = 0; s < n[Dim::S]; ++s)
          for (std::uint64_t p = 0; p < n[Dim::P]; ++p)
            for (std::uint64_t q = 0; q < n[Dim::Q]; ++q) {
              const auto base = [&](const Walk& walk) -> std::int64_t {
                const std::int64_t v = part(walk.vertical, p, r, n[Dim::R]);
                const std::int64_t h = part(walk.horizontal, q, s, n[Dim::S]);
                if (v < 0 || h < 0) return -1;
                return v + h + signed_of(in) * walk.stride[Dim::N] +
                       signed_of(g) * walk.stride[Dim::G] + signed_of(p) * walk.stride[Dim::P] +
                       signed_of(q) * walk.stride[Dim::Q];
              };
              const std::int64_t bx = base(x), bw = base(w), by = base(y);
              for (std::uint64_t k = 0; k < n[Dim::K]; ++k)
                for (std::uint64_t c = 0; c < n[Dim::C]; ++c) {
                  const std::int64_t ik = signed_of(k), ic = signed_of(c);
                  step(bx < 0 ? -1 : bx + ik * x.stride[Dim::K] + ic * x.stride[Dim::C],
                       bw + ik * w.stride[Dim::K] + ic * w.stride[Dim::C],
                       by + ik * y.stride[Dim::K] + ic * y.stride[Dim::C]);
                }
            }
}

void FunctionalUnit::execute(std::uint64_t step, const DimArray<std::uint64_t>& offsets) {
  for (auto& snapshots : snapshots_)
    while (snapshots.size() > 1 && snapshots[1].first_step <= step) snapshots.pop_front();
  Psums& psums = psums_at(offsets);
  if (operation_.is_row_op())
    psums.final_pass = offsets[Dim::R] + array_[Dim::R] >= operation_.bounds[Dim::R];
  for (std::size_t pe = 0; pe < pe_count_; ++pe) {
    const Block block = pe_block(pe, offsets);
    if (!block.empty()) execute_pe(pe, block, psums);
  }
}

void FunctionalUnit::execute_pe(std::size_t pe, const Block& block, Psums& psums) {
  const auto tile_of = [&](Operand operand) -> const Tile& {
    static const Tile kNothing;
    return operation_.of(operand).used
               ? snapshots_[static_cast<std::size_t>(operand)].front().pes[pe]
               : kNothing;
  };
  const Tile& input = tile_of(Operand::input);
  const Tile& weight = tile_of(Operand::weight);
  const auto held_by = [&](const TensorAccess& access, const Tile& tile) {
    return access.used ? walk_of(access, tile, block) : Walk{};
  };
  std::vector<std::int64_t>& results = psums.pes[pe];
  const Walk x = held_by(operation_.of(Operand::input), input);
  const Walk w = held_by(operation_.of(Operand::weight), weight);
  const TensorAccess& output = operation_.of(Operand::output);
  const Walk y = output_walk(output, block);
  const auto run = [&](auto operate) {
    for_each_iteration(block, x, w, y, [&](std::int64_t ix, std::int64_t iw, std::int64_t iy) {
      operate(results[static_cast<std::size_t>(iy)], ix,
              w.used ? weight.values[static_cast<std::size_t>(iw)] : 0);
    });
  };
  const auto value = [&](std::int64_t ix) {
    return ix < 0 ? 0 : input.values[static_cast<std::size_t>(ix)];
  };
  using I = std::int64_t;
  switch (operation_.kind) {
    case OpKind::multiply_accumulate:
      return run([&](I& psum, I ix, I b) { psum = multiply_accumulate(psum, value(ix), b); });
    case OpKind::shift_accumulate:
      return run([&](I& psum, I ix, I b) { psum = shift_accumulate(psum, value(ix), b); });
    case OpKind::adder_accumulate:
      return run([&](I& psum, I ix, I b) { psum = adder_accumulate(psum, value(ix), b); });
    case OpKind::max_pool:
      return run([&](I& psum, I ix, I) { psum = ix < 0 ? psum : std::max<I>(psum, value(ix)); });
    case OpKind::sum_pool:
      return run([&](I& psum, I ix, I) { psum += value(ix); });
    case OpKind::add:
      return run([&](I& psum, I ix, I b) { psum = value(ix) + b; });
    case OpKind::scale:
      return run([&](I& psum, I ix, I b) { psum = I{value(ix)} * b; });
    case OpKind::copy:
      return run([&](I& psum, I ix, I) { psum = value(ix); });
    case OpKind::softmax:
    case OpKind::layer_norm:
      return execute_row_op(block, input, results);
  }
}

// Every element of the block takes the passes of R in the block.
void FunctionalUnit::execute_row_op(const Block& block, const Tile& input,
                                    std::vector<std::int64_t>& results) {
  const std::uint64_t plane = layer_.out_shape.h * layer_.out_shape.w;
  for (std::uint64_t r = 0; r < block.lengths[Dim::R]; ++r) {
    const std::uint64_t pass = block.offsets[Dim::R] + r;
    std::size_t element = 0;
    for_each_output(block, [&](const std::vector<std::int64_t>&, std::uint64_t word) {
      // Elements of the input tile stand in the same order as those of the output block.
      const std::int32_t x = input.values[element];
      RowState& row = rows_[row_of(word)];
      if (pass == 0)
        row_stage_->pass0(row, x);
      else if (pass == 1)
        row_stage_->pass1(row, x);
      else
        results[element] = row_stage_->finish(row, x, word / plane % layer_.out_shape.c);
      ++element;
    });
  }
}

// Rows are numbered by the output's word with the axis of C taken out.
std::uint64_t FunctionalUnit::row_of(std::uint64_t word) const {
  const std::uint64_t length = operation_.bounds[Dim::C];
  std::uint64_t stride = 1;
  for (const Axis& axis : operation_.of(Operand::output).axes)
    for (const Axis::Term& term : axis.terms)
      if (term.dim == Dim::C) stride = static_cast<std::uint64_t>(axis.word_stride);
  return word / (stride * length) * stride + word % stride;
}

}  // namespace chasm
