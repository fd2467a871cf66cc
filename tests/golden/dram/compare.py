#!/usr/bin/env python3
"""Compares "chasm dram" with the bands of established simulators (README.md beside this file).

  compare.py --chasm PROGRAM TRACE MEMORY      one comparison: exit code 1 if it is out of its band
  compare.py --chasm PROGRAM --update FILE     all of them: rewrites the table between the markers in FILE
"""
import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
BEGIN, END = "<!-- dram table: written by tests/golden/dram/compare.py -->", "<!-- end of dram table -->"
MIXED = ("c_", "f_", "e_randrw")  # reads and writes: policy decides
WRITES = ("b_",)
SPARSE = ("g_",)
SPARSE_P95 = 16 + 16 + 16 + 4  # nRP + nRCD + nCL + nBL of DDR4-2400


def rules(trace, memory):
    """Which band holds, and the tolerances of cycles and mean latency beyond it."""
    if trace.startswith(MIXED):
        return "band_all", 0.05, 0.05
    if memory.startswith("lpddr4") and not trace.startswith(WRITES + SPARSE):
        return "band_all", 0.03, 0.05
    return "band_equal", 0.02, 0.05


def beyond(value, band):
    """How far a value lies outside of a band: below 0 under it, above 0 over it."""
    low, high = band
    return min(value - low, 0) + max(value - high, 0)


def measure(chasm, trace, memory):
    path = HERE / "traces" / f"{trace}.csv.gz"
    run = subprocess.run([chasm, "dram", "--config", memory, str(path), "-o", "-"], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{trace} on {memory}: exit code {run.returncode}\n{run.stderr}")
    return json.loads(run.stdout)


def compare(chasm, bands, trace, memory):
    """The rows of the table: (what, value, band, deviation as text, whether it is within)."""
    result = measure(chasm, trace, memory)
    name, of_cycles, of_latency = rules(trace, memory)
    band = bands["traces"][trace][memory][name]
    rows = []

    def relative(what, value, key, tolerance, digits):
        share = beyond(value, band[key]) / band[key][0]
        rows.append((what, f"{value:.{digits}f}", band[key], f"{100 * share:+.1f} % of ±{100 * tolerance:.0f} %",
                     abs(share) <= tolerance))

    relative("cycles", result["cycles"], "total_cycles", of_cycles, 0)
    if "read_lat_mean" in band:
        relative("read latency", result["read_latency_cycles"]["mean"], "read_lat_mean", of_latency, 1)
    hits = beyond(result["row_hit_rate"], band["row_hit_rate"])
    rows.append(("row hits", f"{result['row_hit_rate']:.4f}", band["row_hit_rate"], f"{hits:+.3f} of ±0.02",
                 abs(hits) <= 0.02))
    if trace.startswith(SPARSE) and memory.startswith("ddr4"):
        p95 = result["read_latency_cycles"]["p95"]
        rows.append(("p95", str(p95), [SPARSE_P95, SPARSE_P95], "exact", p95 == SPARSE_P95))
    return name, rows


def table(chasm, bands):
    lines = ["| trace | memory | band | cycles | beyond | mean read latency | beyond | row hits | beyond |",
             "|---|---|---|---|---|---|---|---|---|"]
    inside = total = 0
    for trace, memories in bands["traces"].items():
        for memory in bands["configs"]:
            name, rows = compare(chasm, bands, trace, memory)
            total += 1
            inside += all(row[-1] for row in rows)
            cells = {what: (f"{value} in {band[0]:g} to {band[1]:g}", off + ("" if ok else " **out**"))
                     for what, value, band, off, ok in rows}
            empty = ("", "")
            cycles, latency, hits = (cells.get(k, empty) for k in ("cycles", "read latency", "row hits"))
            lines.append(f"| {trace} | {memory} | {name[5:]} | {cycles[0]} | {cycles[1]} | {latency[0]} | {latency[1]} "
                         f"| {hits[0]} | {hits[1]} |")
    return f"{inside} of {total} comparisons are within their tolerance.\n\n" + "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chasm", required=True)
    parser.add_argument("--update", metavar="FILE")
    parser.add_argument("which", nargs="*", metavar="TRACE MEMORY")
    arguments = parser.parse_args()
    bands = json.loads((HERE / "bands.json").read_text(encoding="utf-8"))
    if arguments.update:
        path = pathlib.Path(arguments.update)
        before, rest = path.read_text(encoding="utf-8").split(BEGIN)
        path.write_text(before + BEGIN + "\n" + table(arguments.chasm, bands) + END + rest.split(END)[1], encoding="utf-8")
        return 0
    if len(arguments.which) != 2:
        parser.error("give a trace and a memory, or --update")
    name, rows = compare(arguments.chasm, bands, *arguments.which)
    for what, value, band, off, ok in rows:
        print(f"{'ok ' if ok else 'OUT'} {what}: {value}, {name} {band}, beyond {off}")
    return 0 if all(row[-1] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
