#include "tests/support/machines/machine_case.h"

#include <cstring>

#include <fmt/format.h>

#include "base/error.h"
#include "mapper/lower.h"
#include "mapper/map_network.h"
#include "mapper/timing_walk.h"
#include "models/accelerator.h"
#include "sim/run/isolate.h"
#include "tests/support/dram_checker/dram_checker.h"
#include "tests/support/machines/random_machine.h"
#include "tests/support/machines/random_network.h"
#include "tests/support/oracle/random_draw.h"
#include "tests/support/oracle/sheet.h"
#include "tests/support/random_mapping.h"

namespace chasm {
namespace {

using oracle::one_in;

constexpr double kSeconds = 120;           // of a piece of work
constexpr std::uint64_t kMostSteps = 400;  // of a random mapping

ArchSpec tiles_of(const MachineCase& c) {
  return arch_for_tiles(*c.arch, c.options.keep_on_chip_bytes);
}

// What a piece of work came to: the text it returned, or why it was refused or broke.
CaseResult in_process(const std::function<std::string()>& work) {
  constexpr char kDone = 'd', kRefused = 'r';
  IsolateOptions limits;
  limits.seconds = kSeconds;
  CaseResult result;
  run_isolated(
      {0}, limits,
      [&](std::size_t) {
        try {
          return kDone + work();
        } catch (const Error& error) {
          const bool refused =
              error.code() == ExitCode::invalid_input || error.code() == ExitCode::infeasible;
          if (!refused) throw;
          return kRefused + std::string(error.what());
        }
      },
      [&](std::size_t, const ChildEnd& end) {
        result.text = end.text.empty() ? end.complaint : end.text;
        if (end.how != ChildEnd::How::returned) {
          result.text += fmt::format(" (the process {}) {}",
                                     end.how == ChildEnd::How::threw       ? "threw"
                                     : end.how == ChildEnd::How::timed_out ? "timed out"
                                     : end.how == ChildEnd::How::died      ? "died"
                                                                           : "had no memory",
                                     end.complaint);
          return;
        }
        result.how = result.text[0] == kDone ? CaseResult::How::held : CaseResult::How::refused;
        result.text.erase(0, 1);
      });
  return result;
}

[[noreturn]] void refuse(const Diagnostics& problems) {
  throw Error(exit_code(problems), problems);
}

Mapping mappers_mapping(const MachineCase& c) {
  MapOptions options;
  options.side_by_side = c.options.schedule != Schedule::sequential;
  options.objective = c.seed % 2 == 0 ? Objective::edp : Objective::latency;
  Diagnostics problems;
  auto mapping = map_network(tiles_of(c), c.network, options, problems);
  if (!mapping) refuse(problems);
  return std::move(*mapping);
}

Mapping some_mapping(const MachineCase& c, bool mappers) {
  if (mappers) return mappers_mapping(c);
  Rng rng(~c.seed);
  return random_mapping(tiles_of(c), c.network, {kMostSteps}, rng);
}

// All that a run reports of time and counts; values add but the overflows.
std::string times_and_counts(const RunResult& result) {
  std::string text = fmt::format("cycles {}", result.cycles);
  for (const LayerResult& layer : result.layers) {
    text += fmt::format("\n{} image {} cycles {} to {}:", layer.name, layer.image,
                        layer.start_cycle, layer.end_cycle);
    for (const std::uint64_t cycles : layer.cycles_by_cause) text += fmt::format(" {}", cycles);
    Activity counts = layer.activity;
    counts.overflows = 0;
    static_assert(sizeof(Activity) % sizeof(std::uint64_t) == 0);
    std::array<std::uint64_t, sizeof(Activity) / sizeof(std::uint64_t)> numbers;
    std::memcpy(numbers.data(), &counts, sizeof(Activity));
    text += " |";
    for (const std::uint64_t number : numbers) text += fmt::format(" {}", number);
  }
  return text;
}

bool any_overlap(const RunResult& result) {
  for (const LayerResult& a : result.layers)
    for (const LayerResult& b : result.layers)
      if (a.chunk != b.chunk && a.start_cycle < b.end_cycle && b.start_cycle < a.end_cycle)
        return true;
  return false;
}

// The commands of a DRAM with banks, looked at by the checker of its standard.
class Commands final : public DramCommandLog {
 public:
  explicit Commands(const DramSpec& dram)
      : channels_(dram.channels,
                  testing_support::DramChecker(testing_support::checker_timing(dram.standard))) {}
  void command(Cycle at, DramCommand command, const DramLocation& l) override {
    channels_[l.channel].command(
        {static_cast<std::int64_t>(at), to_string(command), l.rank, l.bank_group, l.bank, l.row});
  }
  std::string violations() const {
    std::string text;
    for (const auto& channel : channels_) text += channel.text();
    return text;
  }

 private:
  std::vector<testing_support::DramChecker> channels_;
};

std::string run(const MachineCase& c, const Mapping& mapping, bool functional) {
  SimOptions options = c.options;
  std::optional<Commands> commands;
  if (!c.arch->dram.is_ideal() && !functional)
    options.dram_commands = &commands.emplace(c.arch->dram);
  options.functional = functional;
  const RunResult result = simulate(*c.arch, c.network, mapping, options);
  OperationCounts counts = c.network.operations();
  for (const Arithmetic a : {Arithmetic::multiply, Arithmetic::shift, Arithmetic::adder})
    counts.of(a) *= c.options.images * c.network.batch;
  CHECK(result.operations == counts, "operations differ from the network's");
  if (commands) CHECK(commands->violations().empty(), "{}", commands->violations());
  return (any_overlap(result) ? "+" : "-") + times_and_counts(result);
}

// Of an operation alone on its chunk: cycles by the walk, "" where the simulator agrees.
std::string walk_differs(const ArchSpec& whole, const LoweredOperation& operation) {
  ArchSpec arch = whole;  // chunks that idle take turns at the arbiter as well
  arch.chunks = {arch.chunks[operation.chunk]};
  const Program& program = operation.program;
  const Cycle walked = walk_cycles(program, arch.chunks[0], arch);
  const WalkOptions step_by_step{.repeat = false};
  const Cycle plain = walk_timing(program, arch.chunks[0], arch, step_by_step).cycles;
  if (arch.dram.is_ideal() && plain != walked)
    return fmt::format("walked {} cycles, step by step {}", walked, plain);
  if (!arch.dram.is_ideal()) return "";
  const Cycle simulated = run_jobs(arch, {{0, &program, 0}}).at(0).report.end;
  if (walked == simulated) return "";
  return fmt::format("{}: walked {} cycles, simulated {}\n{}", program.operation.name, walked,
                     simulated, print_program(program));
}

// ---- the reference machine, for what is small enough for it ----

constexpr std::uint64_t kMostPes = 64;
constexpr Cycle kMostCycles = 4000;

// The first operation of each chunk, their tiles one behind the other: all begin at once.
std::vector<OracleJob> jobs_of(const ArchSpec& arch, const Lowered& programs) {
  std::vector<OracleJob> jobs;
  std::uint64_t begin = 0;
  for (const LoweredOperation& operation : programs.operations) {
    const ChunkSpec& chunk = arch.chunks[operation.chunk];
    const bool taken = std::any_of(jobs.begin(), jobs.end(), [&](const OracleJob& job) {
      return job.chunk == operation.chunk;
    });
    if (taken || chunk.pes() > kMostPes) continue;
    Program program = operation.program;
    if (walk_cycles(program, chunk, arch) > kMostCycles) continue;
    for (const Operand o : kAllOperands) {
      const auto i = static_cast<std::size_t>(o);
      if (!program.operation.of(o).used || program.bypass_buffer[i]) continue;
      program.buffer_base[i] = begin;
      begin += buffer_bytes(program, o, arch.global_buffer.word_bytes);
    }
    jobs.push_back({operation.chunk, std::move(program), 0});
  }
  std::sort(jobs.begin(), jobs.end(),
            [](const OracleJob& a, const OracleJob& b) { return a.chunk < b.chunk; });
  return jobs;
}

std::string run_reference(const ArchSpec& arch, const std::vector<OracleJob>& jobs) {
  const std::vector<OracleLayer> layers = run_oracle(arch, jobs);
  std::string text;
  for (std::size_t j = 0; j < jobs.size(); ++j) text += sheet(jobs[j].chunk, layers[j]);
  return text;
}

std::string run_model(const ArchSpec& arch, const std::vector<OracleJob>& all) {
  std::vector<Job> jobs;
  for (const OracleJob& job : all) jobs.push_back({job.chunk, &job.program, job.start_cycle});
  const std::vector<JobResult> results = run_jobs(arch, jobs);
  std::string text;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    const Chunk::Report& report = results[j].report;
    text += sheet(jobs[j].chunk, {report.start, report.end, results[j].activity,
                                  report.cycles_by_cause, report.steps});
  }
  return text;
}

Lowered lowered(const MachineCase& c, const Mapping& mapping) {
  Diagnostics problems;
  auto result = lower(tiles_of(c), c.network, mapping, problems);
  if (!result) refuse(problems);
  return std::move(*result);
}

class Checker {
 public:
  explicit Checker(const MachineCase& c) : case_(c) {}

  CaseResult check() {
    for (const bool mappers : {true, false}) {
      check_mapping(mappers);
      if (result_.how != CaseResult::How::held) return result_;
    }
    return result_;
  }

 private:
  // The text of a piece of work; false, and the result says why, where it did not come to one.
  bool worked(const char* what, const std::function<std::string()>& work, std::string& text) {
    CaseResult piece = in_process(work);
    result_.how = piece.how;
    if (piece.how == CaseResult::How::held) {
      text = std::move(piece.text);
      return true;
    }
    result_.text = fmt::format("{}: {}", what, piece.text);
    return false;
  }
  void broken(const std::string& text) {
    result_.how = CaseResult::How::broken;
    result_.text = text;
  }

  void check_mapping(bool mappers) {
    const char* whose = mappers ? "mapper's mapping" : "random mapping";
    std::string json;
    if (!worked(
            whose, [&] { return to_json(some_mapping(case_, mappers)).dump(); }, json)) {
      if (!mappers) broken(result_.text + "\nbut the mapper finds a mapping");
      return;
    }
    Diagnostics problems;
    const auto mapping = read_mapping({"mapping", Json::parse(json)}, problems);
    if (!mapping) return broken(problems.to_string());
    check_runs(*mapping);
    if (result_.how == CaseResult::How::held) check_parts(lowered(case_, *mapping));
    if (result_.how == CaseResult::How::broken)
      result_.text += fmt::format("\nmapping.json ({}): {}", whose, json);
  }

  void check_runs(const Mapping& mapping) {
    std::string plain, values;
    if (!worked(
            "run", [&] { return run(case_, mapping, false); }, plain))
      return;
    ++result_.runs;
    result_.overlaps += plain[0] == '+' ? 1 : 0;
    if (!worked(
            "functional run", [&] { return run(case_, mapping, true); }, values))
      return;
    ++result_.runs;
    if (values != plain) broken("values change the run:\n" + plain + "\n" + values);
  }

  // Operations without the rest of the network.
  void check_parts(const Lowered& programs) {
    for (const LoweredOperation& operation : programs.operations) {
      std::string difference;
      if (!worked(
              "walk", [&] { return walk_differs(*case_.arch, operation); }, difference))
        return;
      if (!difference.empty()) return broken(difference);
      result_.walked += case_.arch->dram.is_ideal() ? 1 : 0;
    }
    if (case_.arch->dram.is_ideal()) check_reference(jobs_of(*case_.arch, programs));
  }

  void check_reference(const std::vector<OracleJob>& jobs) {
    std::string model, reference;
    if (jobs.empty() ||
        !worked(
            "model", [&] { return run_model(*case_.arch, jobs); }, model) ||
        !worked(
            "reference", [&] { return run_reference(*case_.arch, jobs); }, reference))
      return;
    result_.referenced += jobs.size();
    if (model == reference) return;
    std::string text = differences(model, reference);
    for (const OracleJob& job : jobs) text += print_program(job.program);
    broken(text);
  }

  const MachineCase& case_;
  CaseResult result_;
};

}  // namespace

MachineCase machine_case(std::uint64_t seed) {
  MachineCase c;
  c.seed = seed;
  c.machine = random_machine(seed);
  Diagnostics problems;
  c.arch = read_arch({"arch.json", c.machine}, problems);
  if (!c.arch) return c;
  Rng rng(seed ^ 0x5eed);
  c.workload = random_network(rng, *c.arch);
  const auto network = read_network({"net.json", c.workload}, problems);
  CHECK(network, "seed {}: {}\n{}", seed, problems.to_string(), c.workload.dump());
  c.network = *network;
  c.options.schedule = oracle::one_of(rng, {Schedule::sequential, Schedule::graph, Schedule::graph,
                                            Schedule::pipelined, Schedule::pipelined});
  const bool pipelined = c.options.schedule == Schedule::pipelined;
  c.options.images = pipelined || one_in(rng, 3) ? 2 + rng.below(2) : 1;
  c.options.seed = seed;
  if (one_in(rng, 3))
    c.options.keep_on_chip_bytes = rng.below(c.arch->global_buffer.capacity_bytes);
  return c;
}

CaseResult check_case(const MachineCase& c) {
  if (c.arch) return Checker(c).check();
  Diagnostics problems;
  read_arch({"arch.json", c.machine}, problems);
  if (problems.ok()) return {CaseResult::How::broken, "refused without a word"};
  return {CaseResult::How::refused, problems.to_string()};
}

std::string describe(const MachineCase& c) {
  constexpr const char* kSchedules[] = {"sequential", "graph", "pipelined"};
  return fmt::format(
      "seed {} (CHASM_SEED={} and test ChosenSeed); by hand, with the mapping above where there is "
      "one:\nchasm run -a arch.json -w net.json -m mapping.json --functional --seed {} --images {} "
      "--schedule {} --keep-on-chip {}\narch.json: {}\nnet.json: {}\n",
      c.seed, c.seed, c.seed, c.options.images,
      kSchedules[static_cast<std::size_t>(c.options.schedule)], c.options.keep_on_chip_bytes,
      c.machine.dump(), c.workload.dump());
}

}  // namespace chasm
