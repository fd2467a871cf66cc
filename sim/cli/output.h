// Where results go. Checked before the work starts; written whole, and only after the work
// succeeded.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/files.h"

namespace chasm {

// Throw Error (invalid input) where the file, or files in the folder, could not be written. Nothing
// remains changed.
void require_writable_file(const std::string& path);
void require_writable_folder(const std::string& path, const std::vector<std::string>& names);

using NamedText = std::pair<std::string, std::string>;  // file name, content

// Makes the folder and adds the files in it. Throws Error (invalid input).
void add_output_folder(FileSet&, const std::string& path, const std::vector<NamedText>& files);
// All or none of what was added. Throws Error (invalid input).
void commit_output(FileSet&);

}  // namespace chasm
