#include "tests/faults/faulty_run.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/cli/program_run.h"

namespace chasm::testing_support {
namespace {

namespace fs = std::filesystem;

using Files = std::map<std::string, std::string>;  // content by name

struct Command {
  const char* line;
  const char* changed;  // what to add for an older answer that differs
};
const std::map<std::string, Command>& commands() {
  static const std::map<std::string, Command> all = {
      {"run",
       {"run -a tiny -w toy_mixed3 --search quick --verify 1 -o out --trace memory=out/trace.csv",
        "--set clock_mhz=300"}},
      {"map",
       {"map -a tiny -w toy_mixed3 --search quick --verify 1 -o mapping.json",
        "--objective energy --set chunks.MUL.pe_array.rows=1"}},
      {"report", {"report result.json --html page.html --csv tables", ""}},
      {"dram",
       {"dram -c DDR4-2400 requests.csv -o dram.json --command-trace commands.csv",
        "--set timing.nRCD=20"}}};
  return all;
}

constexpr const char* kSweep = "sweep sweep.json -j 1 -o out";

// What every command reads.
const Files& inputs() {
  static const Files files = [] {
    const TemporaryFolder folder;
    const Ran ran =
        shell("chasm run -a tiny -w toy_mixed3 --search quick --verify 1 -o -", folder.path());
    EXPECT_EQ(ran.code, 0) << ran.err;
    return Files{{"result.json", ran.out},
                 {"requests.csv", "0,R,0x40\n4,W,0x80\n1000,R,0x0\n"},
                 {"sweep.json", R"({"name": "s", "base": {"arch": "tiny", "workload": "toy_mixed3"},
                    "axes": [{"path": "arch.clock_mhz", "values": [100, 200, 300]}]})"}};
  }();
  return files;
}

void put_files(const TemporaryFolder& folder, const Files& files) {
  for (const auto& [name, text] : files) {
    fs::create_directories(fs::path(folder / name).parent_path());
    folder.file(name, text);
  }
}

// Without what a run says of the machine it ran on, which is the last thing in a line or file.
std::string without_host(const std::string& text) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t host = std::min(text.find("\"host\":", at), text.size());
    kept += text.substr(at, host - at);
    at = std::min(text.find("}", host), text.size());
  }
  return kept;
}

Files files_of(const TemporaryFolder& folder) {
  Files files;
  for (const std::string& name : folder.content())
    if (fs::is_regular_file(folder / name)) files[name] = without_host(text_of(folder / name));
  return files;
}

// What there is after a command without a fault.
Files answer(const std::string& line) {
  const TemporaryFolder folder;
  put_files(folder, inputs());
  const Ran ran = shell("chasm " + line, folder.path());
  EXPECT_EQ(ran.code, 0) << ran.err;
  return files_of(folder);
}

struct FaultyRun {
  bool occurred = false;
  Ran ran;
};
FaultyRun run_with(const Fault& fault, const std::string& line, const TemporaryFolder& folder) {
  const TemporaryFolder other;
  const std::string mark = other / "mark";
  FaultyRun run;
  run.ran =
      shell(fmt::format("CHASM_FAIL={}:{}{} CHASM_FAIL_MARK={} LD_PRELOAD={} chasm {}", fault.kind,
                        fault.n, fault.later_too ? "+" : "", mark, CHASM_FAILING_CALLS, line),
            folder.path());
  run.occurred = fs::exists(mark);
  return run;
}

void expect_documented(const Ran& ran) {
  constexpr std::array kCodes = {0, 3, 4, 5};
  EXPECT_NE(std::find(kCodes.begin(), kCodes.end(), ran.code), kCodes.end())
      << ran.code << ": " << ran.err;
  EXPECT_TRUE(ran.code == 0 || ran.said("error: ") || ran.said("chasm: ")) << ran.err;
}

std::string names(const Files& files) {
  std::string text;
  for (const auto& [name, content] : files) text += fmt::format("{} ({} B) ", name, content.size());
  return text;
}

}  // namespace

std::vector<std::string> faulty_commands() {
  std::vector<std::string> names;
  for (const auto& [name, command] : commands()) names.push_back(name);
  return names;
}

bool survives(const std::string& name, const Fault& fault) {
  const Command& command = commands().at(name);
  static std::map<std::string, Files> answers;
  const auto answer_to = [](const std::string& line) -> const Files& {
    const auto [at, is_new] = answers.try_emplace(line);
    if (is_new) at->second = answer(line);
    return at->second;
  };
  const Files& whole = answer_to(command.line);
  bool occurred = false;
  for (const Files& before :
       {inputs(), answer_to(fmt::format("{} {}", command.line, command.changed))}) {
    const TemporaryFolder folder;
    put_files(folder, before);
    const Files there = files_of(folder);
    const FaultyRun run = run_with(fault, command.line, folder);
    SCOPED_TRACE(fmt::format("{} with {}:{}{}", command.line, fault.kind, fault.n,
                             fault.later_too ? "+" : ""));
    expect_documented(run.ran);
    const Files after = files_of(folder);
    EXPECT_TRUE(after == (run.ran.code == 0 ? whole : there))
        << "exit code " << run.ran.code << ": " << run.ran.err << "before: " << names(there)
        << "\nafter: " << names(after) << "\nwanted: " << names(whole);
    occurred = occurred || run.occurred;
  }
  return occurred;
}

bool sweep_survives(const Fault& fault) {
  static const Files whole = answer(kSweep);
  const TemporaryFolder folder;
  put_files(folder, inputs());
  const FaultyRun run = run_with(fault, kSweep, folder);
  SCOPED_TRACE(
      fmt::format("{} with {}:{}{}", kSweep, fault.kind, fault.n, fault.later_too ? "+" : ""));
  expect_documented(run.ran);
  for (const auto& [name, text] : files_of(folder))
    EXPECT_TRUE(whole.count(name) > 0) << name << " is left: " << run.ran.err;
  // A point that had no memory is a row of its own, which stays.
  if (text_of(folder / "out/points.jsonl").find("\"failed\"") != std::string::npos)
    return run.occurred;
  const Ran again = shell(fmt::format("chasm {} --resume", kSweep), folder.path());
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_TRUE(files_of(folder) == whole) << names(files_of(folder)) << "\n" << names(whole);
  return run.occurred;
}

}  // namespace chasm::testing_support
