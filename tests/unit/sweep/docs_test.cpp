// docs/formats.md lists every key of a sweep with its default.
#include <gtest/gtest.h>

#include "base/files.h"
#include "sim/sweep/sweep_spec.h"

namespace chasm {
namespace {

void expect_rows(const Json& object, const std::string& prefix, const std::string& text) {
  for (const auto& [key, member] : object.at("properties").items()) {
    const std::string path = prefix + key;
    const bool list = member.at("type") == "array" && member.contains("items") &&
                      member.at("items").contains("properties") &&
                      member.at("items").at("type") == "object";
    if (member.at("type") == "object" && member.contains("properties")) {
      expect_rows(member, path + ".", text);
      continue;
    }
    std::string row = "| `" + path + "` | ";
    if (member.contains("default")) row += "`" + member.at("default").dump() + "` |";
    EXPECT_NE(text.find(row), std::string::npos) << row;
    if (list) expect_rows(member.at("items"), path + "[].", text);
  }
}

TEST(SweepFormat, EveryKeyIsDocumented) {
  Diagnostics problems;
  const auto text = read_file(CHASM_DOCS "/formats.md", problems);
  ASSERT_TRUE(text) << problems.to_string();
  expect_rows(Json::parse(sweep_schema()), "", *text);
}

}  // namespace
}  // namespace chasm
