// A sweep as its file says it: what is shared, what is varied, what is wanted (docs/formats.md,
// "Sweep").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/json.h"

namespace chasm {

struct SweepRange {
  double from = 0, to = 0;
  bool log = false, integer = false;
  std::size_t steps = 0;  // of the grid
};

struct SweepAxis {
  std::string name;                // of the parameter in every table
  std::vector<std::string> paths;  // what gets its value
  std::vector<Json> values;        // empty: the range is used
  std::optional<SweepRange> range;
};

enum class Sampling { grid, random, latin_hypercube, list };

struct SweepConstraint {
  std::string figure;  // canonical (figures.h)
  std::optional<double> min, max;
};

struct SweepObjective {
  std::string figure;  // canonical
  bool maximise = false;
};

struct SweepSpec {
  Document document;   // as it was given: the file's name, and everything in it
  std::string folder;  // relative paths in it start here
  std::string name;
  std::string arch, workload;  // of the base, as written
  Json set = Json::object();   // changes of the base's architecture, by path
  Json options = Json::object();
  std::vector<SweepAxis> axes;
  Sampling sampling = Sampling::grid;
  std::size_t draws = 0;
  std::uint64_t seed = 1;
  std::vector<Json> list;  // Sampling::list: values by path
  std::vector<SweepConstraint> constraints;
  std::vector<SweepObjective> objectives;
  std::optional<double> seconds;
  std::optional<std::uint64_t> memory_bytes;
  // Of every file and shipped document that points of the sweep start from: their bytes decide
  // results.
  std::string inputs_hash;

  // A name or path of the file as the readers take it.
  std::string arch_place(const std::string& written) const;
  std::string workload_place(const std::string& written) const;
  std::string file_place(const std::string& written) const;
};

// A shipped name or a path.
std::optional<Document> load_sweep_document(const std::string& name_or_path, Diagnostics&);
// Checks everything that does not depend on a single point: the schema, the paths of axes, the
// inputs, names of figures. Every problem becomes a diagnostic; a sweep only where there was none.
std::optional<SweepSpec> read_sweep(const Document&, Diagnostics&);

// Of one whose results are there already: without looking at what it names, which may be elsewhere
// by now.
SweepSpec reread_sweep(const Document&, Diagnostics&);

// The network document of that written name, with every key at the top that a path may name.
std::optional<Document> load_changeable_network(const SweepSpec&, const std::string& written,
                                                Diagnostics&);

std::string_view sweep_schema();
std::vector<std::string> sweep_names();                 // of shipped ones
std::string_view sweep_text(std::string_view shipped);  // empty: there is none of that name

// One setting of a path, as "arch.chunks.CLP.pe_array.rows" or "options.images" names it.
enum class PathKind { arch, arch_key, workload, workload_key, option, unknown };
struct SweepPath {
  PathKind kind = PathKind::unknown;
  std::string key;  // behind the first dot
};
SweepPath parse_sweep_path(const std::string& path);

}  // namespace chasm
