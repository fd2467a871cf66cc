#include "mapper/map_jobs.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "mapper/assign.h"
#include "tests/unit/mapper/support.h"

namespace chasm {
namespace {

std::vector<MapJob> jobs_of(const ArchSpec& arch, const Network& network) {
  Diagnostics problems;
  const auto chunks = assign_chunks(arch, network, problems);
  EXPECT_TRUE(chunks) << problems.to_string();
  return map_jobs(arch, network, *chunks);
}

TEST(MapJobs, HoldEveryOperationOnce) {
  const ArchSpec arch = preset("nasa-45nm");
  const Network network = zoo("toy_all_types");
  std::multiset<std::string> wanted, found;
  for (std::size_t l = 0; l < network.layers.size(); ++l)
    for (const Operation& operation : operations_of(network, l)) wanted.insert(operation.name);
  for (const MapJob& job : jobs_of(arch, network)) found.insert(job.names.begin(), job.names.end());
  EXPECT_EQ(found, wanted);
}

TEST(MapJobs, OfEqualLayersAreOne) {
  // Three stages of equal blocks, so few different layers.
  const std::vector<MapJob> jobs = jobs_of(preset("nasa-45nm"), zoo("resnet20_cifar10"));
  EXPECT_LT(jobs.size(), 20U);
  std::set<std::string> keys;
  for (const MapJob& job : jobs) keys.insert(job_key(job, preset("nasa-45nm")));
  EXPECT_EQ(keys.size(), jobs.size());
}

TEST(MapJobs, KeysNameTheMachineButNotItsName) {
  const ArchSpec arch = preset("nasa-45nm");
  const MapJob job = jobs_of(arch, zoo("resnet20_cifar10")).front();
  const std::string key = job_key(job, arch);
  ArchSpec other = arch;
  other.name = "other";
  other.chunks[job.chunk].name = "other";
  other.chunks[job.chunk + 1].rows += 1;  // a chunk that the job does not run on
  EXPECT_EQ(job_key(job, other), key);
  const auto differs = [&](auto change) {
    ArchSpec changed = arch;
    change(changed);
    EXPECT_NE(job_key(job, changed), key);
  };
  differs([&](ArchSpec& a) { a.global_buffer.capacity_bytes -= 8; });
  differs([&](ArchSpec& a) { a.chunks[job.chunk].rows += 1; });
  differs([&](ArchSpec& a) { a.dram.standard = "ideal"; });
  differs([&](ArchSpec& a) { a.clock_hz *= 2; });
  differs([&](ArchSpec& a) { a.energy_table = "paper-normalised"; });
}

TEST(MapJobs, KeysNameTheContentsOfAnEnergyTable) {
  ArchSpec arch = preset("nasa-45nm");
  const MapJob job = jobs_of(arch, zoo("resnet20_cifar10")).front();
  const auto folder = std::filesystem::temp_directory_path();
  const auto key_with = [&](const char* file, const char* contents) {
    arch.energy_table = (folder / file).string();
    std::ofstream(arch.energy_table) << contents;
    std::string key = job_key(job, arch);
    std::filesystem::remove(arch.energy_table);
    return key;
  };
  const std::string key = key_with("chasm_key_a.json", "{}");
  EXPECT_EQ(key_with("chasm_key_b.json", "{}"), key);
  EXPECT_NE(key_with("chasm_key_a.json", "{ }"), key);
  arch.chunks[job.chunk + 1].rows += 1;  // the table may charge for the clock of all PEs
  EXPECT_NE(key_with("chasm_key_a.json", "{}"), key);
}

}  // namespace
}  // namespace chasm
