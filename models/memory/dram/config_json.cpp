// DRAM configurations from JSON: shipped ones and files, "extends" and changes merged.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>
#include <utility>

#include "base/check.h"
#include "base/named_document.h"
#include "base/resource.h"
#include "models/memory/dram/config_check.h"
#include "models/memory/dram/dram_config.h"

namespace chasm {

std::span<const Resource> dram_standards();
std::span<const Resource> dram_schemas();

namespace {

constexpr int kLongestChain = 8;  // of "extends"

const Json& parsed_schema() {
  static const Json schema = [] {
    Diagnostics diagnostics;
    std::optional<Document> document = parse_json(dram_schema(), "dram.schema.json", diagnostics);
    CHECK(document.has_value(), "{}", diagnostics.to_string());
    return std::move(document->root);
  }();
  return schema;
}

// A number, or one with its source: {"value": 16, "source": "..."}.
double number(const Json& value) {
  return value.is_object() ? value.at("value").get<double>() : value.get<double>();
}
std::uint32_t whole(const Json& value) { return static_cast<std::uint32_t>(number(value)); }

// Takes a full document that satisfies the schema.
class Reader {
 public:
  DramConfig read(const Json& root) {
    config_.name = root.at("name").get<std::string>();
    config_.description = root.value("description", "");
    config_.clock_hz =
        static_cast<std::uint64_t>(std::llround(root.at("clock_mhz").get<double>() * 1e6));
    organisation(root.at("organisation"));
    if (root.contains("command_cycles")) command_cycles(root.at("command_cycles"));
    timing(root.at("timing"));
    power(root.at("power"));
    const Json& mapping = root.at("mapping");
    config_.mapping = mapping.is_string() ? mapping.get<std::string>() : mapping.dump();
    if (root.contains("controller")) controller(root.at("controller"));
    return std::move(config_);
  }

 private:
  static void take(const Json& from, const char* key, std::uint32_t& to) {
    if (from.contains(key)) to = whole(from.at(key));
  }
  template <class Enum>
  static void take(const Json& from, const char* key, Enum& to,
                   std::initializer_list<std::pair<const char*, Enum>> names) {
    if (!from.contains(key)) return;
    for (const auto& [name, value] : names)
      if (from.at(key) == name) to = value;
  }

  void organisation(const Json& from) {
    DramOrganisation& o = config_.organisation;
    take(from, "channels", o.channels);
    take(from, "ranks", o.ranks);
    take(from, "bank_groups", o.bank_groups);
    take(from, "banks_per_group", o.banks_per_group);
    take(from, "rows", o.rows);
    take(from, "columns", o.columns);
    take(from, "bus_bits", o.bus_bits);
    take(from, "devices_per_rank", o.devices_per_rank);
    take(from, "burst_length", o.burst_length);
  }

  void command_cycles(const Json& from) {
    take(from, "activate", config_.command_cycles.activate);
    take(from, "column", config_.command_cycles.column);
    take(from, "row", config_.command_cycles.row);
  }

  void timing(const Json& from) {
    DramTiming& t = config_.timing;
    const std::pair<const char*, std::uint32_t*> fields[] = {
        {"nBL", &t.nBL},       {"nCL", &t.nCL},       {"nCWL", &t.nCWL},
        {"nRCD", &t.nRCD},     {"nRP", &t.nRP},       {"nRAS", &t.nRAS},
        {"nRC", &t.nRC},       {"nRRD_S", &t.nRRD_S}, {"nRRD_L", &t.nRRD_L},
        {"nFAW", &t.nFAW},     {"nCCD_S", &t.nCCD_S}, {"nCCD_L", &t.nCCD_L},
        {"nWR", &t.nWR},       {"nWTR_S", &t.nWTR_S}, {"nWTR_L", &t.nWTR_L},
        {"nRTP", &t.nRTP},     {"nRTW", &t.nRTW},     {"nRTRS", &t.nRTRS},
        {"nREFI", &t.nREFI},   {"nRFC", &t.nRFC},     {"nREFIpb", &t.nREFIpb},
        {"nRFCpb", &t.nRFCpb}, {"nPPD", &t.nPPD},     {"nDQSCK", &t.nDQSCK},
        {"nDQSS", &t.nDQSS},   {"nXP", &t.nXP},       {"nCKE", &t.nCKE}};
    for (const auto& [key, field] : fields) take(from, key, *field);
    t.nRCDWR = t.nRCD;
    t.nRPab = t.nRP;
    take(from, "nRCDWR", t.nRCDWR);
    take(from, "nRPab", t.nRPab);
  }

  void power(const Json& from) {
    for (const Json& item : from.at("rails")) {
      const auto mA = [&](const char* key) { return item.value(key, 0.0); };
      config_.power.rails.push_back({item.at("name").get<std::string>(),
                                     item.at("source").get<std::string>(),
                                     item.at("volts").get<double>(), mA("IDD0_mA"), mA("IDD2N_mA"),
                                     mA("IDD2P_mA"), mA("IDD3N_mA"), mA("IDD3P_mA"), mA("IDD4R_mA"),
                                     mA("IDD4W_mA"), mA("IDD5B_mA"), mA("IDD5PB_mA")});
    }
    const Json& read = from.at("io_read_pj_per_bit");
    config_.power.io_read_pj_per_bit = number(read);
    config_.power.io_write_pj_per_bit = number(from.at("io_write_pj_per_bit"));
    config_.power.io_source = read.is_object() ? read.value("source", "") : "";
  }

  void controller(const Json& from) {
    DramControllerSpec& c = config_.controller;
    take(from, "scheduler", c.scheduler,
         {{"fr-fcfs", DramScheduler::fr_fcfs}, {"fcfs", DramScheduler::fcfs}});
    take(from, "page_policy", c.page_policy,
         {{"open", DramPagePolicy::open},
          {"closed", DramPagePolicy::closed},
          {"timeout", DramPagePolicy::timeout}});
    take(from, "writes", c.writes,
         {{"watermark", DramWrites::watermark}, {"unified", DramWrites::unified}});
    take(from, "refresh", c.refresh,
         {{"all-bank", DramRefresh::all_bank},
          {"per-bank", DramRefresh::per_bank},
          {"none", DramRefresh::none}});
    take(from, "page_timeout", c.page_timeout);
    take(from, "read_queue", c.read_queue);
    take(from, "write_queue", c.write_queue);
    take(from, "write_high", c.write_high);
    take(from, "write_low", c.write_low);
    take(from, "refresh_postpone", c.refresh_postpone);
    take(from, "power_down_after", c.power_down_after);
    take(from, "row_hit_limit", c.row_hit_limit);
    take(from, "write_age_limit", c.write_age_limit);
  }

  DramConfig config_;
};

std::optional<Document> read_document(const std::string& name, Diagnostics& diagnostics) {
  static constexpr ShippedDocuments kStandards{"DRAM", "drams", dram_names, dram_text};
  return load_named_document(name, kStandards, diagnostics);
}

// The document with its "extends" merged. A relative path is meant from the document's folder.
std::optional<Document> read_merged(const std::string& name, int chain, Diagnostics& diagnostics) {
  std::optional<Document> document = read_document(name, diagnostics);
  if (!document || !document->root.is_object() || !document->root.contains("extends"))
    return document;
  const Json extends = document->root.at("extends");
  if (!extends.is_string() || chain == kLongestChain) {
    diagnostics.error(document->file, "/extends",
                      extends.is_string()
                          ? "\"extends\" leads in a circle, or too far"
                          : "must be the name or path of another DRAM, as a string");
    return std::nullopt;
  }
  std::string base_name = extends.get<std::string>();
  if (dram_text(base_name).empty() && !std::filesystem::path(base_name).is_absolute() &&
      looks_like_path(base_name))
    base_name = (std::filesystem::path(name).parent_path() / base_name).string();
  std::optional<Document> base = read_merged(base_name, chain + 1, diagnostics);
  if (!base) return std::nullopt;
  if (!base->root.is_object()) return Document{base_name, base->root};
  document->root.erase("extends");
  base->root.merge_patch(document->root);
  return Document{document->file, std::move(base->root)};
}

}  // namespace

std::optional<DramConfig> load_dram(const std::string& name_or_path, const Json& changes,
                                    const std::string& changes_name, Diagnostics& diagnostics) {
  std::optional<Document> document = read_merged(name_or_path, 0, diagnostics);
  if (!document) return std::nullopt;
  if (!validate_schema(document->root, document->file, parsed_schema(), diagnostics))
    return std::nullopt;
  std::string file = document->file;
  if (changes.is_object() && !changes.empty()) {
    file = changes_name;
    document->root.merge_patch(changes);
    if (!validate_schema(document->root, file, parsed_schema(), diagnostics)) return std::nullopt;
  }
  DramConfig config = Reader().read(document->root);
  if (!check_dram(config, file, diagnostics)) return std::nullopt;
  return config;
}

std::vector<std::string> dram_names() {
  std::vector<std::string> names;
  for (const Resource& standard : dram_standards()) names.emplace_back(standard.name);
  return names;
}

std::string_view dram_text(std::string_view name) {
  const Resource* standard = find_resource(dram_standards(), name);
  return standard == nullptr ? std::string_view() : standard->text;
}

std::string_view dram_schema() {
  const Resource* schema = find_resource(dram_schemas(), "dram.schema");
  CHECK(schema != nullptr, "dram.schema.json is not compiled in");
  return schema->text;
}

}  // namespace chasm
