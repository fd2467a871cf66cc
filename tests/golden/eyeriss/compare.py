#!/usr/bin/env python3
"""Runs AlexNet on the Eyeriss chip as modelled, and compares with the chip as measured (README.md beside this file).

  compare.py --chasm PROGRAM                  prints the table: exit code 1 if a deviation is beyond its limit
  compare.py --chasm PROGRAM --update FILE    rewrites the table between the markers in FILE
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
BEGIN, END = "<!-- eyeriss table: written by tests/golden/eyeriss/compare.py -->", "<!-- end of eyeriss table -->"
WORD_BYTES = 2
# Largest deviation in percent: of a layer, and of the sum of all layers. README.md says why conv5 is apart.
LIMITS = {"processing": (5, 3), "total": (12, 5), "glb": (0.5, 0.5), "dram": (10, 5)}
CONV5_PROCESSING = 6.5


def chasm(program, layer, mapping, settings=()):
    command = [program, "run", "-a", "eyeriss-65nm-chip", "-w", str(HERE / f"{layer}.json"), "-m", str(mapping), "-o", "-"]
    for setting in settings:
        command += ["--set", setting]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {run.returncode}\n{run.stderr}")
    return json.loads(run.stdout)


def with_room(mapping, folder):
    """The mapping with two tiles of everything in the buffer."""
    text = "".join(line for line in open(mapping) if not line.startswith("//"))
    two = json.loads(text)
    for layer in two["layers"].values():
        layer["buffer"]["tiles"] = {"input": 2, "output": 2}
    path = pathlib.Path(folder) / mapping.name
    path.write_text(json.dumps(two))
    return path


def mapped_pes(mapping, bounds):
    """PEs that the spatial loops of the largest step occupy."""
    trips = {}
    for axis in ("spatial_x", "spatial_y"):
        for dimension, count in mapping["array"][axis]:
            trips[dimension] = trips.get(dimension, 1) * count
    pes = 1
    for dimension, count in trips.items():
        pes *= min(count, bounds.get(dimension, count))
    return pes


def measure(program, layer, name, folder):
    mapping = HERE / f"{name}.mapping.json"
    chip = chasm(program, layer, mapping)
    # Table V's "processing latency" is that of DRAM traffic which processing hides: room for two tiles, a link that
    # does not count. What is left of it, the first tile and the last, is taken off.
    hidden = chasm(program, layer, with_room(mapping, folder),
                   ["dram.bandwidth_bytes_per_cycle=4096", "dram.latency_cycles=0",
                    "global_buffer.capacity_bytes=262144"])
    of_chip, of_hidden = chip["layers"][0], hidden["layers"][0]
    clock = chip["totals"]["clock_hz"]
    buffer = of_chip["traffic_words"]["buffer"]
    # The accesses that the printed numbers count: fmaps read by the array, psums and ofmaps written and read.
    words = buffer["input"]["reads"] + buffer["output"]["reads"] + buffer["output"]["writes"]
    shape = chip["inputs"]["workload"]["layers"][0]
    rows = (chip["inputs"]["workload"]["inputs"][0]["shape"][1] - shape["kernel"][0]) // shape["stride"][0] + 1
    return {"processing": (of_hidden["cycles"] - of_hidden["cycles_by_cause"]["wait_dram"]) / clock * 1e3,
            "total": of_chip["cycles"] / clock * 1e3,
            "pes": mapped_pes(chip["inputs"]["mapping"]["layers"][layer], {"P": rows}),
            "glb": words * WORD_BYTES / 1e6,
            "dram": (of_chip["dram_bytes"]["read"] + of_chip["dram_bytes"]["write"]) / 1e6}


def deviation(ours, silicon):
    return 100 * (ours / silicon - 1)


def rows(program):
    """(name, silicon, ours) of each layer, of their sum, and of conv3 in the mapping as printed."""
    reference = json.load(open(HERE / "silicon.json"))
    silicon = {layer: dict(zip(reference["columns"], values)) for layer, values in reference["layers"].items()}
    with tempfile.TemporaryDirectory() as folder:
        result = [(layer, of, measure(program, layer, layer, folder)) for layer, of in silicon.items()]
        printed = ("conv3 as in Table III", silicon["conv3"], measure(program, "conv3", "conv3_table3", folder))
    total = [{key: sum(row[side][key] for row in result) for key in row_keys}
             for side, row_keys in ((1, reference["columns"]), (2, result[0][2]))]
    return result + [("sum", *total), printed]


def table(all_rows):
    """The lines of the table and what is beyond its limit."""
    lines = ["| layer | processing ms | | total ms | | GLB MB | | DRAM MB | | active PEs |",
             "|---|---|---|---|---|---|---|---|---|---|"]
    beyond = []
    for name, silicon, ours in all_rows:
        cells = []
        for key in LIMITS:
            column = key + ("_ms" if key in ("processing", "total") else "_mb")
            off = deviation(ours[key], silicon[column])
            digits = 1 if key in ("glb", "processing", "total") else 2
            cells += [f"{ours[key]:.{digits}f} for {silicon[column]:.1f}", f"{off:+.1f} %"]
            limit = CONV5_PROCESSING if (name, key) == ("conv5", "processing") else LIMITS[key][name == "sum"]
            if "Table III" not in name and abs(off) > limit:
                beyond.append(f"{name}: {key} {off:+.2f} %, allowed are {limit} %")
        pes = "" if name == "sum" else f"{ours['pes']} for {silicon['active_pes']}"
        if name != "sum" and ours["pes"] != silicon["active_pes"]:
            beyond.append(f"{name}: {pes} PEs")
        lines.append(f"| {name} | {' | '.join(cells)} | {pes} |")
    return lines, beyond


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--chasm", required=True)
    parser.add_argument("--update", type=pathlib.Path)
    options = parser.parse_args()
    lines, beyond = table(rows(options.chasm))
    if options.update:
        text = options.update.read_text()
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        options.update.write_text(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after)
    else:
        print("\n".join(lines))
    if beyond:
        sys.exit("\n".join(beyond))


if __name__ == "__main__":
    main()
