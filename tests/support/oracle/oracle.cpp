#include "tests/support/oracle/oracle.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <tuple>

#include "base/check.h"
#include "tests/support/oracle/chunk_machine.h"
#include "tests/support/oracle/counts.h"

namespace chasm {
namespace {

using namespace oracle;

constexpr Time kTooLong = 20'000'000;  // cycles: no tiny program lasts so long, it hangs

void one_cycle(Time now, std::deque<ChunkMachine>& machines, BufferPorts& ports, IdealDram& dram,
               const std::vector<std::size_t>& machine_of_chunk, const Readings& readings) {
  for (const std::size_t done : ports.finished(now)) {
    const std::size_t chunk = done / kRequestersOfChunk;
    machines[machine_of_chunk[chunk]].port_done(static_cast<Requester>(done % kRequestersOfChunk),
                                                now);
  }
  std::vector<LineTicket> lines = dram.arrivals(now);
  const auto before = [](const LineTicket& a, const LineTicket& b) {
    return std::tuple(a.chunk, a.stream, a.group, a.index) <
           std::tuple(b.chunk, b.stream, b.group, b.index);
  };
  if (!readings.arrivals_go_by_request) std::sort(lines.begin(), lines.end(), before);
  for (const LineTicket& line : lines)
    machines[machine_of_chunk[line.chunk]].line_arrived(line, now);
  for (ChunkMachine& machine : machines) machine.settle(now);
  for (const std::size_t m : machine_of_chunk) {
    if (m < machines.size()) machines[m].start_lines(now, dram);
  }
  for (const ChunkMachine& machine : machines) machine.ask_for_ports(now, ports);
  ports.grant(now);
  dram.move(now);
}

// The layer's space begins with the tiles of the first operand that has any.
std::uint64_t begin_of_space(const Program& program) {
  std::optional<std::uint64_t> begin;
  for (std::size_t o = 0; o < kOperands; ++o) {
    if (!program.operation.access[o].used || program.bypass_buffer[o] || program.kept[o]) continue;
    begin = std::min(begin.value_or(program.buffer_base[o]), program.buffer_base[o]);
  }
  return begin.value_or(0);
}

// Where the stream of each requester begins in the buffer.
std::vector<std::uint64_t> first_bytes(const ArchSpec& arch, const std::vector<OracleJob>& jobs) {
  std::vector<std::uint64_t> bytes(arch.chunks.size() * kRequestersOfChunk);
  for (const OracleJob& job : jobs) {
    const auto& [input, weight, output] = job.program.buffer_base;
    const auto at = [&](Requester r) -> std::uint64_t& {
      return bytes[job.chunk * kRequestersOfChunk + r];
    };
    at(kInput) = input;
    at(kWeight) = weight;
    at(kPsumIn) = at(kDrain) = at(kLineOut) = output;
    at(kLineIn) = begin_of_space(job.program);
  }
  return bytes;
}

}  // namespace

std::vector<OracleLayer> run_oracle(const ArchSpec& arch, const std::vector<OracleJob>& jobs,
                                    const Readings& readings) {
  std::vector<std::size_t> machine_of_chunk(arch.chunks.size(), jobs.size());
  std::deque<Plan> plans;
  std::deque<ChunkMachine> machines;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    CHECK(machine_of_chunk.at(jobs[j].chunk) == jobs.size(), "chunk {} has two jobs",
          jobs[j].chunk);
    machine_of_chunk[jobs[j].chunk] = j;
    plans.push_back(make_plan(arch, arch.chunks[jobs[j].chunk], jobs[j].program, readings));
    machines.emplace_back(arch, jobs[j].chunk, plans.back(), jobs[j].start_cycle);
  }
  BufferPorts ports(arch.global_buffer, first_bytes(arch, jobs));
  IdealDram dram(arch.dram);
  const auto finished = [](const ChunkMachine& machine) { return machine.finished(); };
  for (Time now = 0; !std::all_of(machines.begin(), machines.end(), finished); ++now) {
    CHECK(now < kTooLong, "the reference machine hangs");
    one_cycle(now, machines, ports, dram, machine_of_chunk, readings);
  }
  std::vector<OracleLayer> layers;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    layers.push_back({jobs[j].start_cycle, machines[j].end(),
                      count_activity(jobs[j].program, plans[j]), machines[j].causes(),
                      plans[j].steps.size()});
  }
  return layers;
}

}  // namespace chasm
