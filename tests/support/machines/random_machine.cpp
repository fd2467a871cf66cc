#include "tests/support/machines/random_machine.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "base/rng.h"
#include "models/arch/document_edit.h"
#include "models/energy/energy_table.h"
#include "tests/support/machines/legal_machine.h"
#include "tests/support/oracle/random_draw.h"

namespace chasm {
namespace {

using oracle::one_in;

// Keys whose usual values are not simply small ones, and how far the rare draws from the whole
// range go where a simulation could not bear the end of it.
struct Usual {
  const char* key;
  std::vector<Json> values;
  double most = 0;  // 0: what the schema allows
};

const std::vector<Usual>& usual_values() {
  static const std::vector<Usual> table = {
      {"clock_mhz", {250, 250, 100, 33.3, 933.333, 1050, 0.5}, 10000},
      {"dram.channels", {1, 1, 2, 2, 3, 4, 7}},
      {"dram.bandwidth_bytes_per_cycle", {16, 64, 25.6, 3.5, 1, 0.75, 0.3, 100}},
      {"dram.latency_cycles", {0, 1, 2, 5, 20, 50, 133}},
      {"dram.ranks", {1, 2, 4, 8}},
      {"dram.page_timeout_cycles", {1, 5, 30, 200}},
      {"dram.refresh_postpone", {0, 1, 3, 8}},
      {"dram.power_down_after_cycles", {0, 1, 7, 40, 200}},
      {"global_buffer.capacity_bytes", {64, 131, 300, 1000, 4096, 4096, 131072}},
      {"global_buffer.word_bytes", {1, 2, 3, 4, 5, 8, 8, 16, 32, 64}},
      {"global_buffer.ports", {1, 1, 2, 2, 3, 5}},
      {"global_buffer.banks", {1, 2, 3, 4, 5, 8, 16}},
      {"global_buffer.max_burst_beats", {1, 2, 3, 5, 16, 64}},
      {"layout.block_channels", {1, 2, 3, 4, 5, 16}},
      {"chunks.pe_array.rows", {1, 2, 2, 3, 4, 5}},
      {"chunks.pe_array.cols", {1, 2, 2, 3, 4, 7}},
      {"chunks.register_file_words.input", {1, 2, 3, 5, 12, 25}},
      {"chunks.register_file_words.weight", {1, 2, 3, 7, 24, 224}},
      {"chunks.register_file_words.psum", {1, 2, 3, 5, 9, 24}},
      {"chunks.bits.input", {8, 8, 8, 2, 3, 5, 7, 12, 16}},
      {"chunks.bits.weight", {8, 8, 8, 2, 3, 5, 7, 12, 16}},
      {"chunks.bits.psum", {16, 16, 8, 11, 20, 24, 32}},
      {"chunks.bits.output", {8, 8, 8, 2, 3, 5, 7, 12, 16}},
      {"chunks.prefetch_fifo_bytes", {64, 100, 128, 192, 512}},
      {"chunks.dma_outstanding", {1, 2, 3, 5, 16}},
      // Refreshes of an idle DRAM are made one by one.
      {"chunks.config_cycles", {0, 0, 1, 13, 200}},
  };
  return table;
}

const Usual* usual_of(const std::string& path) {
  for (const Usual& usual : usual_values())
    if (path == usual.key) return &usual;
  return nullptr;
}

void add_keys(const Json& schema, const std::string& prefix, std::vector<MachineKey>& keys) {
  for (const auto& [key, property] : schema.at("properties").items()) {
    if (key == "extends" || key == "name" || key == "description") continue;
    const std::string path = prefix + key;
    if (property.contains("properties"))
      add_keys(property, path + ".", keys);
    else if (key == "chunks")
      add_keys(property.at("items"), path + ".", keys);
    else
      keys.push_back({path, &property});
  }
}

bool has_type(const Json& schema, const char* type) {
  const Json& types = schema.at("type");
  return types.is_array() ? std::find(types.begin(), types.end(), type) != types.end()
                          : types == type;
}

Json random_mapping_of_addresses(Rng& rng) {
  std::vector<std::string> fields = {"Ro", "Ra", "Ba", "Bg", "Co", "Ch"};
  std::string name;
  while (!fields.empty()) {
    const auto at = fields.begin() + static_cast<std::ptrdiff_t>(rng.below(fields.size()));
    name += *at;
    fields.erase(at);
  }
  return name;
}

Json random_text(Rng& rng, const std::string& path) {
  if (path == "dram.mapping") return one_in(rng, 4) ? "default" : random_mapping_of_addresses(rng);
  const std::vector<std::string> tables = energy_table_names();
  return tables[rng.below(tables.size())];
}

// A number of the whole range, of any size alike.
Json far_number(Rng& rng, double least, double most, bool whole) {
  const double span = std::log2(most - least + 1);
  const double exponent = span * static_cast<double>(rng.below(1001)) / 1000;
  const double value = std::min(most, least + std::exp2(exponent) - 1);
  if (whole) return static_cast<std::uint64_t>(std::floor(value));
  return std::max(least, std::round(value * 1000) / 1000);
}

Json random_number(Rng& rng, const MachineKey& key) {
  const Json& schema = *key.schema;
  const double least = schema.at("minimum").get<double>(),
               most = schema.at("maximum").get<double>();
  const Usual* usual = usual_of(key.path);
  if (one_in(rng, 16)) {
    const double far = usual != nullptr && usual->most > 0 ? usual->most : most;
    return far_number(rng, least, far, has_type(schema, "integer"));
  }
  std::vector<Json> values;
  if (usual != nullptr) {
    values = usual->values;
  } else {
    for (const std::uint64_t step : {0, 1, 2, 3, 4, 6, 10})
      if (least + static_cast<double>(step) <= most)
        values.push_back(schema.at("minimum").get<std::uint64_t>() + step);
  }
  return values[rng.below(values.size())];
}

Json random_value(Rng& rng, const MachineKey& key) {
  const Json& schema = *key.schema;
  if (schema.contains("enum")) return schema.at("enum")[rng.below(schema.at("enum").size())];
  if (has_type(schema, "boolean")) return one_in(rng, 2);
  if (has_type(schema, "array")) {
    Json list = Json::array();
    for (const Json& item : schema.at("items").at("enum"))
      if (one_in(rng, 2)) list.push_back(item);
    return list;
  }
  return has_type(schema, "integer") || has_type(schema, "number") ? random_number(rng, key)
                                                                   : random_text(rng, key.path);
}

// One machine: which keys depart from their defaults is decided by `departs`.
class Machine {
 public:
  Machine(Rng& rng, std::uint64_t seed) : rng_(rng) {
    document_["name"] = "random";
    document_["chunks"] = Json::array();
    std::uint64_t chunks = 1 + rng.below(3);
    const MachineKey& arithmetic = key_named("chunks.arithmetic");
    for (std::uint64_t c = 0; c < chunks; ++c) add_chunk(random_value(rng, arithmetic));
    if (one_in(rng, 2)) add_chunk("vector");
    fill_defaults(document_, parsed_arch_schema());
    if (seed % 3 == 0)
      one_alone(machine_keys()[seed / 3 % machine_keys().size()]);
    else
      depart();
  }

  Json document() && { return std::move(document_); }

 private:
  static const MachineKey& key_named(const std::string& path) {
    const auto& keys = machine_keys();
    return *std::find_if(keys.begin(), keys.end(),
                         [&](const MachineKey& key) { return key.path == path; });
  }

  void add_chunk(const Json& arithmetic) {
    Json& chunks = document_["chunks"];
    const std::string name = "chunk" + std::to_string(chunks.size());
    chunks.push_back({{"name", name}, {"arithmetic", arithmetic}, {"pe_array", Json::object()}});
    for (const char* side : {"rows", "cols"})
      chunks.back()["pe_array"][side] =
          random_value(rng_, key_named(std::string("chunks.pe_array.") + side));
  }

  // Of a chunk's key in every chunk.
  void set(const MachineKey& key, bool each_time) {
    if (!key.path.starts_with("chunks.")) {
      if (each_time || departs()) value_at(document_, key.path) = random_value(rng_, key);
      return;
    }
    for (Json& chunk : document_["chunks"])
      if (each_time || departs())
        value_at(chunk, key.path.substr(std::string("chunks.").size())) = random_value(rng_, key);
  }

  void one_alone(const MachineKey& key) {
    for (const KeyNeed* need : needs_of(key.path)) give(*need);
    if (key.path != "chunks.arithmetic") set(key, true);
  }
  void give(const KeyNeed& need) {
    const MachineKey& key = key_named(need.needs);
    for (int draws = 0; draws < 100 && !meets(need, document_); ++draws) set(key, true);
  }

  void depart() {
    share_ = std::uint64_t{1} << (2 * rng_.below(3));  // of all, of a quarter, of one in sixteen
    for (const MachineKey& key : machine_keys())
      if (key.path != "chunks.arithmetic") set(key, false);
  }
  bool departs() { return one_in(rng_, share_); }

  Rng& rng_;
  std::uint64_t share_ = 1;
  Json document_;
};

}  // namespace

const std::vector<MachineKey>& machine_keys() {
  static const std::vector<MachineKey> keys = [] {
    std::vector<MachineKey> all;
    add_keys(parsed_arch_schema(), "", all);
    return all;
  }();
  return keys;
}

Json random_machine(std::uint64_t seed) {
  Rng rng(seed);
  Json document = Machine(rng, seed).document();
  if (!one_in(rng, 24)) make_legal(document);
  return document;
}

void MachineCoverage::add(const Json& machine) {
  for (const MachineKey& key : machine_keys()) {
    const auto needs = needs_of(key.path);
    const auto holder_has_effect = [&](const Json& one) {
      return std::all_of(needs.begin(), needs.end(),
                         [&](const KeyNeed* need) { return meets(*need, machine, one); });
    };
    const auto note = [&](const Json& value) {
      if (!value.is_array()) seen_[key.path].insert(value.dump());
      for (const Json& item : value.is_array() ? value : Json::array())
        seen_[key.path].insert(item.dump());
    };
    if (!key.path.starts_with("chunks.")) {
      if (holder_has_effect(machine)) note(value_at(machine, key.path));
      continue;
    }
    for (const Json& chunk : machine.at("chunks"))
      if (holder_has_effect(chunk))
        note(value_at(chunk, key.path.substr(std::string("chunks.").size())));
  }
}

std::string MachineCoverage::missing() const {
  std::string text;
  const auto lacks = [&](const MachineKey& key, const std::string& what) {
    text += fmt::format("{}: {}\n", key.path, what);
  };
  for (const MachineKey& key : machine_keys()) {
    const auto found = seen_.find(key.path);
    const std::set<std::string> seen =
        found == seen_.end() ? std::set<std::string>{} : found->second;
    Json names = Json::array();
    if (key.schema->contains("enum")) names = key.schema->at("enum");
    if (has_type(*key.schema, "array")) names = key.schema->at("items").at("enum");
    if (has_type(*key.schema, "boolean")) names = {false, true};
    if (key.path == "energy_table") names = energy_table_names();
    for (const Json& name : names)
      if (!seen.contains(name.dump())) lacks(key, "never " + name.dump());
    if (names.empty() && seen.size() < 3)
      lacks(key, fmt::format("only {} different values", seen.size()));
  }
  return text;
}

}  // namespace chasm
