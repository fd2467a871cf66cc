// The mapping: for every layer, the chunk that runs it and the loops of each level
// (docs/formats.md, "Mapping"). A layer that lowers to several operations (concat) has one entry a
// part: "cat", "cat#1", ...
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/json.h"
#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "models/program/program.h"

namespace chasm {

// JSON:
// {"chunk":"CLP","dram":{"temporal":[["K",4]]},"buffer":{"temporal":[...],"tiles":{"input":2,...},
//        "bypass":["weight"]},
//        "array":{"spatial_x":[...],"spatial_y":[...]},"rf":{"temporal":[...]}}
struct OperationMapping {
  std::string chunk;
  std::vector<Loop> dram, buffer, spatial_x, spatial_y, rf;  // outermost first
  // Tiles of each operand in the global buffer: 2 = ping-pong. Absent in JSON: 2 where both fit,
  // else 1.
  std::array<std::optional<std::uint32_t>, kOperands> buffer_tiles;
  // Operands that go past the buffer, of those that the chunk lets past it. Absent: all of these.
  std::optional<std::array<bool, kOperands>> bypass;
};

struct Mapping {
  std::map<std::string, OperationMapping> layers;  // by operation name, ordered for a stable output
};

Json to_json(const Mapping&);
// [["K", 4], ["P", 2]], of a form that a schema has checked.
std::vector<Loop> loops_from_json(const Json& pairs);
// The operands named under /buffer/bypass of a layer's entry; none where it is absent.
std::optional<std::array<bool, kOperands>> bypass_from_json(const Json& layer);
// The JSON pointer of a layer's entry.
std::string layer_pointer(const std::string& name);
std::optional<Mapping> read_mapping(const Document&, Diagnostics&);
std::string_view mapping_schema();

}  // namespace chasm
