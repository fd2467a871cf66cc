#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/json.h"

namespace chasm {
namespace {

// In the manner of the project's own schemas.
const char* const kSchema = R"({
  "type": "object", "additionalProperties": false, "required": ["name", "chunks"],
  "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 8},
    "clock_mhz": {"type": "number", "exclusiveMinimum": 0, "maximum": 10000, "unit": "MHz"},
    "seed": {"type": "integer", "minimum": 0},
    "mode": {"enum": ["multicast", "systolic"]},
    "power": {"enum": [1, 2, 4]},
    "version": {"const": 1},
    "even": {"type": "integer", "multipleOf": 2},
    "id": {"type": "string", "pattern": "^[a-z]+$", "description": "lower-case letters"},
    "pair": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2, "description": "[rows, columns]"},
    "list": {"type": "array", "minItems": 1},
    "loop": {"type": "array", "items": [{"enum": ["K", "C"]}, {"type": "integer", "minimum": 1}], "additionalItems": false},
    "bits": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
    "by_name": {"type": "object", "patternProperties": {"^x": {"type": "boolean"}}, "additionalProperties": false},
    "words": {"type": "object", "propertyNames": {"maxLength": 3}},
    "either": {"anyOf": [{"type": "integer", "minimum": 1}, {"enum": ["all", "none"], "type": "string"}]},
    "shape": {"oneOf": [{"$ref": "#/definitions/circle"}, {"$ref": "#/definitions/box"}]},
    "small": {"type": "integer", "not": {"const": 13, "description": "13 is unlucky"}},
    "dram": {"type": "object", "properties": {"standard": {"type": "string"}, "latency": {"type": "integer"}},
             "if": {"properties": {"standard": {"const": "ideal"}}}, "then": {"required": ["latency"]}},
    "chunks": {"type": "array", "items": {"$ref": "#/definitions/chunk"}}
  },
  "definitions": {
    "chunk": {"type": "object", "additionalProperties": false, "required": ["rows"],
              "properties": {"rows": {"type": "integer", "minimum": 1, "maximum": 4096, "description": "PE rows"},
                             "cols": {"type": "integer", "minimum": 1}, "a/b~c": {"type": "boolean"}}},
    "circle": {"type": "object", "properties": {"kind": {"const": "circle"}, "radius": {"type": "number", "minimum": 0}},
               "required": ["kind", "radius"], "additionalProperties": false},
    "box": {"type": "object", "properties": {"kind": {"const": "box"}, "width": {"type": "number"}},
            "required": ["kind", "width"], "additionalProperties": false}
  }})";

// Everything said about a document that has these keys besides the required ones.
std::vector<std::string> complaints(const std::string& keys, const std::string& chunks = "[]") {
  Diagnostics diagnostics;
  const auto schema = parse_json(kSchema, "schema", diagnostics);
  const auto document = parse_json(
      "{\"name\": \"n\", \"chunks\": " + chunks + (keys.empty() ? "" : ", ") + keys + "}", "f",
      diagnostics);
  EXPECT_TRUE(schema && document) << diagnostics.to_string();
  const bool valid = validate_schema(document->root, "f", schema->root, diagnostics);
  EXPECT_EQ(valid, diagnostics.ok());
  std::vector<std::string> lines;
  for (const Diagnostic& diagnostic : diagnostics.all()) lines.push_back(to_string(diagnostic));
  return lines;
}

using Lines = std::vector<std::string>;

TEST(Schema, AcceptsWhatFits) {
  EXPECT_EQ(
      complaints(
          R"("clock_mhz": 250, "seed": 18446744073709551615, "mode": "systolic", "power": 4, "pair": [3, 3],
                          "list": [null], "loop": ["K", 3], "bits": {"any": 1}, "by_name": {"x1": true}, "either": "all",
                          "shape": {"kind": "box", "width": 1.5}, "small": 12, "dram": {"standard": "DDR4-2400"},
                          "version": 1, "even": 4, "id": "abc", "words": {"abc": 1})",
          R"([{"rows": 12, "cols": 1, "a/b~c": true}])"),
      Lines{});
}

TEST(Schema, AnUnknownKeyIsNamedAtItsObjectWithTheNearestKnown) {
  EXPECT_EQ(complaints("", R"([{"rows": 1}, {"rows": 1, "col": 3}])"),
            Lines{"f: /chunks/1: error: unknown key \"col\"; did you mean \"cols\"?"});
}

TEST(Schema, AMisspeltRequiredKeyIsOneCause) {
  EXPECT_EQ(complaints("", R"([{"row": 3}])"),
            Lines{"f: /chunks/0: error: unknown key \"row\"; did you mean \"rows\"?"});
}

TEST(Schema, AMissingKeySaysWhatItIs) {
  EXPECT_EQ(complaints("", R"([{}])"),
            Lines{"f: /chunks/0: error: missing key \"rows\"; PE rows (1 to 4096)"});
}

TEST(Schema, WrongTypesSayWhatIsAndWhatIsExpected) {
  EXPECT_EQ(complaints(R"("seed": "12")"),
            Lines{"f: /seed: error: is the string \"12\"; expected an integer (at least 0); write "
                  "12 without quotes"});
  EXPECT_EQ(complaints(R"("seed": 16.0)"),
            Lines{"f: /seed: error: is 16.0; expected an integer (at least 0); write 16"});
  EXPECT_EQ(complaints(R"("seed": 1.5)"),
            Lines{"f: /seed: error: is 1.5; expected an integer (at least 0)"});
  EXPECT_EQ(complaints(R"("seed": 1e300)"),
            Lines{"f: /seed: error: is 1e+300; expected an integer (at least 0)"});
  EXPECT_EQ(complaints(R"("seed": null)"),
            Lines{"f: /seed: error: is null; expected an integer (at least 0)"});
  EXPECT_EQ(complaints(R"("seed": {"a": 1})"),
            Lines{"f: /seed: error: is an object; expected an integer (at least 0)"});
  EXPECT_EQ(complaints(R"("pair": 3)"),
            Lines{"f: /pair: error: is 3; expected an array; put it in [ ]"});
  EXPECT_EQ(complaints("", "{}"), Lines{"f: /chunks: error: is an object; expected an array"});
  EXPECT_EQ(complaints("", "[true]"), Lines{"f: /chunks/0: error: is true; expected an object"});
}

TEST(Schema, RangesAreToldWithTheirUnit) {
  EXPECT_EQ(
      complaints(R"("clock_mhz": 0)"),
      Lines{"f: /clock_mhz: error: 0 is out of range: allowed is above 0, at most 10000 MHz"});
  EXPECT_EQ(
      complaints(R"("clock_mhz": 1e300)"),
      Lines{"f: /clock_mhz: error: 1e+300 is out of range: allowed is above 0, at most 10000 MHz"});
  EXPECT_EQ(complaints(R"("seed": -1)"),
            Lines{"f: /seed: error: -1 is out of range: allowed is at least 0"});
  EXPECT_EQ(complaints("", R"([{"rows": 0}])"),
            Lines{"f: /chunks/0/rows: error: 0 is out of range: allowed is 1 to 4096"});
  EXPECT_EQ(
      complaints("", R"([{"rows": 18446744073709551615}])"),
      Lines{
          "f: /chunks/0/rows: error: 18446744073709551615 is out of range: allowed is 1 to 4096"});
  EXPECT_EQ(complaints(R"("even": 3)"), Lines{"f: /even: error: 3 is not a multiple of 2"});
}

TEST(Schema, ChoicesNameTheNearestOrAll) {
  EXPECT_EQ(complaints(R"("mode": "multicats")"),
            Lines{"f: /mode: error: unknown value \"multicats\"; did you mean \"multicast\"?"});
  EXPECT_EQ(
      complaints(R"("mode": "ring")"),
      Lines{
          "f: /mode: error: unknown value \"ring\"; expected one of \"multicast\", \"systolic\""});
  EXPECT_EQ(complaints(R"("power": 3)"), Lines{"f: /power: error: is 3; expected one of 1, 2, 4"});
  EXPECT_EQ(complaints(R"("version": 2)"), Lines{"f: /version: error: is 2; expected 1"});
}

TEST(Schema, Strings) {
  EXPECT_EQ(complaints(R"("id": "ABC")"),
            Lines{"f: /id: error: \"ABC\" has the wrong form; expected: lower-case letters"});
  EXPECT_EQ(complaints(R"("id": ")" + std::string(5000, 'a') + "\""),
            Lines{"f: /id: error: the string has 5000 bytes; the longest allowed has 4096"});
  EXPECT_EQ(complaints(R"("words": {"abcd": 1})"),
            Lines{"f: /words/abcd: error: \"abcd\" is longer than 3 characters"});
}

TEST(Schema, Arrays) {
  EXPECT_EQ(complaints(R"("pair": [1])"),
            Lines{"f: /pair: error: has 1 element; expected 2; [rows, columns]"});
  EXPECT_EQ(complaints(R"("list": [])"),
            Lines{"f: /list: error: has 0 elements; expected at least 1"});
  EXPECT_EQ(complaints(R"("loop": ["Q", 0, 1])"),
            (Lines{"f: /loop/0: error: unknown value \"Q\"; expected one of \"K\", \"C\"",
                   "f: /loop/1: error: 0 is out of range: allowed is at least 1",
                   "f: /loop/2: error: not allowed here"}));
}

TEST(Schema, EveryProblemAtOnceInTheOrderOfTheFile) {
  EXPECT_EQ(complaints(R"("seed": -1, "mode": 3, "clok_mhz": 1)", R"([{"rows": 0}, {"cols": 1}])"),
            (Lines{"f: /chunks/0/rows: error: 0 is out of range: allowed is 1 to 4096",
                   "f: /chunks/1: error: missing key \"rows\"; PE rows (1 to 4096)",
                   "f: /seed: error: -1 is out of range: allowed is at least 0",
                   "f: /mode: error: is 3; expected one of \"multicast\", \"systolic\"",
                   "f: error: unknown key \"clok_mhz\"; did you mean \"clock_mhz\"?"}));
}

TEST(Schema, PointersEscapeSlashAndTilde) {
  EXPECT_EQ(complaints("", R"([{"rows": 1, "a/b~c": 1}])"),
            Lines{"f: /chunks/0/a~1b~0c: error: is 1; expected true or false"});
}

TEST(Schema, OpenObjects) {
  EXPECT_EQ(complaints(R"("bits": {"input": 0})"),
            Lines{"f: /bits/input: error: 0 is out of range: allowed is at least 1"});
  EXPECT_EQ(complaints(R"("by_name": {"x1": 1, "y": true})"),
            (Lines{"f: /by_name/x1: error: is 1; expected true or false",
                   "f: /by_name: error: unknown key \"y\""}));
}

TEST(Schema, AlternativesTellOfTheOneThatWasMeant) {
  EXPECT_EQ(complaints(R"("either": 0)"),
            Lines{"f: /either: error: 0 is out of range: allowed is at least 1"});
  EXPECT_EQ(complaints(R"("either": "al")"),
            Lines{"f: /either: error: unknown value \"al\"; did you mean \"all\"?"});
  EXPECT_EQ(complaints(R"("either": true)"),
            Lines{"f: /either: error: is true; expected an integer or a string"});
  EXPECT_EQ(complaints(R"("shape": {"kind": "circle", "radius": -1})"),
            Lines{"f: /shape/radius: error: -1 is out of range: allowed is at least 0"});
  EXPECT_EQ(complaints(R"("shape": {"kind": "circel", "radius": 1})"),
            Lines{"f: /shape/kind: error: unknown value \"circel\"; did you mean \"circle\"?"});
  EXPECT_EQ(complaints(R"("shape": {"width": 1})"),
            Lines{"f: /shape: error: missing key \"kind\""});
}

TEST(Schema, ConditionsAndExceptions) {
  EXPECT_EQ(complaints(R"("dram": {"standard": "ideal"})"),
            Lines{"f: /dram: error: missing key \"latency\""});
  EXPECT_EQ(complaints(R"("small": 13)"), Lines{"f: /small: error: 13 is unlucky"});
}

TEST(Schema, TheDocumentItselfMayBeOfTheWrongType) {
  Diagnostics diagnostics;
  const auto schema = parse_json(kSchema, "schema", diagnostics);
  EXPECT_FALSE(validate_schema(Json(3), "f", schema->root, diagnostics));
  EXPECT_EQ(diagnostics.to_string(), "f: error: is 3; expected an object\n");
}

TEST(Schema, BytesThatAreNoTextDoNotCrash) {
  Diagnostics diagnostics;
  const auto schema = parse_json(kSchema, "schema", diagnostics);
  EXPECT_FALSE(validate_schema(Json{{"name", "n"}, {"chunks", Json::array()}, {"mode", "\xff"}},
                               "f", schema->root, diagnostics));
}

TEST(SchemaDeathTest, AReferenceToNothingIsOurBug) {
  Diagnostics diagnostics;
  EXPECT_EXIT(validate_schema(Json(3), "f", Json{{"$ref", "#/definitions/none"}}, diagnostics),
              testing::ExitedWithCode(70), "schema");
}

// A long text is refused at its place, and nothing else goes unseen for it.
TEST(Schema, ALongTextHidesNothing) {
  const std::string text(5000, 'a');
  Diagnostics problems;
  const auto schema = parse_json(kSchema, "schema", problems);
  Json value = {{"name", text}, {"mode", "ring"}};
  value[std::string(4097, 'k')] = 1;
  EXPECT_FALSE(validate_schema(value, "f", schema->root, problems));
  const std::string told = problems.to_string();
  for (const char* part : {"f: /name: error: the string has 5000 bytes", "f: error: a key has 4097",
                           "unknown value \"ring\"", "missing key \"chunks\"", "unknown key"})
    EXPECT_NE(told.find(part), std::string::npos) << part << "\n" << told.substr(0, 2000);
}

// Cut or not, a text of many bytes a character stays text.
TEST(Schema, LongTextsAreCutBetweenCharacters) {
  for (const std::size_t before : {0u, 1u, 2u, 3u}) {
    std::string text(before, 'x');
    while (text.size() <= 4096) text += "\u5c42";
    Diagnostics problems;
    EXPECT_FALSE(validate_schema(Json(text), "f", Json{{"type", "integer"}}, problems));
    EXPECT_EQ(problems.error_count(), 2u) << problems.to_string();
  }
}

}  // namespace
}  // namespace chasm
