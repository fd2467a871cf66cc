// A chart of rows that are made of parts: where cycles, energy or bytes went.
#pragma once

#include <string>
#include <vector>

#include "sim/report/svg.h"

namespace chasm {

struct StackedRow {
  std::string label;
  std::vector<double> parts;  // one a part of the chart
};

struct StackedBars {
  std::string title;               // for those who do not see it, and above the axis
  std::vector<LegendEntry> parts;  // in the order of every row
  std::vector<StackedRow> rows;
  Label value;     // how a value is written
  Label tick;      // how a round value is written at the axis
  double end = 0;  // of the axis; 0: that of the longest row, whose sum stands beside each
  std::string axis;
};

// Legend and drawing, for wide and narrow pages. Parts that no row has are left out.
std::string stacked_bars(const StackedBars&);

}  // namespace chasm
