// What an accelerator is made of: plain structs read from JSON (docs/formats.md, "Architecture").
// Every number here is a parameter of the hardware; nothing is derived twice.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "workloads/layer.h"
#include "models/memory/dram/dram_config.h"

namespace chasm {

enum class PeKind {
  multiply,
  shift,
  adder,
  vector
};  // `vector` is the unit for layers without MACs
enum class Interconnect { multicast, systolic };
enum class SpatialReduction { none, chain, adder_tree };
// Of a systolic array, by its stationary operand: output, weight or input.
enum class Dataflow { os, ws, is };
enum class Arbitration { round_robin, priority };

const char* to_string(PeKind);
PeKind kind_for(Arithmetic);  // of the PEs that have this arithmetic as their own
inline constexpr std::array<Arithmetic, 4> kAllArithmetics = {
    Arithmetic::multiply, Arithmetic::shift, Arithmetic::adder, Arithmetic::none};

struct ChunkSpec {
  std::string name;
  PeKind pe_kind = PeKind::multiply;  // JSON key "arithmetic"
  std::uint32_t rows = 1, cols = 1;   // PE array
  std::uint32_t lanes = 1;            // operations a PE and cycle
  Interconnect interconnect = Interconnect::multicast;
  Dataflow dataflow = Dataflow::os;  // systolic only
  bool overlap_folds = false;        // systolic only: a fold starts behind the one before
  bool serial_passes =
      false;  // weights, then inputs and psums enter an array that has been emptied
  SpatialReduction spatial_reduction = SpatialReduction::chain;
  std::uint32_t pipeline_depth = 2;  // cycles from the last issue of a step to its psum

  struct {
    std::uint32_t input = 12, weight = 224, psum = 24;
  } register_file_words;  // per PE
  struct {
    bool input = true, weight = true, psum = false;
  } double_buffered;
  // Operands: one ring of all words instead of tiles, the next tile comes in as the words of this
  // one are used up. Psums: FIFOs beside the register file, for those that come and those that
  // leave.
  struct {
    bool input = false, weight = false, psum = false;
  } fifo_buffered;
  struct {
    std::uint32_t input = 1, weight = 4, psum_in = 4, output = 4;
  } bus_words_per_cycle;
  struct {
    bool input = false, weight = false;  // outputs always go through the buffer
  } bypass_global_buffer;
  struct {
    std::uint32_t input = 8, weight = 8, psum = 16, output = 8;
  } bits;
  std::uint32_t prefetch_fifo_bytes =
      512;  // between DRAM and the bus of a tensor that bypasses the buffer
  std::uint32_t dma_outstanding = 16;  // 64-byte bursts of this chunk's DMA in flight
  std::uint64_t config_cycles = 0;     // before each layer
  // A multiply- or shift-accumulate whose input is zero does not switch its datapath and does not
  // read its weight (Eyeriss, JSSC 2017, V-C).
  bool zero_gating = false;

  // Output residencies on their way through a PE.
  std::uint32_t psum_residencies() const {
    return fifo_buffered.psum ? 3 : double_buffered.psum ? 2 : 1;
  }

  // PEs that also work in other arithmetics (NASA+, TCAS-I 2023): operations of that arithmetic a
  // PE, lane and cycle; 0: not that one. A PE's own arithmetic has 1 unless it says otherwise.
  struct {
    std::uint32_t multiply = 0, shift = 0, adder = 0;
  } reconfigurable;

  std::uint64_t pes() const { return std::uint64_t{rows} * cols; }
  bool runs(Arithmetic) const;  // whether layers of that arithmetic can run here
  bool is_reconfigurable() const;
  // Operations of that arithmetic a PE and lane in a cycle, and a PE, and the whole array.
  std::uint32_t lane_operations(Arithmetic) const;
  std::uint64_t pe_operations(Arithmetic a) const {
    return std::uint64_t{lanes} * lane_operations(a);
  }
  std::uint64_t peak_operations(Arithmetic a) const { return pes() * pe_operations(a); }
  std::uint64_t peak_operations() const;  // of its fastest arithmetic
  std::string arithmetics() const;        // for people: "multiply", "multiply + shift x8"
};

struct GlobalBufferSpec {
  std::uint64_t capacity_bytes = 128 * 1024;
  std::uint32_t banks = 8;
  std::uint32_t word_bytes = 8;
  std::uint32_t ports = 2;
  std::uint32_t latency_cycles = 2;        // of reads
  std::uint32_t write_latency_cycles = 0;  // until what a write beat brought is in place
  std::uint32_t max_burst_beats = 16;
  Arbitration arbitration = Arbitration::round_robin;
};

struct DramSpec {
  std::string standard = "ideal";
  std::uint32_t channels = 1;
  // `ideal` only: every burst takes latency_cycles after the link, which moves this many bytes a
  // core cycle.
  double bandwidth_bytes_per_cycle = 16.0;
  std::uint64_t latency_cycles = 50;
  // All others: models/memory/dram/dram_config.h says what they mean. Cycles are the memory's.
  std::uint32_t ranks = 1;
  std::string mapping = "default";  // of the standard
  DramScheduler scheduler = DramScheduler::fr_fcfs;
  DramPagePolicy page_policy = DramPagePolicy::open;
  std::uint32_t page_timeout_cycles = 200;
  std::uint32_t read_queue = 32, write_queue = 32;
  DramWrites writes = DramWrites::watermark;
  DramRefresh refresh = DramRefresh::all_bank;
  std::uint32_t refresh_postpone = 0;
  std::uint32_t power_down_after_cycles = 0;

  bool is_ideal() const { return standard == "ideal"; }
};

// Order of the words of an activation in DRAM.
enum class ActivationOrder {
  channel_major,  // [N][C][H][W]
  channels_last,  // [N][H][W][C]
  blocked         // [N][C / block][H][W][block], the last block padded
};
// How activations are packed in DRAM: as they are, or as Eyeriss's run-length code.
enum class Compression { none, rlc };
struct LayoutSpec {
  ActivationOrder activations = ActivationOrder::channel_major;
  std::uint32_t block_channels = 16;  // of `blocked`
  Compression compression = Compression::none;
};

struct ArchSpec {
  std::string name;
  std::string description;
  std::uint64_t clock_hz = 250'000'000;  // JSON key "clock_mhz", a decimal number of MHz
  std::string energy_table = "cmos45-physical";
  DramSpec dram;
  GlobalBufferSpec global_buffer;
  LayoutSpec layout;
  std::vector<ChunkSpec> chunks;
};

// Reads and checks an architecture document whose "extends" and --set overrides were already
// resolved.
std::optional<ArchSpec> read_arch(const Document&, Diagnostics&);

// `--set chunks.CLP.pe_array.rows=16`: a path into the document (array elements by index or by
// their "name").
struct Override {
  std::string path, value;
};
// The full document of a shipped name or a path: "extends" merged, then the overrides, all defaults
// filled in.
std::optional<Document> load_arch_document(const std::string& name_or_path,
                                           const std::vector<Override>&, Diagnostics&);
Json to_json(const ArchSpec&);  // every key, as read_arch reads it
std::vector<std::string> preset_names();
std::string_view preset_text(std::string_view name);
std::string_view arch_schema();

}  // namespace chasm
