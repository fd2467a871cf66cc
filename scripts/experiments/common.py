"""What the experiments share: running chasm, PE counts by NASA's Eq. 8, rank correlation, tables in docs/validation.md."""
import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
VALIDATION = ROOT / "docs" / "validation.md"

# NASA-F's released code: the area of 168 8-bit multiply PEs; one of them is as large as 1.88 6-bit shift or adder PEs.
AREA_IN_MULTIPLY_PES = 168
PES_PER_MULTIPLY_PE = {"multiply": 1.0, "shift": 1.88, "adder": 1.88}
CHUNK = {"multiply": "CLP", "shift": "SLP", "adder": "ALP"}  # of nasa-45nm


class Chasm:
    """The program, with the options of the mapper that every command takes."""

    def __init__(self, path, *options):
        self.path, self.options = path, options

    def text(self, *arguments):
        """(stdout, stderr) of one command; one that fails ends the experiment."""
        done = subprocess.run([str(self.path), *map(str, arguments)], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"chasm {' '.join(map(str, arguments))}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout, done.stderr

    def run(self, *arguments):
        """The JSON result of a simulation."""
        return json.loads(self.text("run", *self.options, *arguments, "-o", "-")[0])

    def map(self, *arguments):
        """(stdout, stderr) of chasm map."""
        return self.text("map", *self.options, *arguments)

    def show(self, name):
        """A shipped architecture or network as a value; its comments go."""
        return json.loads(re.sub(r'("(?:[^"\\]|\\.)*")|//[^\n]*', lambda found: found[1] or "", self.text("show", name)[0]))


def add_options(parser, budget=None):
    """What every experiment takes. Searched mappings are kept, so that a second run only simulates."""
    parser.add_argument("--chasm", type=pathlib.Path, default=ROOT / "build/release/chasm", help="the program (default build/release/chasm)")
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "chasm-experiments.sqlite",
                        help="where searched mappings are kept between runs (default: a file in the folder of temporary files)")
    parser.add_argument("--search", default="anneal", help="how mappings are searched (default anneal)")
    parser.add_argument("--budget", default=budget, help=f"evaluations for each different operation (default {budget or 'that of chasm'})")
    parser.add_argument("--images", type=int, nargs=2, default=(8, 16), metavar=("N", "M"),
                        help="lengths of the two streams that steady states are taken from (default 8 16)")
    parser.add_argument("--print", action="store_true", help="print the tables instead of rewriting docs/validation.md")


def chasm_of(arguments):
    """The program that these options ask for."""
    budget = ("--budget", arguments.budget) if arguments.budget else ()
    return Chasm(arguments.chasm, "--cache", arguments.cache, "--search", arguments.search, *budget)


def eq8(operations):
    """NASA, ICCAD'22, Eq. 8 as released: PEs in proportion to operations, within the area; multiply rounded down, the others up."""
    share = AREA_IN_MULTIPLY_PES / sum(n / PES_PER_MULTIPLY_PE[kind] for kind, n in operations.items())
    return {kind: math.floor(share * n) if kind == "multiply" else math.ceil(share * n)
            for kind, n in operations.items() if n}


def array_of(pes):
    """(rows, cols) of the array of at most so many PEs that has most of them, at most three times as wide as high; of several the squarest."""
    shapes = [(rows, cols) for rows in range(1, pes + 1) for cols in range(rows, min(3 * rows, pes // rows) + 1)]
    return max(shapes or [(1, pes)], key=lambda shape: (shape[0] * shape[1], shape[0] - shape[1]))


def with_pes(architecture, pes):
    """nasa-45nm with so many PEs of each arithmetic; chunks without PEs are left out."""
    kept = []
    for chunk in architecture["chunks"]:
        if chunk["arithmetic"] in pes:
            rows, cols = array_of(pes[chunk["arithmetic"]])
            chunk = {**chunk, "pe_array": {**chunk["pe_array"], "rows": rows, "cols": cols}}
        elif chunk["arithmetic"] in CHUNK:
            continue
        kept.append(chunk)
    return {**architecture, "chunks": kept}


def steady_state(chasm, arguments, images):
    """Of a pipelined run, what one more image costs, from two lengths of stream: seconds, joules of all but DRAM, joules of DRAM, their EDP; the
    area; and of the longer one the share of each chunk's cycles by cause."""
    results = [chasm.run(*arguments, "--schedule", "pipelined", "--images", count) for count in images]
    seconds = [result["totals"]["latency_s"] for result in results]
    dram = [1e-12 * sum(row["total_pj"] for row in result["energy"] if row["component"].startswith("dram")) for result in results]
    chip = [result["totals"]["energy_j"] - outside for result, outside in zip(results, dram)]
    more = {name: (pair[1] - pair[0]) / (images[1] - images[0]) for name, pair in (("s", seconds), ("chip", chip), ("dram", dram))}
    longer = results[1]
    more["edp"] = (more["chip"] + more["dram"]) * more["s"]  # NASA's: all energy x what the stream takes an image
    more["area"] = longer["totals"]["area_mm2"]
    more["causes"] = {chunk["name"]: {cause: cycles / longer["totals"]["cycles"] for cause, cycles in chunk["cycles_by_cause"].items()}
                      for chunk in longer["chunks"]}
    return more


def ranks(values):
    """Ranks from 1; ties share their mean rank."""
    return [(sum(other < value for other in values) + sum(other <= value for other in values) + 1) / 2 for value in values]


def spearman(a, b):
    """Spearman's rank correlation."""
    x, y = ranks(a), ranks(b)
    mean = (len(x) + 1) / 2
    cross = sum((p - mean) * (q - mean) for p, q in zip(x, y))
    return cross / math.sqrt(sum((p - mean) ** 2 for p in x) * sum((q - mean) ** 2 for q in y))


def kendall(a, b):
    """Kendall's tau-b."""
    def sign(value):
        return (value > 0) - (value < 0)
    pairs = [(i, j) for i in range(len(a)) for j in range(i)]
    agree = sum(sign(a[i] - a[j]) * sign(b[i] - b[j]) for i, j in pairs)
    return agree / math.sqrt(sum(a[i] != a[j] for i, j in pairs) * sum(b[i] != b[j] for i, j in pairs))


def table(header, rows):
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def write_section(name, text, path=VALIDATION):
    """Replaces what stands between the two markers of that name."""
    begin, end = f"<!-- {name}: written by scripts/experiments/", f"<!-- end of {name} -->"
    document = path.read_text(encoding="utf-8")
    first = document.index("\n", document.index(begin)) + 1
    path.write_text(document[:first] + text.rstrip("\n") + "\n" + document[document.index(end):], encoding="utf-8")
