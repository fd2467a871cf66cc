// The JSON keys of an architecture, once for both directions: `io.field(key, value)` reads or
// writes a scalar, `io.object(key, members)` a nested object. Order is the order of the written
// document.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/json.h"
#include "models/arch/arch_spec.h"

namespace chasm {

template <class Enum>
using EnumNames = std::vector<std::pair<Enum, const char*>>;

inline const EnumNames<PeKind>& pe_kind_names() {
  static const EnumNames<PeKind> names = {{PeKind::multiply, "multiply"},
                                          {PeKind::shift, "shift"},
                                          {PeKind::adder, "adder"},
                                          {PeKind::vector, "vector"}};
  return names;
}
inline const EnumNames<Interconnect>& interconnect_names() {
  static const EnumNames<Interconnect> names = {{Interconnect::multicast, "multicast"},
                                                {Interconnect::systolic, "systolic"}};
  return names;
}
inline const EnumNames<Dataflow>& dataflow_names() {
  static const EnumNames<Dataflow> names = {
      {Dataflow::os, "os"}, {Dataflow::ws, "ws"}, {Dataflow::is, "is"}};
  return names;
}
inline const EnumNames<SpatialReduction>& reduction_names() {
  static const EnumNames<SpatialReduction> names = {{SpatialReduction::none, "none"},
                                                    {SpatialReduction::chain, "chain"},
                                                    {SpatialReduction::adder_tree, "adder_tree"}};
  return names;
}
inline const EnumNames<Arbitration>& arbitration_names() {
  static const EnumNames<Arbitration> names = {{Arbitration::round_robin, "round_robin"},
                                               {Arbitration::priority, "priority"}};
  return names;
}
inline const EnumNames<ActivationOrder>& activation_order_names() {
  static const EnumNames<ActivationOrder> names = {
      {ActivationOrder::channel_major, "channel_major"},
      {ActivationOrder::channels_last, "channels_last"},
      {ActivationOrder::blocked, "blocked"}};
  return names;
}

inline const EnumNames<DramScheduler>& dram_scheduler_names() {
  static const EnumNames<DramScheduler> names = {{DramScheduler::fr_fcfs, "fr-fcfs"},
                                                 {DramScheduler::fcfs, "fcfs"}};
  return names;
}
inline const EnumNames<Compression>& compression_names() {
  static const EnumNames<Compression> names = {{Compression::none, "none"},
                                               {Compression::rlc, "rlc"}};
  return names;
}
inline const EnumNames<DramPagePolicy>& dram_page_policy_names() {
  static const EnumNames<DramPagePolicy> names = {{DramPagePolicy::open, "open"},
                                                  {DramPagePolicy::closed, "closed"},
                                                  {DramPagePolicy::timeout, "timeout"}};
  return names;
}
inline const EnumNames<DramWrites>& dram_writes_names() {
  static const EnumNames<DramWrites> names = {{DramWrites::watermark, "watermark"},
                                              {DramWrites::unified, "unified"}};
  return names;
}
inline const EnumNames<DramRefresh>& dram_refresh_names() {
  static const EnumNames<DramRefresh> names = {{DramRefresh::all_bank, "all-bank"},
                                               {DramRefresh::per_bank, "per-bank"},
                                               {DramRefresh::none, "none"}};
  return names;
}

// Takes values out of a document that satisfies the schema and holds every key.
class FieldReader {
 public:
  explicit FieldReader(const Json& object) : at_(&object) {}

  template <class T>
  void field(const char* key, T& value) {
    value = at_->at(key).get<T>();
  }
  template <class Enum>
  void enumeration(const char* key, Enum& value, const EnumNames<Enum>& names) {
    const std::string& text = at_->at(key).get_ref<const std::string&>();
    for (const auto& [known, name] : names)
      if (text == name) {
        value = known;
        return;
      }
    CHECK(false, "the schema let \"{}\": \"{}\" pass", key, text);
  }
  // MHz in the document, Hz in the struct.
  void megahertz(const char* key, std::uint64_t& hertz) {
    hertz = static_cast<std::uint64_t>(std::llround(at_->at(key).get<double>() * 1e6));
  }
  // A set of names: present means true.
  void flag(const char* key, const char* name, bool& value) {
    value = false;
    for (const Json& item : at_->at(key)) value = value || item == name;
  }
  template <class Members>
  void object(const char* key, Members members) {
    const Json* outer = std::exchange(at_, &at_->at(key));
    members();
    at_ = outer;
  }

 private:
  const Json* at_;
};

class FieldWriter {
 public:
  explicit FieldWriter(Json& object) : at_(&object) { *at_ = Json::object(); }

  template <class T>
  void field(const char* key, const T& value) {
    (*at_)[key] = value;
  }
  template <class Enum>
  void enumeration(const char* key, Enum& value, const EnumNames<Enum>& names) {
    for (const auto& [known, name] : names)
      if (value == known) (*at_)[key] = name;
  }
  void megahertz(const char* key, std::uint64_t hertz) {
    if (hertz % 1'000'000 == 0)
      (*at_)[key] = hertz / 1'000'000;
    else
      (*at_)[key] = static_cast<double>(hertz) / 1e6;
  }
  void flag(const char* key, const char* name, bool value) {
    if (!at_->contains(key)) (*at_)[key] = Json::array();
    if (value) (*at_)[key].push_back(name);
  }
  template <class Members>
  void object(const char* key, Members members) {
    Json inner = Json::object();
    Json* outer = std::exchange(at_, &inner);
    members();
    at_ = outer;
    (*at_)[key] = std::move(inner);
  }

 private:
  Json* at_;
};

template <class Io>
void chunk_fields(Io& io, ChunkSpec& c) {
  io.field("name", c.name);
  io.enumeration("arithmetic", c.pe_kind, pe_kind_names());
  io.object("pe_array", [&] {
    io.field("rows", c.rows);
    io.field("cols", c.cols);
    io.field("lanes", c.lanes);
  });
  io.enumeration("interconnect", c.interconnect, interconnect_names());
  io.enumeration("dataflow", c.dataflow, dataflow_names());
  io.field("overlap_folds", c.overlap_folds);
  io.field("serial_passes", c.serial_passes);
  io.enumeration("spatial_reduction", c.spatial_reduction, reduction_names());
  io.field("pipeline_depth", c.pipeline_depth);
  io.object("register_file_words", [&] {
    io.field("input", c.register_file_words.input);
    io.field("weight", c.register_file_words.weight);
    io.field("psum", c.register_file_words.psum);
  });
  io.object("double_buffered", [&] {
    io.field("input", c.double_buffered.input);
    io.field("weight", c.double_buffered.weight);
    io.field("psum", c.double_buffered.psum);
  });
  io.object("fifo_buffered", [&] {
    io.field("input", c.fifo_buffered.input);
    io.field("weight", c.fifo_buffered.weight);
    io.field("psum", c.fifo_buffered.psum);
  });
  io.object("bus_words_per_cycle", [&] {
    io.field("input", c.bus_words_per_cycle.input);
    io.field("weight", c.bus_words_per_cycle.weight);
    io.field("psum_in", c.bus_words_per_cycle.psum_in);
    io.field("output", c.bus_words_per_cycle.output);
  });
  io.flag("bypass_global_buffer", "input", c.bypass_global_buffer.input);
  io.flag("bypass_global_buffer", "weight", c.bypass_global_buffer.weight);
  io.object("bits", [&] {
    io.field("input", c.bits.input);
    io.field("weight", c.bits.weight);
    io.field("psum", c.bits.psum);
    io.field("output", c.bits.output);
  });
  io.field("prefetch_fifo_bytes", c.prefetch_fifo_bytes);
  io.field("dma_outstanding", c.dma_outstanding);
  io.field("config_cycles", c.config_cycles);
  io.field("zero_gating", c.zero_gating);
  io.object("reconfigurable", [&] {
    io.field("multiply", c.reconfigurable.multiply);
    io.field("shift", c.reconfigurable.shift);
    io.field("adder", c.reconfigurable.adder);
  });
}

// All keys but "chunks".
template <class Io>
void machine_fields(Io& io, ArchSpec& a) {
  io.field("name", a.name);
  io.field("description", a.description);
  io.megahertz("clock_mhz", a.clock_hz);
  io.field("energy_table", a.energy_table);
  io.object("dram", [&] {
    io.field("standard", a.dram.standard);
    io.field("channels", a.dram.channels);
    io.field("bandwidth_bytes_per_cycle", a.dram.bandwidth_bytes_per_cycle);
    io.field("latency_cycles", a.dram.latency_cycles);
    io.field("ranks", a.dram.ranks);
    io.field("mapping", a.dram.mapping);
    io.enumeration("scheduler", a.dram.scheduler, dram_scheduler_names());
    io.enumeration("page_policy", a.dram.page_policy, dram_page_policy_names());
    io.field("page_timeout_cycles", a.dram.page_timeout_cycles);
    io.field("read_queue", a.dram.read_queue);
    io.field("write_queue", a.dram.write_queue);
    io.enumeration("writes", a.dram.writes, dram_writes_names());
    io.enumeration("refresh", a.dram.refresh, dram_refresh_names());
    io.field("refresh_postpone", a.dram.refresh_postpone);
    io.field("power_down_after_cycles", a.dram.power_down_after_cycles);
  });
  io.object("global_buffer", [&] {
    io.field("capacity_bytes", a.global_buffer.capacity_bytes);
    io.field("banks", a.global_buffer.banks);
    io.field("word_bytes", a.global_buffer.word_bytes);
    io.field("ports", a.global_buffer.ports);
    io.field("latency_cycles", a.global_buffer.latency_cycles);
    io.field("write_latency_cycles", a.global_buffer.write_latency_cycles);
    io.field("max_burst_beats", a.global_buffer.max_burst_beats);
    io.enumeration("arbitration", a.global_buffer.arbitration, arbitration_names());
  });
  io.object("layout", [&] {
    io.enumeration("activations", a.layout.activations, activation_order_names());
    io.field("block_channels", a.layout.block_channels);
    io.enumeration("compression", a.layout.compression, compression_names());
  });
}

}  // namespace chasm
