#!/usr/bin/python3
"""Checks that every file includes only what its folder may (docs/architecture.md, "Who may include whom").

The linker refuses a circle between folders; this refuses a header used against the order as well, and SystemC outside
the modelled hardware. Usage: cmake/check_includes.py [ROOT]. Prints each violation; exit code 1 if there is any.
"""
import pathlib
import re
import sys

# Folder -> the folders it may include besides itself. The order is that of the house, lowest first.
ALLOWED = {
    "base": [],
    "workloads": ["base"],
    "models/energy": ["base"],
    "traces": ["base"],
    "models/memory/dram": ["base"],
    "models/arch": ["base", "workloads", "models/energy", "models/memory/dram"],
    "models/program": ["base", "workloads", "models/energy"],
    "mapper": ["base", "workloads", "models/energy", "models/memory/dram", "models/arch", "models/program"],
    "models/kernel": ["base"],
}
HARDWARE = ["base", "workloads", "models/energy", "traces", "models/memory/dram", "models/arch", "models/program", "models/kernel"]
ALLOWED["models/memory"] = HARDWARE
ALLOWED["models/chunk"] = HARDWARE
ALLOWED["models"] = HARDWARE + ["models/memory", "models/chunk"]
ALLOWED["sim/run"] = list(ALLOWED)
ALLOWED["sim/report"] = list(ALLOWED)
ALLOWED["sim/api"] = list(ALLOWED)
ALLOWED["sim/sweep"] = list(ALLOWED)
ALLOWED["sim/cli"] = list(ALLOWED)
ALLOWED["examples"] = list(ALLOWED)
ALLOWED["tests"] = list(ALLOWED)

WITH_SYSTEMC = ["models/kernel", "models/memory", "models/chunk", "models", "sim/run", "tests"]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
SYSTEMC = re.compile(r"(systemc|tlm)(\.h)?$|(sysc|tlm_core|tlm_utils)/")


def folder_of(path):
    """The longest known folder that holds the path, or None."""
    parts = path.split("/")[:-1]
    for length in range(len(parts), 0, -1):
        folder = "/".join(parts[:length])
        if folder in ALLOWED:
            return folder
    return None


def generated_here(root, folder, name):
    """Whether the folder's own CMakeLists.txt makes a header of that name."""
    recipe = root / folder / "CMakeLists.txt"
    return "/" not in name and recipe.is_file() and name in recipe.read_text(encoding="utf-8")


def violations(root, path):
    folder = folder_of(path)
    if folder is None:
        yield 1, "lies in no folder of the house"
        return
    text = (root / path).read_text(encoding="utf-8")
    if path.endswith(".h") and "#pragma once" not in text:
        yield 1, "has no #pragma once"
    for match in INCLUDE.finditer(text):
        bracket, included = match.groups()
        line = text.count("\n", 0, match.start()) + 1
        if bracket == "<":
            if SYSTEMC.match(included) and folder not in WITH_SYSTEMC:
                yield line, f"{folder} must not know SystemC (<{included}>)"
            if (root / included).is_file():
                yield line, f'write "{included}" in quotes: it is ours'
        elif not (root / included).is_file():
            if not generated_here(root, folder, included):
                yield line, f'"{included}" is no path from the root of the project'
        else:
            target = folder_of(included)
            if target != folder and target not in ALLOWED[folder]:
                yield line, f'{folder} must not include {target} ("{included}")'


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    tops = sorted({folder.split("/")[0] for folder in ALLOWED})
    files = [path.relative_to(root).as_posix() for top in tops for path in sorted((root / top).rglob("*"))
             if path.suffix in (".h", ".cpp")]
    faults = [f"{path}:{line}: {what}" for path in files for line, what in violations(root, path)]
    print("\n".join(faults) if faults else f"{len(files)} files include only what they may")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
