#!/usr/bin/python3
"""Two builds of the program give the same bytes, whatever compiled them: same_results.py CHASM OTHER_CHASM

Runs, mappings and a sweep by every kind of search, with traces, tensors, tables and pages; the first program with one
thread or process, the second with three. Only what is said of the host and the revision of the program may differ.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

MAY_DIFFER = re.compile(rb'\s*,\s*"host"\s*:\s*\{[^{}]*\}|(?<=git )[0-9a-f]{12}(?:-dirty)?|(?<="git": ")[0-9a-f]{12}(?:-dirty)?'
                        rb'|(?<=[0-9] \()[0-9a-f]{12}(?:-dirty)?(?=\))')

SWEEP = """{
  "name": "small", "base": {"arch": "tiny", "workload": "toy_mixed3"},
  "axes": [{"path": "arch.chunks.MUL.pe_array.rows", "range": {"from": 1, "to": 6, "integer": true}},
           {"path": "arch.clock_mhz", "range": {"from": 50, "to": 2000, "scale": "log"}},
           {"path": "arch.dram.standard", "values": ["ideal", "DDR4-2400", "HBM2"]}],
  "sampling": {"kind": "latin-hypercube", "points": 8}, "constraints": {"pes": {"max": 30}},
  "objectives": ["latency_s", "energy_j", "pes"]}
"""

COMMANDS = [
    "run -a nasa-45nm -w toy_all_types --search quick --functional --tensors tensors -o quick"
    " --trace perfetto=quick.json --trace vcd=quick.vcd --trace dram=quick.txt",
    "run -a tiny -w toy_all_types --budget 2000 --schedule pipelined --images 3 -o pipelined",
    "run -a nasa-45nm -w toy_mixed3 --search genetic --budget 500 --dataflow CLP=rs --keep-on-chip 4096 -o genetic",
    "run -a systolic-16x16 -w toy_mixed3 --set chunks.SYS.reconfigurable.shift=1 --set chunks.SYS.reconfigurable.adder=1"
    " --search random --budget 500 -o systolic",
    "map -a nasa-45nm -w toy_mixed3 --allocate eq8 --search quick --arch-output arch.json -o allocated.json",
    "explain layer ln pipelined",
    "explain energy MUL pipelined",
    "report pipelined --csv tables --html page.html",
    "compare quick genetic",
    "sweep sweep.json -o sweep",
]


def run(program, jobs, folder):
    """What the commands print, in a folder that then has what they wrote."""
    (folder / "sweep.json").write_text(SWEEP, encoding="utf-8")
    printed = {}
    for command in COMMANDS:
        words = command.split()
        if words[0] in ("run", "map", "sweep"):
            words += ["-j", str(jobs)]
        ran = subprocess.run([program, *words], cwd=folder, env={**os.environ, "CHASM_CACHE": "off"}, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        if ran.returncode:
            sys.exit(f"{program} {command}: exit code {ran.returncode}\n{ran.stderr.decode()}")
        printed["chasm " + command] = ran.stdout
    return printed


def everything(program, jobs, folder):
    outputs = run(program, jobs, folder)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            outputs[str(path.relative_to(folder))] = MAY_DIFFER.sub(b"", path.read_bytes())
    return outputs


def first_difference(one, other):
    lines = zip(one.split(b"\n"), other.split(b"\n"))
    for number, (a, b) in enumerate(lines, 1):
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            begin = max(at - 40, 0)
            return f"line {number}: ...{a[begin:at + 40]!r} and ...{b[begin:at + 40]!r}"
    return f"{len(one)} and {len(other)} bytes"


def main():
    with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
        one = everything(str(pathlib.Path(sys.argv[1]).resolve()), 1, pathlib.Path(a))
        other = everything(str(pathlib.Path(sys.argv[2]).resolve()), 3, pathlib.Path(b))
    problems = [f"{name}: only one has it" for name in sorted(set(one) ^ set(other))]
    problems += [f"{name}: {first_difference(one[name], other[name])}" for name in one
                 if name in other and one[name] != other[name]]
    print("\n".join(problems) or f"the same {len(one)} outputs")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
