// docs/formats.md lists every key of the schema with its default, and every preset and table that
// ships.
#include <string>

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "models/arch/arch_spec.h"
#include "models/energy/energy_table.h"

namespace chasm {
namespace {

std::string formats() {
  Diagnostics diagnostics;
  const auto text = read_file(CHASM_DOCS "/formats.md", diagnostics);
  EXPECT_TRUE(text) << diagnostics.to_string();
  return text.value_or("");
}

void expect_rows(const Json& object, const std::string& prefix, const std::string& text) {
  for (const auto& [key, member] : object.at("properties").items()) {
    const std::string path = prefix + key;
    if (member.at("type") == "object") {
      expect_rows(member, path + ".", text);
    } else if (path == "chunks") {
      expect_rows(member.at("items"), "chunks[].", text);
    } else {
      std::string row = "| `" + path + "` | ";
      if (member.contains("default")) row += "`" + member.at("default").dump() + "` |";
      EXPECT_NE(text.find(row), std::string::npos) << row;
    }
  }
}

TEST(Formats, ListEveryKeyWithItsDefault) {
  expect_rows(Json::parse(arch_schema()), "", formats());
}

TEST(Formats, NameEveryPresetAndTable) {
  const std::string text = formats();
  for (const std::string& name : preset_names())
    EXPECT_NE(text.find("| `" + name + "` |"), std::string::npos) << name;
  for (const std::string& name : energy_table_names())
    EXPECT_NE(text.find("* `" + name + "`:"), std::string::npos) << name;
}

}  // namespace
}  // namespace chasm
