// chasm schema: print the JSON Schema of a kind of file.
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/suggest.h"
#include "workloads/network.h"
#include "workloads/quantization_schema.h"
#include "models/arch/arch_spec.h"
#include "models/energy/energy_table.h"
#include "mapper/constraints_file.h"
#include "mapper/mapping.h"
#include "models/memory/dram/dram_config.h"
#include "sim/cli/command.h"
#include "sim/cli/terminal.h"
#include "sim/report/dram_report.h"
#include "sim/report/result_json.h"
#include "sim/sweep/sweep_spec.h"
#include "sim/sweep/sweep_tables.h"

namespace chasm {
namespace {

struct Kind {
  const char* name;
  std::string_view (*schema)();
};
constexpr std::array<Kind, 11> kKinds = {{{"arch", arch_schema},
                                          {"workload", workload_schema},
                                          {"mapping", mapping_schema},
                                          {"constraints", constraints_schema},
                                          {"sweep", sweep_schema},
                                          {"result", result_schema},
                                          {"energy-table", energy_table_schema},
                                          {"dram", dram_schema},
                                          {"sweep-result", sweep_result_schema},
                                          {"dram-result", dram_result_schema},
                                          {"quantization", quantization_schema}}};

std::vector<std::string> names() {
  std::vector<std::string> list;
  for (const Kind& kind : kKinds) list.emplace_back(kind.name);
  return list;
}

void run(const Arguments& arguments) {
  const std::string& wanted = arguments.positional().front();
  for (const Kind& kind : kKinds)
    if (wanted == kind.name) return put_document(kind.schema());
  throw arguments.usage_error("there is no schema \"" + wanted + "\"; " + suggest(wanted, names()));
}

}  // namespace

Command schema_command() {
  return {"schema",
          "print the JSON Schema (draft 7) of a kind of file",
          {"schema", fmt::format("{}", fmt::join(names(), "|")), 1, 1, {}, {}},
          "  chasm schema arch > arch.schema.json\n",
          run};
}

}  // namespace chasm
