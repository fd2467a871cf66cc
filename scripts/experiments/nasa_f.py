#!/usr/bin/env python3
"""The 13 networks whose costs NASA-F released: rebuilt, checked, simulated, and compared with what was released.

  nasa_f.py                            all of it; rewrites the section of docs/validation.md (some minutes)
  nasa_f.py --check                    only that the rebuilt networks have the released operations, latencies and energies; exit code 1 if not
  nasa_f.py --write DIR                the networks as workload files: charged (what the released model charges) and whole
  --chasm PROGRAM                      default build/release/chasm
"""
import argparse
import json
import pathlib
import sys
import tempfile

from common import (ROOT, array_of, eq8, kendall, run_chasm, show, spearman, steady_state, table, with_pes, write_section)
from nasa_f_model import charged_layers, predict
from nasa_f_nets import NETWORKS, charged_workload, counted_operations, whole_workload


def recomputed(net):
    """(10^7 operations, mJ, ms) as the released code prints them, to three decimals."""
    counts = counted_operations(net)
    energy, latency = predict(net, eq8(counts))
    return round((counts["multiply"] + counts["adder"] / 1.88) / 1e7, 3), round(energy, 3), round(latency, 3)


def check():
    """One line a network: released numbers and the recomputed ones."""
    same = 0
    for index, net in enumerate(NETWORKS):
        released, ours = (net["operations"], net["energy_mj"], net["latency_ms"]), recomputed(net)
        same += released == ours
        print(f"{'ok ' if released == ours else 'OUT'} {index + 1}: released {released}, recomputed {ours}")
    return same


def issue_bound(net, pes):
    """Milliseconds of the slower chunk if its PEs never waited, for what the model charges."""
    total = {kind: sum(m * c * r * r * e * e for _, c, r, m, e, _ in layers) for kind, layers in charged_layers(net).items()}
    return max(total[kind] / (pes[kind] * 250e3) for kind in pes)


def simulate(program, folder, index):
    """A network's numbers: PEs, the issue bound, and steady state (ms, mJ without DRAM, mJ of DRAM) of the charged and the whole network."""
    net = NETWORKS[index]
    pes = eq8(counted_operations(net))
    architecture = {**with_pes(show(program, "nasa-45nm"), pes), "energy_table": "paper-normalised"}
    (folder / "arch.json").write_text(json.dumps(architecture))
    row = {"net": net, "pes": pes, "bound": issue_bound(net, pes)}
    for name, build in (("charged", charged_workload), ("whole", whole_workload)):
        (folder / f"{name}.json").write_text(json.dumps(build(index)))
        arguments = ("-a", folder / "arch.json", "-w", folder / f"{name}.json")
        row[name] = tuple(1e3 * value for value in steady_state(program, arguments))
        if name == "whole":
            row["alone"] = 1e3 * run_chasm(program, "run", *arguments)["totals"]["latency_s"]
    return row


def report(rows, same):
    """The section of docs/validation.md."""
    body = []
    for index, row in enumerate(rows):
        net, (ms, chip, dram) = row["net"], row["charged"]
        shapes = " + ".join("{} x {}".format(*array_of(row["pes"][kind])) for kind in ("multiply", "adder"))
        body.append([index + 1, shapes, f"{net['latency_ms']:.3f}", f"{row['bound']:.3f}", f"{ms:.3f}", f"{ms / net['latency_ms']:.2f}",
                     f"{net['energy_mj']:.3f}", f"{chip:.3f}", f"{chip / net['energy_mj']:.2f}", f"{dram:.3f}",
                     f"{row['whole'][0]:.3f}", f"{row['alone']:.3f}", f"{row['whole'][1]:.3f} + {row['whole'][2]:.3f}"])

    def correlation(released, ours):
        return f"Spearman {spearman(released, ours):.3f}, Kendall {kendall(released, ours):.3f}"

    latency, energy = ([row["net"][key] for row in rows] for key in ("latency_ms", "energy_mj"))
    product = [a * b for a, b in zip(latency, energy)]
    ranking = [[of, *(correlation(released, [value(row[name]) for row in rows]) for name in ("charged", "whole"))]
               for of, released, value in (("latency", latency, lambda cost: cost[0]), ("energy without DRAM", energy, lambda cost: cost[1]),
                                           ("their product", product, lambda cost: cost[0] * cost[1]))]
    spread = [(min(values), max(values)) for values in ([row["charged"][0] / row["net"]["latency_ms"] for row in rows],
                                                        [row["charged"][1] / row["net"]["energy_mj"] for row in rows])]
    return "\n\n".join([
        f"{same} of {len(rows)} networks: operations, latency and energy recomputed to all three decimals of the released ones.",
        f"Simulated over released: latency {spread[0][0]:.2f} to {spread[0][1]:.2f}, energy {spread[1][0]:.2f} to {spread[1][1]:.2f}.",
        table(["net", "CLP + ALP", "released ms", "issue alone ms", "ours ms", "ratio", "released mJ", "ours mJ", "ratio", "our DRAM mJ",
               "whole: ms an image", "one image alone ms", "mJ chip + DRAM"], body),
        table(["rank correlation with the released", "charged network", "whole network"], ranking)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chasm", type=pathlib.Path, default=ROOT / "build/release/chasm")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", type=pathlib.Path, metavar="DIR")
    arguments = parser.parse_args()
    if arguments.check:
        return 0 if check() == len(NETWORKS) else 1
    if arguments.write:
        arguments.write.mkdir(parents=True, exist_ok=True)
        for index in range(len(NETWORKS)):
            for network in (charged_workload(index), whole_workload(index)):
                (arguments.write / f"{network['name']}.json").write_text(json.dumps(network, indent=1) + "\n")
        return 0
    same = check()
    with tempfile.TemporaryDirectory() as folder:
        rows = [simulate(arguments.chasm, pathlib.Path(folder), index) for index in range(len(NETWORKS))]
    write_section("nasa-f table", report(rows, same))
    return 0


if __name__ == "__main__":
    sys.exit(main())
