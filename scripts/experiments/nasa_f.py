#!/usr/bin/env python3
"""The 13 networks whose costs NASA-F released: rebuilt, checked, simulated, and compared with what was released.

  nasa_f.py                            all of it; rewrites the section of docs/validation.md
  nasa_f.py --check                    only that the rebuilt networks have the released operations, latencies and energies; exit code 1 if not
  nasa_f.py --write DIR                the networks as workload files: charged (what the released model charges) and whole
"""
import argparse
import json
import pathlib
import sys
import tempfile

from common import add_options, array_of, chasm_of, eq8, kendall, spearman, steady_state, table, with_pes, write_section
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


def widened(architecture):
    """The machine with buses, buffer words and a DRAM that hold up hardly anything: what the released latency assumes."""
    wide = {"input": 64, "weight": 64, "psum_in": 64, "output": 64}
    return {**architecture, "chunks": [{**chunk, "bus_words_per_cycle": wide} for chunk in architecture["chunks"]],
            "global_buffer": {**architecture["global_buffer"], "word_bytes": 64},
            "dram": {**architecture["dram"], "standard": "ideal", "bandwidth_bytes_per_cycle": 256}}


def simulate(chasm, images, folder, index):
    """A network's numbers: PEs, the issue bound, and steady state (ms, mJ without DRAM, mJ of DRAM) of the charged network, the same on the
    widened machine, and of the whole network."""
    net = NETWORKS[index]
    pes = eq8(counted_operations(net))
    architecture = {**with_pes(chasm.show("nasa-45nm"), pes), "energy_table": "paper-normalised"}
    row = {"net": net, "pes": pes, "bound": issue_bound(net, pes)}
    for name, machine, network in (("charged", architecture, charged_workload(index)), ("wide", widened(architecture), charged_workload(index)),
                                   ("whole", architecture, whole_workload(index))):
        (folder / "arch.json").write_text(json.dumps(machine))
        (folder / "net.json").write_text(json.dumps(network))
        cost = steady_state(chasm, ("-a", folder / "arch.json", "-w", folder / "net.json"), images)
        row[name] = tuple(1e3 * cost[key] for key in ("s", "chip", "dram"))
    return row


def correlations(rows, name):
    """Rank correlations (Spearman, Kendall) of latency, energy without DRAM and their product with the released ones."""
    cells = []
    for of_released, of_ours in ((lambda net: net["latency_ms"], lambda cost: cost[0]), (lambda net: net["energy_mj"], lambda cost: cost[1]),
                                 (lambda net: net["latency_ms"] * net["energy_mj"], lambda cost: cost[0] * cost[1])):
        pair = [of_released(row["net"]) for row in rows], [of_ours(row[name]) for row in rows]
        cells.append(f"{spearman(*pair):.3f}, {kendall(*pair):.3f}")
    return cells


def report(rows, same):
    """The section of docs/validation.md."""
    body, latency, wide, energy = [], [], [], []
    for index, row in enumerate(rows):
        net, (ms, chip, dram) = row["net"], row["charged"]
        latency.append(ms / net["latency_ms"])
        wide.append(row["wide"][0] / net["latency_ms"])
        energy.append(chip / net["energy_mj"])
        shapes = " + ".join("{} x {}".format(*array_of(row["pes"][kind])) for kind in ("multiply", "adder"))
        body.append([index + 1, shapes, f"{net['latency_ms']:.3f}", f"{row['bound']:.3f}", f"{row['wide'][0]:.3f}", f"{ms:.3f}",
                     f"{latency[-1]:.2f}", f"{net['energy_mj']:.3f}", f"{chip:.3f}", f"{energy[-1]:.2f}", f"{dram:.3f}",
                     f"{row['whole'][0]:.3f}", f"{row['whole'][1]:.3f} + {row['whole'][2]:.3f}"])
    names = (("charged", "as charged"), ("wide", "as charged, wide buses and DRAM"), ("whole", "whole network"))
    return "\n\n".join([
        f"{same} of {len(NETWORKS)} networks: operations, latency and energy recomputed to all three decimals of the released ones. "
        f"Simulated over released: latency {min(latency):.2f} to {max(latency):.2f} (wide: {min(wide):.2f} to {max(wide):.2f}), "
        f"energy without DRAM {min(energy):.2f} to {max(energy):.2f}.",
        table(["net", "CLP + ALP", "released ms", "issue alone ms", "wide ms", "ours ms", "ratio", "released mJ", "ours mJ", "ratio",
               "our DRAM mJ", "whole network ms", "mJ chip + DRAM"], body),
        table(["rank correlation with the released (Spearman, Kendall)", "latency", "energy without DRAM", "their product"],
              [[text, *correlations(rows, name)] for name, text in names])])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only check the rebuilt networks")
    parser.add_argument("--write", type=pathlib.Path, metavar="DIR", help="write the networks and do nothing else")
    parser.add_argument("--nets", type=int, default=len(NETWORKS), metavar="N", help="only the first N networks, at least 2 (default: all)")
    add_options(parser, budget="20000")
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
        rows = [simulate(chasm_of(arguments), arguments.images, pathlib.Path(folder), index) for index in range(arguments.nets)]
    text = report(rows, same)
    if arguments.print:
        print(text)
    else:
        write_section("nasa-f table", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
