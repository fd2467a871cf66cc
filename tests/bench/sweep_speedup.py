#!/usr/bin/python3
"""How much faster a sweep is with two processes than with one: sweep_speedup.py CHASM [SWEEP] [PAIRS]

Runs the sweep (nasa-dram-standard) with -j 1 and -j 2 in turn, without what was mapped before, and prints the seconds of
each pair and the median of the ratios. Two idle processors are needed; CPU seconds that are below the seconds of -j 1 say
that others took some.
"""
import os
import resource
import statistics
import subprocess
import sys
import time


def seconds(program, sweep, jobs):
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([program, "sweep", sweep, "-j", str(jobs), "-o", "-"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, env={**os.environ, "CHASM_CACHE": "off"})
    wall, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    program = sys.argv[1]
    sweep = sys.argv[2] if len(sys.argv) > 2 else "nasa-dram-standard"
    ratios = []
    for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 5):
        (one, one_cpu), (two, two_cpu) = seconds(program, sweep, 1), seconds(program, sweep, 2)
        ratios.append(one / two)
        print(f"-j 1: {one:.2f} s ({one_cpu:.2f} s of CPU); -j 2: {two:.2f} s ({two_cpu:.2f} s of CPU); ratio {ratios[-1]:.2f}", flush=True)
    print(f"median of {len(ratios)}: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
