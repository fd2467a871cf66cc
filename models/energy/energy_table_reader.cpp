// Energy tables from JSON: shipped ones and files.
#include <span>

#include <fmt/format.h>

#include "base/check.h"
#include "base/files.h"
#include "base/json.h"
#include "base/resource.h"
#include "models/energy/energy_table.h"

namespace chasm {

std::span<const Resource> energy_tables();
std::span<const Resource> energy_schemas();

namespace {

const Json& parsed_schema() {
  static const Json schema = [] {
    Diagnostics diagnostics;
    std::optional<Document> document =
        parse_json(energy_table_schema(), "energy_table.schema.json", diagnostics);
    CHECK(document.has_value(), "{}", diagnostics.to_string());
    return std::move(document->root);
  }();
  return schema;
}

// Takes a document that satisfies the schema; what is left to check is the order of points.
class Reader {
 public:
  Reader(const std::string& file, Diagnostics& diagnostics) : file_(file), out_(diagnostics) {}

  EnergyTableData table(const Json& root);

 private:
  using Data = EnergyTableData;

  static void note(const Json& entry, Data::Note& to) {
    to.node = entry.at("node").get<std::string>();
    to.source = entry.at("source").get<std::string>();
  }
  Curve curve(const Json& points, CurveLaw, const std::string& at);
  Data::Datapath datapath(const Json& entries, const std::string& at);
  Data::RegisterFile register_file(const Json&, const std::string& at);
  Data::Buffer buffer(const Json&, const std::string& at);
  Data::Area area(const Json&, const std::string& at);
  static CurveLaw law(const Json& entry);
  static Data::PerBit per_bit(const Json& entry);
  static void operations(const Json&, Data&);
  static void dram(const Json&, Data&);
  void entries_match_operations(const Data&);
  void units_match(const Data::Datapath&, const std::string& at, const Data&);

  const std::string& file_;
  Diagnostics& out_;
};

CurveLaw Reader::law(const Json& entry) {
  const std::string name = entry.at("law").get<std::string>();
  return name == "power" ? CurveLaw::power : name == "square" ? CurveLaw::square : CurveLaw::linear;
}

Curve Reader::curve(const Json& points, CurveLaw law, const std::string& at) {
  Curve curve{law, {}};
  for (std::size_t i = 0; i < points.size(); ++i) {
    const CurvePoint point{points[i].at(0).get<double>(), points[i].at(1).get<double>()};
    const std::string where = fmt::format("{}/{}", at, i);
    if (i > 0 && point.x <= curve.points.back().x)
      out_.error(file_, where,
                 fmt::format("{} does not lie above {} at {}/{}: points must ascend", point.x,
                             curve.points.back().x, at, i - 1));
    if (law == CurveLaw::power && (point.x <= 0 || point.y <= 0))
      out_.error(file_, where, "a point of a power law must be above 0 in both numbers");
    curve.points.push_back(point);
  }
  return curve;
}

EnergyTableData::Datapath Reader::datapath(const Json& entries, const std::string& at) {
  Data::Datapath result;
  for (std::size_t u = 0; u < kDatapathUnits; ++u) {
    const std::string name = to_string(static_cast<DatapathUnit>(u));
    if (!entries.contains(name)) continue;
    const Json& entry = entries.at(name);
    auto& to = result[u].emplace();
    note(entry, to);
    to.curve = curve(entry.at("by_bits"), law(entry), at + "/" + name + "/by_bits");
  }
  return result;
}

EnergyTableData::RegisterFile Reader::register_file(const Json& entry, const std::string& at) {
  Data::RegisterFile rf;
  note(entry, rf);
  rf.word_bits = entry.at("word_bits").get<double>();
  rf.read = curve(entry.at("read_by_words"), law(entry), at + "/read_by_words");
  rf.write = curve(entry.at("write_by_words"), law(entry), at + "/write_by_words");
  return rf;
}

EnergyTableData::Buffer Reader::buffer(const Json& entry, const std::string& at) {
  Data::Buffer result;
  note(entry, result);
  const Json& ports = entry.at("ports");
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::string where = fmt::format("{}/ports/{}", at, i);
    Data::Buffer::Port port;
    port.bits = ports[i].at("bits").get<double>();
    port.read = curve(ports[i].at("read_by_kib"), law(entry), where + "/read_by_kib");
    port.write = curve(ports[i].at("write_by_kib"), law(entry), where + "/write_by_kib");
    if (i > 0 && port.bits <= result.ports.back().bits)
      out_.error(file_, where + "/bits",
                 fmt::format("{} does not lie above {} at {}/ports/{}/bits: widths must ascend",
                             port.bits, result.ports.back().bits, at, i - 1));
    result.ports.push_back(std::move(port));
  }
  return result;
}

EnergyTableData::PerBit Reader::per_bit(const Json& entry) {
  Data::PerBit result;
  note(entry, result);
  result.value = entry.at("per_bit").get<double>();
  return result;
}

EnergyTableData::Area Reader::area(const Json& json, const std::string& at) {
  Data::Area area;
  area.datapath = datapath(json.at("datapath"), at + "/datapath");
  area.register_file_bit = per_bit(json.at("register_file"));
  const Json& buffer = json.at("global_buffer");
  note(buffer, area.buffer);
  area.buffer.curve = curve(buffer.at("by_kib"), law(buffer), at + "/global_buffer/by_kib");
  return area;
}

void Reader::operations(const Json& json, Data& data) {
  for (std::size_t o = 0; o < kPeOperations; ++o) {
    const std::string name = to_string(static_cast<PeOperation>(o));
    if (!json.contains(name)) continue;
    for (const Json& term : json.at(name))
      for (std::size_t u = 0; u < kDatapathUnits; ++u)
        if (term.at("unit") == to_string(static_cast<DatapathUnit>(u)))
          data.operations[o].push_back({static_cast<DatapathUnit>(u), term.at("width") == "psum"});
  }
}

void Reader::dram(const Json& json, Data& data) {
  for (const auto& [standard, entry] : json.items()) {
    Data::Dram& to = data.dram[standard];
    note(entry, to);
    to.read = entry.at("read").get<double>();
    to.write = entry.at("write").get<double>();
  }
}

// What an operation uses has an entry, and an entry is used: another would be taken for counted.
void Reader::units_match(const Data::Datapath& datapath, const std::string& at, const Data& data) {
  std::array<bool, kDatapathUnits> used{};
  for (std::size_t o = 0; o < kPeOperations; ++o)
    for (std::size_t i = 0; i < data.operations[o].size(); ++i) {
      const DatapathUnit unit = data.operations[o][i].unit;
      used[static_cast<std::size_t>(unit)] = true;
      if (!datapath[static_cast<std::size_t>(unit)])
        out_.error(file_,
                   fmt::format("/operations/{}/{}/unit", to_string(static_cast<PeOperation>(o)), i),
                   fmt::format("uses \"{0}\", but there is no entry {1}/{0}", to_string(unit), at));
    }
  for (std::size_t u = 0; u < kDatapathUnits; ++u)
    if (datapath[u] && !used[u])
      out_.error(file_, fmt::format("{}/{}", at, to_string(static_cast<DatapathUnit>(u))),
                 "no operation uses this entry", "name it in /operations, or leave the entry out");
}

void Reader::entries_match_operations(const Data& data) {
  units_match(data.datapath, "/energy/datapath", data);
  if (data.area) units_match(data.area->datapath, "/area/datapath", data);
}

EnergyTableData Reader::table(const Json& root) {
  Data data;
  data.name = root.at("name").get<std::string>();
  data.description = root.at("description").get<std::string>();
  const Json& energy = root.at("energy");
  operations(root.at("operations"), data);
  data.datapath = datapath(energy.at("datapath"), "/energy/datapath");
  data.register_file = register_file(energy.at("register_file"), "/energy/register_file");
  data.bus = per_bit(energy.at("bus"));
  data.neighbour = per_bit(energy.at("neighbour"));
  data.buffer = buffer(energy.at("global_buffer"), "/energy/global_buffer");
  dram(energy.at("dram"), data);
  const Json& leakage = energy.at("leakage");
  note(leakage, data.leakage);
  data.leakage.buffer_uw_per_kib = leakage.at("global_buffer_per_kib").get<double>();
  data.leakage.fixed_uw = leakage.at("fixed").get<double>();
  const Json& clock = energy.at("clock");
  note(clock, data.clock);
  data.clock.per_pe = clock.at("per_pe").get<double>();
  data.clock.fixed = clock.at("fixed").get<double>();
  if (root.contains("area")) data.area = area(root.at("area"), "/area");
  entries_match_operations(data);
  return data;
}

}  // namespace

std::vector<std::string> energy_table_names() {
  std::vector<std::string> names;
  for (const Resource& table : energy_tables()) names.emplace_back(table.name);
  return names;
}

std::string_view energy_table_text(std::string_view name) {
  const Resource* table = find_resource(energy_tables(), name);
  return table == nullptr ? std::string_view() : table->text;
}

std::string energy_table_content(const std::string& name_or_path) {
  if (const std::string_view shipped = energy_table_text(name_or_path); !shipped.empty())
    return std::string(shipped);
  Diagnostics unread;  // whoever needs the table says why it cannot be read
  return read_file(name_or_path, unread).value_or("");
}

std::string_view energy_table_schema() {
  const Resource* schema = find_resource(energy_schemas(), "energy_table.schema");
  CHECK(schema != nullptr, "energy_table.schema.json is not compiled in");
  return schema->text;
}

const ShippedDocuments& shipped_energy_tables() {
  static constexpr ShippedDocuments kTables{"energy table", "energy-tables", energy_table_names,
                                            energy_table_text};
  return kTables;
}

std::optional<EnergyTable> load_energy_table(const std::string& name_or_path,
                                             Diagnostics& diagnostics) {
  const std::optional<Document> document =
      load_named_document(name_or_path, shipped_energy_tables(), diagnostics);
  if (!document || !validate_schema(document->root, document->file, parsed_schema(), diagnostics))
    return std::nullopt;
  const std::size_t before = diagnostics.error_count();
  EnergyTableData data = Reader(document->file, diagnostics).table(document->root);
  if (diagnostics.error_count() != before) return std::nullopt;
  return EnergyTable(std::move(data));
}

}  // namespace chasm
