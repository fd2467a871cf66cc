#include "base/named_document.h"

#include <gtest/gtest.h>

#include "base/suggest.h"

namespace chasm {
namespace {

std::vector<std::string> names() { return {"toy_all", "toy_mixed", "resnet18", "resnet50"}; }
std::string_view text(std::string_view name) { return name == "toy_all" ? R"({"a":1})" : ""; }
constexpr ShippedDocuments kNets{"network", "nets", names, text};

std::string complaint(const std::string& name, const NamedPlace& where = {}) {
  Diagnostics problems;
  EXPECT_FALSE(load_named_document(name, kNets, problems, where));
  return problems.to_string();
}

TEST(NamedDocument, IsWhatComesWithTheProgram) {
  Diagnostics problems;
  const auto document = load_named_document("toy_all", kNets, problems);
  ASSERT_TRUE(document) << problems.to_string();
  EXPECT_EQ(document->file, "toy_all");
  EXPECT_EQ(document->root["a"], 1);
}

TEST(NamedDocument, AnUnknownNameSaysWhereWasLookedAndWhatIsNear) {
  EXPECT_EQ(complaint("resnet81", {"a.json", "/net"}),
            "a.json: /net: error: there is no network \"resnet81\": neither a file \"resnet81\" "
            "nor one that comes with the program (chasm list nets); did you mean one of "
            "\"resnet18\", \"resnet50\"?\n");
  EXPECT_TRUE(complaint("toy").ends_with("did you mean one of \"toy_all\", \"toy_mixed\"?\n"));
  EXPECT_TRUE(complaint("toy_al").ends_with("did you mean \"toy_all\"?\n")) << complaint("toy_al");
  EXPECT_NE(complaint("xyzzy").find("expected one of \"toy_all\""), std::string::npos);
}

TEST(NamedDocument, AMissingFileMayMeanWhatComesWithTheProgram) {
  EXPECT_EQ(complaint("no/toy_all.json"),
            "no/toy_all.json: error: cannot read the file: there is none of that name; did you "
            "mean the network \"toy_all\", which comes with the program?\n");
  EXPECT_EQ(complaint("./my.json"),
            "./my.json: error: cannot read the file: there is none of that name\n");
}

TEST(KnownWords, AnswerManyQuestions) {
  std::vector<std::string> words;
  for (int i = 0; i < 100'000; ++i) words.push_back("layer_" + std::to_string(i));
  KnownWords known(words);
  EXPECT_TRUE(known.contains("layer_99999"));
  EXPECT_EQ(known.suggest("layr_7"), "did you mean \"layer_7\"?");
  int answers = 0;
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_FALSE(known.contains("laier_" + std::to_string(i)));
    answers += known.suggest("laier_" + std::to_string(i)).empty() ? 0 : 1;
  }
  EXPECT_LT(answers, 20);
}

}  // namespace
}  // namespace chasm
