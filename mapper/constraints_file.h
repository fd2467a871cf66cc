// A file of mapping constraints (docs/formats.md, "Constraints"): a part of a mapping, with limits.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/json.h"
#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "mapper/constraints.h"

namespace chasm {

class ConstraintsFile {
 public:
  // None where the form is wrong.
  static std::optional<ConstraintsFile> read(const Document&, Diagnostics&);

  // Whether the layers and chunks that are named exist.
  bool check_names(const Network&, const ArchSpec&, Diagnostics&) const;
  // The chunk that the file demands for an operation.
  std::optional<std::string> chunk_of(const std::string& operation) const;
  // What it demands of an operation as its chunk runs it. What "*" says beyond the bounds of the
  // operation is cut to them, and so is what the chunk does not let past the buffer. None where the
  // layer's own entry says such things.
  std::optional<MapConstraints> constraints_of(const Operation&, const ChunkSpec&,
                                               Diagnostics&) const;

 private:
  struct Entry {
    std::optional<std::string> chunk;
    MapConstraints constraints;
  };
  const Entry* entry_of(const std::string& operation) const;

  std::string file_;
  std::map<std::string, Entry> own_;     // as they stand in the file
  std::map<std::string, Entry> merged_;  // with what "*" adds
};

std::string_view constraints_schema();

}  // namespace chasm
