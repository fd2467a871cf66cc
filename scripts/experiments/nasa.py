#!/usr/bin/env python3
"""NASA's experiment (ICCAD 2022, Figures 6 and 8, CIFAR-10): hybrid networks on the chunked machine against an all-convolution network on a
multiply-only machine of the same area and memory; the searched mapper against row-stationary loops; every combination of dataflows; Eq. 8
against other allocations. Rewrites the section of docs/validation.md.
"""
import argparse
import json
import pathlib
import re
import statistics
import sys
import tempfile

from common import (AREA_IN_MULTIPLY_PES, CHUNK, PES_PER_MULTIPLY_PE, add_options, array_of, chasm_of, eq8, steady_state, table, with_pes,
                    write_section)

BASELINE = "nasa_fbnet_conv_cifar10"
BASELINE_MACHINE = "eyeriss-45nm-168"
HYBRIDS = ["nasa_hybrid_shift_a_cifar10", "nasa_hybrid_adder_a_cifar10", "nasa_hybrid_all_b_cifar10", "nasa_hybrid_all_repo_cifar10"]
DATAFLOWS = ["rs", "is", "ws", "os"]
ALLOCATIONS = ["eq8", "even", "cost"]
TABLES = ["cmos45-physical", "paper-normalised"]
# EDP in 1e-6 J s read off the vector figures 6 and 8: with the auto-mapper, with row-stationary loops on every chunk (none: could not be mapped).
PUBLISHED = {BASELINE: (2.221, None), HYBRIDS[0]: (1.596, 1.819), HYBRIDS[1]: (1.114, 1.485), HYBRIDS[2]: (1.522, None)}


def operations(network):
    """Operations of a network by arithmetic; those it has none of are left out."""
    return {kind: count for kind, count in network["totals"]["macs"].items() if kind in PES_PER_MULTIPLY_PE and count}


def arrays(pes):
    return " + ".join("{} x {}".format(*array_of(count)) for count in pes.values())


def short(network):
    return network.removeprefix("nasa_").removesuffix("_cifar10")


def micro(edp):
    return f"{1e6 * edp:.3f}"


def less(edp, reference):
    """How much lower in percent."""
    return f"{100 * (1 - edp / reference):.1f} %"


class Bench:
    """Runs networks on machines; a machine is written to a file for the program."""

    def __init__(self, chasm, images, folder):
        self.chasm, self.images, self.folder = chasm, images, pathlib.Path(folder)
        self.template = chasm.show("nasa-45nm")

    def counts(self, network):
        return operations(self.chasm.show(network))

    def machine(self, network, energy_table=TABLES[0]):
        """nasa-45nm with PEs for the network by Eq. 8 as the paper's group released it, without chunks that it has no work for."""
        path = self.folder / f"{network}-{energy_table}.json"
        path.write_text(json.dumps({**with_pes(self.template, eq8(self.counts(network))), "energy_table": energy_table}))
        return path

    def stream(self, machine, network, *more):
        """An image in steady state."""
        return steady_state(self.chasm, ("-a", machine, "-w", network, *more), self.images)

    def alone(self, machine, network, *more):
        """One image, layer after layer: seconds, EDP, and seconds of the chunk with most to do."""
        result = self.chasm.run("-a", machine, "-w", network, *more)
        busy = {}
        for layer in result["layers"]:
            busy[layer["chunk"]] = busy.get(layer["chunk"], 0) + layer["cycles"]
        totals = result["totals"]
        return {"s": totals["latency_s"], "edp": totals["edp_js"], "slowest": max(busy.values()) / totals["clock_hz"]}


def causes(cost):
    """How the conv chunk spends its time, in words."""
    shares = sorted(((share, cause) for cause, share in cost["causes"]["CLP"].items() if cause != "busy"), reverse=True)
    return f"busy {100 * cost['causes']['CLP']['busy']:.0f} %, " + ", ".join(f"{cause} {100 * share:.0f} %" for share, cause in shares[:2])


def against_baseline(bench, networks):
    """EDP of the hybrids against the baseline, with PEs by Eq. 8, under two energy tables; and the baseline with the hybrids' three input
    buses in one. Returns the tables and the streams by network."""
    cases = [(short(BASELINE), BASELINE, ()), (f"{short(BASELINE)}, input bus of 6 words", BASELINE, ("--set", "chunks.CLP.bus_words_per_cycle.input=6"))]
    cases += [(short(network), network, ()) for network in networks]
    streaming, alone, streams = [], [], {}
    for label, network, changes in cases:
        machines = [BASELINE_MACHINE if network == BASELINE else bench.machine(network, energies) for energies in TABLES]
        ours, papers = (bench.stream(machine, network, "--set", f"energy_table={energies}", *changes) for machine, energies in zip(machines, TABLES))
        one = bench.alone(machines[0], network, *changes)
        if not streams:
            first, first_papers, first_one = ours, papers, one
        streams.setdefault(network, ours)
        published = PUBLISHED[network][0] if network in PUBLISHED and not changes else None
        streaming.append([label, "12 x 14" if network == BASELINE else arrays(eq8(bench.counts(network))), f"{ours['area']:.2f}", f"{1e3 * ours['s']:.3f}",
                          f"{1e3 * ours['chip']:.3f} + {1e3 * ours['dram']:.3f}", micro(ours["edp"]), f"{ours['edp'] / first['edp']:.2f}",
                          micro(papers["edp"]), f"{papers['edp'] / first_papers['edp']:.2f}",
                          published or "", f"{published / PUBLISHED[BASELINE][0]:.2f}" if published else "", causes(ours)])
        alone.append([label, f"{1e3 * one['slowest']:.3f}", f"{1e3 * one['s']:.3f}", micro(one["edp"]), f"{one['edp'] / first_one['edp']:.2f}"])
    return (table(["network", "PE arrays", "mm2", "ms an image", "mJ chip + DRAM", "EDP", "ratio", "EDP, paper's energies", "ratio",
                   "published EDP", "ratio", "the conv chunk"], streaming),
            table(["network", "ms of the slowest chunk's layers", "ms of one image", "EDP of one image", "ratio"], alone), streams)


def read_combinations(text):
    """What chasm map --combinations prints: {dataflows: EDP it estimates, or none}, why those have none, and {chunk=dataflow: what it says of
    layers that cannot keep to it}."""
    estimates, why, relaxed = {}, {}, {}
    for line in text.splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        if len(cells) >= 4 and cells[0].startswith(tuple(f"{chunk}=" for chunk in CHUNK.values())):
            flows = tuple(cells[0].split())
            estimates[flows] = None if cells[3] == "-" else float(cells[3].removesuffix(" Js"))
            if cells[3] == "-":
                why[flows] = cells[4]
        elif len(cells) == 3 and "layers" in cells[1]:
            relaxed[cells[0]] = f"{cells[1]}, {cells[2]}"
    return estimates, why, relaxed


def simulated(bench, machine, network, flows):
    """EDP in steady state with these dataflows."""
    return bench.stream(machine, network, *(word for flow in flows for word in ("--dataflow", flow)))["edp"]


def dataflows(bench, streams, networks):
    """The searched mapper against row-stationary loops, both simulated; and every combination of four dataflows (what the paper's auto-mapper
    chooses from), as chasm map --combinations estimates them, the best of them simulated."""
    against_rs, spread, kept = [], [], []
    for network in networks:
        machine = bench.machine(network)
        estimates, why, relaxed = read_combinations(bench.chasm.map("-a", machine, "-w", network, "--combinations")[0])
        ordered = [flows for flows, estimate in estimates.items() if estimate is not None]  # best first
        best, rs = ordered[0], next(flows for flows in estimates if all(flow.endswith("=rs") for flow in flows))
        rs_edp = simulated(bench, machine, network, rs) if rs in ordered else None
        best_edp = rs_edp if best == rs else simulated(bench, machine, network, best)
        free, (published, published_rs) = streams[network]["edp"], PUBLISHED.get(network, (None, None))
        against_rs.append([short(network), micro(rs_edp) if rs_edp else "unmappable", f"{micro(best_edp)} ({' '.join(best)})", micro(free),
                           less(best_edp, rs_edp) if rs_edp else "", less(free, rs_edp) if rs_edp else "",
                           published_rs or ("unmappable" if published else ""), published or "", less(published, published_rs) if published_rs else ""])
        strict = sum(not any(flow in relaxed for flow in flows) for flows in ordered)
        values = [estimates[flows] for flows in ordered]
        spread.append([short(network), len(estimates), len(why), strict, f"{micro(values[0])} ({' '.join(best)})",
                       f"{micro(estimates[rs])} ({ordered.index(rs) + 1}.)" if rs in ordered else "unmappable", micro(statistics.median(values)),
                       f"{micro(values[-1])} ({' '.join(ordered[-1])})"])
        kept += [[short(network), " ".join(flows), reason] for flows, reason in why.items()]
        kept += [[short(network), flow, reason] for flow, reason in relaxed.items()]
    return "\n\n".join([
        "The mapper against row-stationary loops, simulated:",
        table(["network", "EDP, all rs", "best combination", "free search", "best combination saves", "free search saves", "published rs",
               "published auto-mapper", "it saves"], against_rs),
        "Combinations of rs, is, ws and os on the chunks, as `chasm map --combinations` estimates them:",
        table(["network", "combinations", "unmappable", "kept to in every layer", "best EDP", "all rs (rank)", "median", "worst"], spread),
        "What cannot be mapped, or not as the dataflow demands:",
        table(["network", "dataflow", "layers, and the demands dropped for the first"], kept)])


def baseline_pe_area(bench):
    """mm2 of the baseline's PEs, by chasm's table of the allocation."""
    said = bench.chasm.map("-a", BASELINE_MACHINE, "-w", BASELINE, "--allocate", "eq8", "--arch-output", bench.folder / "same.json",
                           "-o", bench.folder / "mapping.json")[1]
    return float(re.search(r"([0-9.]+) mm2", said)[1])


def allocations(bench, streams, networks):
    """Eq. 8, the same number of PEs for all, and by cost, each within the area of the baseline's PEs as chasm's table has it."""
    area, body = baseline_pe_area(bench), []
    for network in networks:
        results = {}
        for method in ALLOCATIONS:
            path = bench.folder / f"{network}-{method}.json"
            bench.chasm.map("-a", bench.machine(network), "-w", network, "--schedule", "pipelined", "--allocate", method, "--area", area,
                            "--arch-output", path, "-o", bench.folder / "mapping.json")
            shapes = [chunk["pe_array"] for chunk in json.loads(path.read_text())["chunks"] if chunk["arithmetic"] != "vector"]
            results[method] = bench.stream(path, network), " + ".join(f"{shape['rows']} x {shape['cols']}" for shape in shapes)
        edp = {method: cost["edp"] for method, (cost, _) in results.items()}
        body.append([short(network), *(text for method in ALLOCATIONS for text in (results[method][1], f"{1e3 * results[method][0]['s']:.3f}", micro(edp[method]))),
                     less(edp["eq8"], edp["even"]), less(edp["cost"], edp["eq8"]), f"{edp['eq8'] / streams[BASELINE]['edp']:.2f}",
                     f"{edp['cost'] / streams[BASELINE]['edp']:.2f}"])
    return table(["network", "Eq. 8", "ms", "EDP", "even", "ms", "EDP", "cost", "ms", "EDP", "Eq. 8 saves over even", "cost saves over Eq. 8",
                  "Eq. 8 to fbnet_conv", "cost to fbnet_conv"], body), area


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=list(map(short, HYBRIDS)), action="append", help="only this hybrid; repeatable (default: all)")
    add_options(parser, budget="20000")
    arguments = parser.parse_args()
    networks = [network for network in HYBRIDS if short(network) in (arguments.network or map(short, HYBRIDS))]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(chasm_of(arguments), arguments.images, folder)
        streaming, alone, streams = against_baseline(bench, networks)
        of_dataflows = dataflows(bench, streams, networks)
        of_allocations, area = allocations(bench, streams, networks)
    text = "\n\n".join(["Images streaming through the chunks:", streaming, "One image alone, layer after layer:", alone, of_dataflows,
                        f"PE allocation, {area:.4f} mm2 of PEs for each machine:", of_allocations])
    if arguments.print:
        print(text)
    else:
        write_section("nasa table", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
