// Files that are not in their place yet, so that a process that ends in between can remove them.
// Everything here may be called from a signal handler.
#pragma once

namespace chasm {

// `path` must stay where it is until it is forgotten.
void remember_unfinished(const char* path);
void forget_unfinished(const char* path);
// Those of this process; a forked child leaves its parent's alone.
void remove_unfinished();

}  // namespace chasm
