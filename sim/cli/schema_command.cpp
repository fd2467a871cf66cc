// chasm schema: print the JSON Schema of a kind of file.
#include "base/suggest.h"
#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "models/energy/energy_table.h"
#include "mapper/constraints_file.h"
#include "mapper/mapping.h"
#include "models/memory/dram/dram_config.h"
#include "sim/cli/command.h"
#include "sim/cli/terminal.h"
#include "sim/report/result_json.h"
#include "sim/sweep/sweep_spec.h"

namespace chasm {
namespace {

void run(const Arguments& arguments) {
  const std::string& kind = arguments.positional().front();
  if (kind == "arch") return put(arch_schema());
  if (kind == "workload") return put(workload_schema());
  if (kind == "mapping") return put(mapping_schema());
  if (kind == "constraints") return put(constraints_schema());
  if (kind == "result") return put(result_schema());
  if (kind == "energy-table") return put(energy_table_schema());
  if (kind == "dram") return put(dram_schema());
  if (kind == "sweep") return put(sweep_schema());
  const std::vector<std::string> known = {"arch",  "workload", "mapping",      "constraints",
                                          "sweep", "result",   "energy-table", "dram"};
  throw arguments.usage_error("there is no schema \"" + kind + "\"; " + suggest(kind, known));
}

}  // namespace

Command schema_command() {
  return {
      "schema",
      "print the JSON Schema (draft 7) of a kind of file",
      {"schema", "arch|workload|mapping|constraints|sweep|result|energy-table|dram", 1, 1, {}, {}},
      "  chasm schema arch > arch.schema.json\n",
      run};
}

}  // namespace chasm
