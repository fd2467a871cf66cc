#!/usr/bin/env python3
"""NASA's experiment (ICCAD 2022, Figures 6 and 8, CIFAR-10): hybrid networks on the chunked machine against an all-convolution network on a
multiply-only machine of the same area and memory, all from simulation. Rewrites the section of docs/validation.md.

  nasa.py [--chasm PROGRAM]            default build/release/chasm
"""
import argparse
import json
import pathlib
import sys
import tempfile

from common import (AREA_IN_MULTIPLY_PES, PES_PER_MULTIPLY_PE, ROOT, array_of, eq8, run_chasm, show, steady_state, table, with_pes, write_section)

BASELINE = "nasa_fbnet_conv_cifar10"
HYBRIDS = ["nasa_hybrid_shift_a_cifar10", "nasa_hybrid_adder_a_cifar10", "nasa_hybrid_all_b_cifar10", "nasa_hybrid_all_repo_cifar10"]
TABLES = ["cmos45-physical", "paper-normalised"]
# EDP in 1e-6 J s read off the vector figures 6 and 8: with the auto-mapper, with row-stationary loops on every chunk (none: could not be mapped).
PUBLISHED = {BASELINE: (2.221, None), HYBRIDS[0]: (1.596, 1.819), HYBRIDS[1]: (1.114, 1.485), HYBRIDS[2]: (1.522, None)}


def operations(network):
    """Operations of a network by arithmetic; those it has none of are left out."""
    return {kind: count for kind, count in network["totals"]["macs"].items() if kind in PES_PER_MULTIPLY_PE and count}


def even(kinds):
    """The same number of PEs for each arithmetic within the area."""
    return dict.fromkeys(kinds, int(AREA_IN_MULTIPLY_PES / sum(1 / PES_PER_MULTIPLY_PE[kind] for kind in kinds)))


def arrays(pes):
    return " + ".join("{} x {}".format(*array_of(count)) for count in pes.values())


class Bench:
    """Runs networks on machines; a machine is written to a file for the program."""

    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)
        self.template = show(program, "nasa-45nm")

    def machine(self, pes, energy_table):
        """The file of nasa-45nm with these PEs."""
        path = self.folder / "machine.json"
        path.write_text(json.dumps({**with_pes(self.template, pes), "energy_table": energy_table}))
        return path

    def measure(self, machine, network, *more):
        """An image in steady state, EDP as NASA defines it (all energy x what the stream takes an image), and one image alone."""
        arguments = ("-a", machine, "-w", network, *more)
        cost = steady_state(self.program, arguments)
        alone = run_chasm(self.program, "run", *arguments)
        busy = {}
        for layer in alone["layers"]:
            busy[layer["chunk"]] = busy.get(layer["chunk"], 0) + layer["cycles"]
        return {**cost, "edp": (cost["chip"] + cost["dram"]) * cost["s"], "latency": alone["totals"]["latency_s"],
                "edp_alone": alone["totals"]["edp_js"], "area": alone["totals"]["area_mm2"],
                "slowest": max(busy.values()) / alone["totals"]["clock_hz"]}


def short(network):
    return network.removeprefix("nasa_").removesuffix("_cifar10")


def causes(cost):
    """How the conv chunk spends its time, in words."""
    shares = sorted(((share, cause) for cause, share in cost["causes"]["CLP"].items() if cause != "busy"), reverse=True)
    return f"busy {100 * cost['causes']['CLP']['busy']:.0f} %, " + ", ".join(f"{cause} {100 * share:.0f} %" for share, cause in shares[:2])


def against_baseline(bench):
    """EDP of the hybrids against the baseline, with PEs by Eq. 8, under two energy tables; and the baseline with the hybrids' three input
    buses in one."""
    cases = [(short(BASELINE), BASELINE, ()), (f"{short(BASELINE)}, input bus of 6 words", BASELINE, ("--set", "chunks.CLP.bus_words_per_cycle.input=6"))]
    cases += [(short(network), network, ()) for network in HYBRIDS]
    body, measured = [], {}
    for label, network, changes in cases:
        pes = eq8(operations(show(bench.program, network)))
        results = []
        for energy_table in TABLES:
            machine = "eyeriss-45nm-168" if network == BASELINE else bench.machine(pes, energy_table)
            results.append(bench.measure(machine, network, "--set", f"energy_table={energy_table}", *changes))
        measured[label] = results
        ours, (first, first_papers) = results[0], measured[short(BASELINE)]
        published = PUBLISHED[network][0] if network in PUBLISHED and not changes else None
        body.append([label, "12 x 14" if network == BASELINE else arrays(pes), f"{ours['area']:.2f}", f"{1e3 * ours['s']:.3f}",
                     f"{1e3 * ours['chip']:.3f} + {1e3 * ours['dram']:.3f}", f"{1e6 * ours['edp']:.3f}", f"{ours['edp'] / first['edp']:.2f}",
                     f"{1e6 * results[1]['edp']:.3f}", f"{results[1]['edp'] / first_papers['edp']:.2f}",
                     published or "", f"{published / PUBLISHED[BASELINE][0]:.2f}" if published else "", causes(ours)])
    streaming = table(["network", "PE arrays", "mm2", "ms an image", "mJ chip + DRAM", "EDP", "ratio", "EDP, paper's energies", "ratio",
                       "published EDP", "ratio", "the conv chunk"], body)
    alone = table(["network", "ms of the slowest chunk's layers", "ms of one image", "EDP of one image", "ratio"],
                  [[label, f"{1e3 * ours['slowest']:.3f}", f"{1e3 * ours['latency']:.3f}", f"{1e6 * ours['edp_alone']:.3f}",
                    f"{ours['edp_alone'] / measured[short(BASELINE)][0]['edp_alone']:.2f}"] for label, (ours, _) in measured.items()])
    return streaming, alone, {network: measured[short(network)][0] for network in HYBRIDS}


def allocations(bench, by_eq8):
    """Eq. 8 against the same number of PEs on every chunk."""
    body = []
    for network in HYBRIDS:
        counts = operations(show(bench.program, network))
        ours, same = by_eq8[network], bench.measure(bench.machine(even(counts), TABLES[0]), network)
        body.append([short(network), arrays(eq8(counts)), arrays(even(counts)), f"{1e3 * ours['s']:.3f}", f"{1e3 * same['s']:.3f}",
                     f"{1e6 * ours['edp']:.3f}", f"{1e6 * same['edp']:.3f}", f"{100 * (1 - ours['edp'] / same['edp']):.1f} %"])
    return table(["network", "Eq. 8", "even", "ms, Eq. 8", "ms, even", "EDP, Eq. 8", "EDP, even", "Eq. 8 saves"], body)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chasm", type=pathlib.Path, default=ROOT / "build/release/chasm")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments.chasm, folder)
        streaming, alone, by_eq8 = against_baseline(bench)
        text = "\n\n".join(["Images streaming through the chunks:", streaming, "One image alone, layer after layer:", alone,
                            "PE allocation:", allocations(bench, by_eq8)])
    write_section("nasa table", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
