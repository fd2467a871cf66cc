#!/usr/bin/python3
"""Runs the fuzz targets of a build (preset `clang`): tests/fuzz/fuzz.py build/clang --seconds 10 [TARGET...].

Each starts from what the tree ships, from results and journals that the build's own program makes, from the cases in
corpus/TARGET, and from --corpus DIR/TARGET, where new inputs are kept. An input that fails is kept in --failures. Prints
a line a target; exit code 1 if any failed.
"""
import argparse
import concurrent.futures
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent.parent
LARGEST_SEED = 12_000  # bytes; larger ones only slow the search down
MEMORY_MB = 2048
HANG_SECONDS = 25

SCHEMAS = {
    "network": "workloads/*.schema.json",
    "architecture": "models/arch/arch.schema.json",
    "mapping": "mapper/mapping.schema.json",
    "constraints": "mapper/constraints.schema.json",
    "energy_table": "models/energy/energy_table.schema.json",
    "dram_config": "models/memory/dram/dram.schema.json",
    "sweep": "sim/sweep/sweep.schema.json",
    "result": "sim/report/result.schema.json",
}
DOCUMENTS = {
    "network": "workloads/zoo/*.json",
    "energy_table": "models/energy/tables/*.json",
    "dram_config": "models/memory/dram/standards/*.json",
    "sweep": "sim/sweep/shipped/*.json",
}
CHANGES = "clock_mhz=500\nchunks.MUL.pe_array.rows=3\nglobal_buffer.capacity_bytes=\"8 KiB\"\ndram.standard=DDR4-2400\n"
CONSTRAINTS = [
    {"schema": "chasm/constraints/1", "layers": {"*": {"rf": {"temporal": [["C", 2]]}}}},
    {"schema": "chasm/constraints/1", "layers": {"stem": {"chunk": "MUL", "array": {"spatial_x": [["K", 2]]}}}},
]


def network_of(layer):
    return {"name": "n", "inputs": [{"name": "x", "shape": [4, 6, 6]}], "layers": [dict(layer, name="l", inputs=["x"])]}


class Seeds:
    """Writes the first inputs of every target into folders of their own."""

    def __init__(self, program, folder):
        self.program, self.folder, self.count = program, folder, 0

    def add(self, target, content):
        if isinstance(content, str):
            content = content.encode()
        if len(content) > 4 * LARGEST_SEED:
            return
        place = self.folder / "seeds" / target
        place.mkdir(parents=True, exist_ok=True)
        self.count += 1
        (place / f"{self.count}").write_bytes(content)

    def run(self, *words):
        subprocess.run([self.program, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def shipped(self):
        for target, pattern in DOCUMENTS.items():
            for path in sorted(TREE.glob(pattern)):
                if path.stat().st_size <= LARGEST_SEED:
                    self.add(target, path.read_bytes())
                    self.add("json", path.read_bytes())
        for path in sorted(TREE.glob("models/arch/presets/*.json")):
            self.add("architecture", "---\n" + path.read_text())
            self.add("architecture", CHANGES + '---\n{"extends": "base.json", "name": "b"}\n---\n' + path.read_text())
        for path in sorted((HERE / "corpus").glob("*/*")):
            self.add(path.parent.name, path.read_bytes())
        for constraints in CONSTRAINTS:
            self.add("constraints", json.dumps(constraints))

    def made(self):
        """What the program itself writes."""
        out = self.folder / "made"
        small = self.folder / "small.json"
        small.write_text(json.dumps(network_of({"type": "conv2d", "arithmetic": "multiply", "out_channels": 4, "kernel": [3, 3],
                                                "stride": [1, 1], "padding": [1, 1], "dilation": [1, 1], "groups": 1,
                                                "bias": True, "batch_norm": False, "activation": "relu"})))
        self.add("network", small.read_text())
        self.run("run", "-a", "tiny", "-w", str(small), "-o", str(out / "run"))
        self.add("result", (out / "run" / "result.json").read_bytes())
        self.run("map", "-a", "tiny", "-w", "toy_all_types", "-o", str(out / "mapping.json"))
        self.add("mapping", (out / "mapping.json").read_bytes())
        sweep = self.folder / "sweep.json"
        sweep.write_text(json.dumps({"name": "s", "base": {"arch": "tiny", "workload": str(small)},
                                     "axes": [{"path": "arch.clock_mhz", "values": [100, 200]}]}))
        self.add("sweep", sweep.read_text())
        self.run("sweep", str(sweep), "-o", str(out / "sweep"))
        journal = (out / "sweep" / "points.jsonl").read_text()
        self.add("journal", journal)
        for hostile in (journal.replace('"points":2', '"points":18446744073709551615'),
                        journal.replace('"totals":{', '"totals":' + "[" * 300 + "]" * 300 + ',"x":{'),
                        journal.replace('"index":1', '"index":18446744073709551615'),
                        "".join(journal.splitlines(True)[:2])):
            self.add("journal", hostile)

    def binary(self):
        trace = "".join(f"{4 * i},{'RW'[i % 2]},0x{64 * i * i:x}\n" for i in range(20))
        self.add("dram_trace", trace)
        self.add("dram_trace", gzip.compress(trace.encode(), mtime=0))
        for kind, size in (("|i1", 1), ("<i2", 2), ("<i4", 4), ("<i8", 8), ("|u1", 1)):
            head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': (2, 3), }}".ljust(117) + "\n"
            self.add("npy", b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode() + bytes(range(6 * size)))
        for i in range(24):
            self.add("machine", bytes((37 * i * k + k * k) % 256 for k in range(40 + 4 * i)))


def dictionary(target, folder):
    """The keys and words of the target's schema, as libFuzzer's dictionary."""
    words = set()
    for path in TREE.glob(SCHEMAS[target]):
        words.update(re.findall(r'"([A-Za-z0-9_./*#-]{2,40})"', path.read_text()))
    file = folder / f"{target}.dict"
    file.write_text("".join(f'"\\"{word}\\""\n' for word in sorted(words)))
    return file


def statistics(log):
    found = dict(re.findall(r"stat::(\w+):\s+(\d+)", log))
    return int(found.get("number_of_executed_units", 0)), int(found.get("average_exec_per_sec", 0))


def run_target(options, target, folder):
    corpora = [folder / "new" / target]
    if options.corpus:
        corpora = [options.corpus / target]
    corpora[0].mkdir(parents=True, exist_ok=True)
    seeds = folder / "seeds" / target
    if seeds.is_dir():
        corpora.append(seeds)
    options.failures.mkdir(parents=True, exist_ok=True)
    command = [str(options.build / "tests/fuzz" / f"fuzz_{target}"), *map(str, corpora), f"-seed={options.seed}",
               f"-max_total_time={options.seconds}", f"-timeout={HANG_SECONDS}", f"-malloc_limit_mb={MEMORY_MB}",
               "-print_final_stats=1", "-close_fd_mask=3", f"-artifact_prefix={options.failures}/{target}-"]
    # The watch over memory is a thread, which a process that forks must not have.
    command.append("-rss_limit_mb=0" if target == "machine" else f"-rss_limit_mb={MEMORY_MB}")
    if options.runs:
        command.append(f"-runs={options.runs}")
    if target in SCHEMAS:
        command.append(f"-dict={dictionary(target, folder)}")
    environment = dict(os.environ, CHASM_CACHE="off", TMPDIR=str(folder))
    ended = subprocess.run(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment, errors="replace", check=False)
    return ended.returncode, ended.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=10, help="for each target")
    parser.add_argument("--runs", type=int, default=0, help="executions of each target at most; 0: no limit")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time")
    parser.add_argument("--corpus", type=pathlib.Path, help="where new inputs are kept")
    parser.add_argument("--failures", type=pathlib.Path, default=pathlib.Path("fuzz-failures"))
    options = parser.parse_args()
    known = sorted(p.name[5:] for p in (options.build / "tests/fuzz").glob("fuzz_*") if p.is_file())
    targets = options.targets or known
    if not targets or not set(targets) <= set(known):
        parser.error(f"the build has the targets {', '.join(known) or 'of no name'}")
    failed = False
    # In memory: a target writes each input to a file, which takes a hundred times as long on a disk.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="chasm-fuzz-", dir=memory) as name, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        folder = pathlib.Path(name)
        seeds = Seeds(options.build / "chasm", folder)
        seeds.shipped()
        seeds.made()
        seeds.binary()
        for target, (code, log) in zip(targets, pool.map(lambda t: run_target(options, t, folder), targets)):
            executions, rate = statistics(log)
            print(f"{target}: {executions} executions, {rate} a second{'' if code == 0 else ', FAILED'}", flush=True)
            if code != 0:
                failed = True
                print(log[-6000:], flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
