#!/usr/bin/env python3
"""The experiments of docs/validation.md run, and the tables there are those that they write: a network of each, hardly searched, on short streams.

  experiments_test.py CHASM
"""
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
VALIDATION = ROOT / "docs" / "validation.md"
EXPERIMENTS = [("nasa", "nasa table", ["--network", "hybrid_adder_a"], {"fbnet_conv", "hybrid_adder_a"}), ("nasa_f", "nasa-f table", ["--nets", "2"], {"1", "2"})]


def tables(text):
    """Every Markdown table: its header and its rows, as lists of cells."""
    found, table = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.strip("|").split("|")])
        elif table:
            found.append((table[0], table[2:]))
            table = []
    return found


def in_document(name):
    text = VALIDATION.read_text(encoding="utf-8")
    return tables(text[text.index(f"<!-- {name}: "):text.index(f"<!-- end of {name} -->")])


def check(chasm, script, name, options, networks, folder):
    command = [sys.executable, ROOT / "scripts/experiments" / f"{script}.py", "--chasm", chasm, "--cache", pathlib.Path(folder) / "cache",
               "--budget", "300", "--images", "1", "2", "--print", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return [f"{script}.py: exit code {done.returncode}: {done.stderr}"]
    printed, documented = tables(done.stdout), in_document(name)
    faults = []
    if [header for header, _ in printed] != [header for header, _ in documented]:
        faults.append(f"{script}.py writes other tables than docs/validation.md has:\n{done.stdout}")
    faults += [f"{script}.py: a row does not fit its header: {row}" for header, rows in printed for row in rows if len(row) != len(header)]
    faults += [f"{script}.py: an empty table: {header}" for header, rows in printed if not rows]
    if not networks <= {row[0] for _, rows in printed for row in rows}:
        faults.append(f"{script}.py: not all of {networks} are there:\n{done.stdout}")
    return faults


def main():
    before, faults = VALIDATION.read_bytes(), []
    with tempfile.TemporaryDirectory() as folder:
        for experiment in EXPERIMENTS:
            faults += check(sys.argv[1], *experiment, folder)
    if VALIDATION.read_bytes() != before:
        faults.append("--print rewrote docs/validation.md")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
