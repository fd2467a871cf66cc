#include "models/arch/arch_check.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/error.h"
#include "base/named_document.h"
#include "base/suggest.h"
#include "models/arch/dram_link.h"
#include "models/energy/energy_table.h"

namespace chasm {
namespace {

class Checker {
 public:
  Checker(const std::string& file, Diagnostics& diagnostics) : file_(file), out_(diagnostics) {}

  void machine(const ArchSpec&);
  void chunk(const ChunkSpec&, const std::string& at);

 private:
  void error(const std::string& pointer, const std::string& message, const std::string& hint = {}) {
    out_.error(file_, pointer, message, hint);
  }
  void energy_table(const std::string&);
  void dram(const ArchSpec&);
  void global_buffer(const GlobalBufferSpec&);
  void unique_names(const std::vector<ChunkSpec>&);
  void halves(const ChunkSpec&, const std::string& at);
  void widths(const ChunkSpec&, const std::string& at);
  void interconnect(const ChunkSpec&, const std::string& at);
  void buffering(const ChunkSpec&, const std::string& at);

  const std::string& file_;
  Diagnostics& out_;
};

void Checker::machine(const ArchSpec& spec) {
  energy_table(spec.energy_table);
  dram(spec);
  global_buffer(spec.global_buffer);
  unique_names(spec.chunks);
  for (std::size_t i = 0; i < spec.chunks.size(); ++i)
    chunk(spec.chunks[i], fmt::format("/chunks/{}", i));
}

// Files are checked when they are loaded.
void Checker::energy_table(const std::string& name) {
  if (energy_table_text(name).empty() && !looks_like_path(name))
    report_unknown_document(name, shipped_energy_tables(), out_, {file_, "/energy_table"});
}

void Checker::dram(const ArchSpec& spec) {
  if (spec.dram.is_ideal() || !read_bank_dram(spec.dram, file_, out_)) return;
  try {
    machine_clocks(spec);
  } catch (const Error& no_common_tick) {
    error("/clock_mhz",
          fmt::format("{} Hz and the clock of /dram/standard = \"{}\" do not fit together: {}",
                      spec.clock_hz, spec.dram.standard, no_common_tick.what()),
          "use a round number of MHz");
  }
}

void Checker::global_buffer(const GlobalBufferSpec& g) {
  // One word a bank is the least an array of banks can hold; the schema's 64 bytes are one DRAM
  // line.
  const std::uint64_t least = std::uint64_t{g.banks} * g.word_bytes;
  if (g.capacity_bytes < least)
    error("/global_buffer/capacity_bytes",
          fmt::format("{} bytes are less than one word a bank: /global_buffer/banks = {} times "
                      "/global_buffer/word_bytes = {} need {} bytes",
                      g.capacity_bytes, g.banks, g.word_bytes, least));
}

void Checker::unique_names(const std::vector<ChunkSpec>& chunks) {
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const auto [at, is_new] = first.emplace(chunks[i].name, i);
    if (!is_new)
      error(fmt::format("/chunks/{}/name", i),
            fmt::format("the name \"{}\" is already that of /chunks/{}/name", chunks[i].name,
                        at->second));
  }
}

void Checker::chunk(const ChunkSpec& c, const std::string& at) {
  halves(c, at);
  buffering(c, at);
  widths(c, at);
  if (c.pe_kind == PeKind::vector && c.is_reconfigurable())
    error(at + "/reconfigurable",
          fmt::format("a vector unit ({}/arithmetic) cannot work in another arithmetic", at),
          "make the PEs multiply, shift or adder ones");
  interconnect(c, at);
  if (c.zero_gating && !c.runs(Arithmetic::multiply) && !c.runs(Arithmetic::shift))
    error(at + "/zero_gating",
          fmt::format("a chunk of arithmetic {} ({}/arithmetic) has nothing to gate: only products "
                      "of zero are zero",
                      c.arithmetics(), at),
          "leave it out");
}

void Checker::halves(const ChunkSpec& c, const std::string& at) {
  const auto check = [&](const char* tensor, bool doubled, std::uint32_t words) {
    if (doubled && words < 2)
      error(fmt::format("{}/register_file_words/{}", at, tensor),
            fmt::format("{} word cannot hold two tiles, which {}/double_buffered/{} asks for",
                        words, at, tensor),
            "use at least 2 words, or no double buffering");
  };
  check("input", c.double_buffered.input, c.register_file_words.input);
  check("weight", c.double_buffered.weight, c.register_file_words.weight);
  check("psum", c.double_buffered.psum, c.register_file_words.psum);
}

void Checker::buffering(const ChunkSpec& c, const std::string& at) {
  const auto check = [&](const char* tensor, bool doubled, bool fifo) {
    if (doubled && fifo)
      error(fmt::format("{}/fifo_buffered/{}", at, tensor),
            fmt::format("a register file is one ring or two tiles, but {}/double_buffered/{} is "
                        "true too",
                        at, tensor),
            fmt::format("set double_buffered.{} to false", tensor));
  };
  check("input", c.double_buffered.input, c.fifo_buffered.input);
  check("weight", c.double_buffered.weight, c.fifo_buffered.weight);
  check("psum", c.double_buffered.psum, c.fifo_buffered.psum);
}

void Checker::widths(const ChunkSpec& c, const std::string& at) {
  const auto check = [&](const char* tensor, std::uint32_t bits) {
    if (c.bits.psum < bits)
      error(at + "/bits/psum", fmt::format("partial sums of {} bits are narrower than "
                                           "{}/bits/{} = {} bits",
                                           c.bits.psum, at, tensor, bits));
  };
  check("output", c.bits.output);
  check("input", c.bits.input);
}

void Checker::interconnect(const ChunkSpec& c, const std::string& at) {
  if (c.interconnect != Interconnect::systolic) return;
  if (c.pe_kind == PeKind::vector)
    error(at + "/interconnect",
          fmt::format("a vector unit ({}/arithmetic) has no systolic array", at),
          "use \"multicast\"");
  if (c.spatial_reduction == SpatialReduction::adder_tree)
    error(at + "/spatial_reduction",
          fmt::format("a systolic array ({}/interconnect) adds psums from PE to PE, not in a tree",
                      at),
          "use \"chain\" or \"none\"");
  if (c.bypass_global_buffer.input)
    error(at + "/bypass_global_buffer",
          fmt::format("the image-to-column unit of a systolic array ({}/interconnect) reads its "
                      "input from the global buffer",
                      at),
          "leave \"input\" out");
  const std::uint32_t edge = std::max(c.rows, c.cols);
  const auto check = [&](const char* bus, std::uint32_t words) {
    if (words > edge)
      error(
          fmt::format("{}/bus_words_per_cycle/{}", at, bus),
          fmt::format("{} words a cycle cannot enter or leave a systolic array with {} PEs on its "
                      "longer edge ({}/pe_array)",
                      words, edge, at),
          fmt::format("use at most {}", edge));
  };
  check("input", c.bus_words_per_cycle.input);
  check("weight", c.bus_words_per_cycle.weight);
  check("psum_in", c.bus_words_per_cycle.psum_in);
  check("output", c.bus_words_per_cycle.output);
}

}  // namespace

bool check_arch(const ArchSpec& spec, const std::string& file, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.error_count();
  Checker(file, diagnostics).machine(spec);
  return diagnostics.error_count() == before;
}

}  // namespace chasm
