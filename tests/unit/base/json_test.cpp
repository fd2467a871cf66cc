#include "base/json.h"

#include <ostream>

#include <gtest/gtest.h>

namespace chasm {
namespace {

// The one diagnostic of a text that must not parse.
std::string refusal(std::string_view text) {
  Diagnostics diagnostics;
  EXPECT_FALSE(parse_json(text, "f", diagnostics));
  EXPECT_EQ(diagnostics.all().size(), 1U);
  return diagnostics.all().empty() ? "" : to_string(diagnostics.all()[0]);
}

Json accepted(std::string_view text) {
  Diagnostics diagnostics;
  const auto document = parse_json(text, "f", diagnostics);
  EXPECT_TRUE(document) << diagnostics.to_string();
  return document ? document->root : Json();
}

TEST(Json, KeepsTheOrderOfKeysAndExactIntegers) {
  const Json json =
      accepted(R"({"z": 18446744073709551615, "a": -1, "m": [1.5, "é", null, true]})");
  EXPECT_EQ(json.dump(), R"({"z":18446744073709551615,"a":-1,"m":[1.5,"é",null,true]})");
}

TEST(Json, AllowsComments) { EXPECT_EQ(accepted("// one\n{\"a\": /* two */ 1}")["a"], 1); }

TEST(Json, EmptyTexts) {
  EXPECT_EQ(refusal(""), "f: error: the file is empty; a JSON object is expected");
  EXPECT_EQ(refusal(" \n\t"), "f: error: the file is empty; a JSON object is expected");
  EXPECT_EQ(refusal("// only a comment\n"), "f: 2:1: error: the text ends inside a value");
}

TEST(Json, TruncatedTextsNameWhatIsOpen) {
  EXPECT_EQ(refusal("{\"a\": [1,\n  {\"b\": 2"),
            "f: 2:10: error: the text ends inside the object that began at 2:3");
  EXPECT_EQ(refusal("{\"a\": [1, 2"),
            "f: 1:12: error: the text ends inside the array that began at 1:7");
  EXPECT_EQ(refusal("{\"a"), "f: 1:4: error: the text ends inside a string");
}

TEST(Json, EveryPrefixOfADocumentIsRefusedWithOneDiagnostic) {
  const std::string text = R"({"a": [1.5e3, {"b": "é\n"}, null, true], "c": -2})";
  for (std::size_t n = 0; n < text.size(); ++n) EXPECT_NE(refusal(text.substr(0, n)), "") << n;
}

TEST(Json, DuplicateKeysAreRefusedAtTheSecond) {
  EXPECT_EQ(refusal("{\"a\": 1,\n \"b\": {\"a\": 2},\n  \"a\": 3}"),
            "f: 3:3: error: duplicate key \"a\"");
  EXPECT_EQ(refusal(R"({"q\"": 1, "q\"": 2})"), "f: 1:12: error: duplicate key \"q\\\"\"");
  EXPECT_EQ(refusal(R"({"": 1, "": 2})"), "f: 1:9: error: duplicate key \"\"");
}

TEST(Json, NumbersThatAreNone) {
  EXPECT_EQ(refusal("{\"a\": NaN}"), "f: 1:7: error: NaN is not a number in JSON");
  EXPECT_EQ(refusal("{\"a\": -Infinity}"), "f: 1:7: error: -Infinity is not a number in JSON");
  EXPECT_EQ(refusal("[1e999]"),
            "f: 1:2: error: the number 1e999 is too large; the largest is about 1.8e308");
  EXPECT_EQ(refusal("[-1e999]"),
            "f: 1:2: error: the number -1e999 is too large; the largest is about 1.8e308");
  EXPECT_EQ(accepted("[1e300]")[0], 1e300);
}

TEST(Json, CommonSlipsGetAHint) {
  EXPECT_EQ(refusal("{\"a\": 1,}"),
            "f: 1:9: error: '}' follows a comma; remove the comma, or add what it announces");
  EXPECT_EQ(refusal("[1, 2,\n]"),
            "f: 2:1: error: ']' follows a comma; remove the comma, or add what it announces");
  EXPECT_EQ(refusal("{\"a\": True}"), "f: 1:7: error: unknown word True; did you mean true?");
  EXPECT_EQ(refusal("{\"a\": None}"), "f: 1:7: error: unknown word None; did you mean null?");
  EXPECT_EQ(refusal("{'a': 1}"), "f: 1:2: error: unexpected '; strings stand in double quotes");
  EXPECT_EQ(refusal("{a: 1}"), "f: 1:2: error: unknown word a; strings stand in double quotes");
}

TEST(Json, TextAfterTheDocumentIsRefused) {
  EXPECT_EQ(refusal("{} {}"), "f: 1:4: error: unexpected '{'; expected end of input");
  EXPECT_EQ(refusal("{\"a\" 1}"), "f: 1:6: error: unexpected number literal; expected ':'");
}

TEST(Json, NestingHasALimit) {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  accepted(nested(100));
  EXPECT_EQ(refusal(nested(101)), "f: 1:101: error: nested more than 100 levels deep");
  EXPECT_EQ(refusal(std::string(5'000'000, '[')),
            "f: 1:101: error: nested more than 100 levels deep");
}

TEST(Json, BinaryTextsNameTheirFirstBadByte) {
  using namespace std::string_view_literals;
  EXPECT_EQ(refusal("\x7f"
                    "ELF\x02\x00\x01"sv),
            "f: 1:6: error: not a text file: byte 0x00 at offset 5 is not UTF-8");
  EXPECT_EQ(refusal("{\"a\": \"\xff\"}"),
            "f: 1:8: error: not a text file: byte 0xff at offset 7 is not UTF-8");
  for (const std::string_view bad :
       {"\x80"sv, "\xc0\xaf"sv, "\xe0\x80\xaf"sv, "\xed\xa0\x80"sv, "\xf5\x80\x80\x80"sv,
        "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xe2\x82"sv, "\xc3"sv, "\xc3("sv})
    EXPECT_NE(refusal("\"" + std::string(bad) + "\"").find("not a text file"), std::string::npos);
  EXPECT_EQ(accepted("[\"é€😀\"]")[0], "é€😀");
}

TEST(Json, ColumnsCountCharacters) {
  EXPECT_EQ(refusal("[\"é€😀\" x]"),
            "f: 1:8: error: unknown word x; strings stand in double quotes");
}

TEST(Json, MissingFileIsADiagnostic) {
  Diagnostics diagnostics;
  EXPECT_FALSE(read_json_file("/nowhere/at/all.json", diagnostics));
  EXPECT_EQ(diagnostics.to_string(),
            "/nowhere/at/all.json: error: cannot read the file: No such file or directory\n");
}

// Time grows with the text, not with the square of its keys: the latter would take many minutes
// here.
TEST(Json, ManyKeysAreReadAsFastAsFew) {
  constexpr std::size_t kKeys = 600'000;
  std::string text = "{";
  for (std::size_t i = 0; i < kKeys; ++i) text += "\"" + std::to_string(i) + "\":0,";
  text.back() = '}';
  Diagnostics problems;
  const auto document = parse_json(text, "f", problems);
  ASSERT_TRUE(document) << problems.to_string();
  EXPECT_EQ(document->root.size(), kKeys);
  EXPECT_EQ(document->root.begin().key(), "0");
  EXPECT_EQ(std::prev(document->root.end()).key(), std::to_string(kKeys - 1));
}

TEST(Json, PointersEscapeTheirKeys) {
  EXPECT_EQ(child_pointer("/a", "b/c~d"), "/a/b~1c~0d");
  EXPECT_EQ(child_pointer("", std::size_t{3}), "/3");
}

}  // namespace
}  // namespace chasm
