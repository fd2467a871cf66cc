#include "base/diagnostic.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace chasm {
namespace {

TEST(Diagnostic, ReadsAsFilePointerSeverityMessageHint) {
  Diagnostics diagnostics;
  diagnostics.error("arch.json", "/chunks/1/pe_array", "unknown key \"row\"",
                    "did you mean \"rows\"?");
  EXPECT_EQ(diagnostics.to_string(),
            "arch.json: /chunks/1/pe_array: error: unknown key \"row\"; did you mean \"rows\"?\n");
}

TEST(Diagnostic, EmptyPartsAreLeftOut) {
  Diagnostics diagnostics;
  diagnostics.warning("", "", "odd");
  EXPECT_EQ(diagnostics.to_string(), "warning: odd\n");
}

TEST(Diagnostics, OnlyErrorsCount) {
  Diagnostics diagnostics;
  diagnostics.warning("a", "", "w");
  EXPECT_TRUE(diagnostics.ok());
  Diagnostics others;
  others.error("b", "", "e");
  others.error("b", "", "f");
  diagnostics.add(others);
  EXPECT_FALSE(diagnostics.ok());
  EXPECT_EQ(diagnostics.error_count(), 2U);
  EXPECT_EQ(diagnostics.all().size(), 3U);
}

TEST(Error, CarriesItsExitCodeAndText) {
  Diagnostics diagnostics;
  diagnostics.error("b", "", "e");
  const Error error(ExitCode::infeasible, diagnostics);
  EXPECT_EQ(static_cast<int>(error.code()), 4);
  EXPECT_STREQ(error.what(), "b: error: e\n");
}

}  // namespace
}  // namespace chasm
