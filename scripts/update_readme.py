#!/usr/bin/python3
"""Writes the true outputs into README.md: scripts/update_readme.py [build/release/chasm]

In a ```console block, the lines after "$ ./run ..." are that command's standard output. Where the README shows "..." only the
lines after it are kept from the end of the output, as many as stood there. A command that shows nothing stays so. The
test cli/readme_test.cpp compares; this script only saves the typing.
"""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def output_of(program, command):
    words = command.split()
    arguments = words[1:] or ["run", "-a", "nasa-45nm", "-w", "nasa_hybrid_all_b_cifar10"]
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout.rstrip("\n").split("\n")


def refreshed(program, command, shown):
    lines = output_of(program, command)
    if shown.count("...") > 1:  # chosen lines: by hand
        return shown
    if "..." in shown:
        at = shown.index("...")
        return lines[:at] + ["..."] + lines[len(lines) - (len(shown) - at - 1):]
    return lines


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build/release/chasm")
    readme = ROOT / "README.md"
    result, block = [], None
    for line in readme.read_text(encoding="utf-8").split("\n"):
        margin = line[:len(line) - len(line.lstrip())]
        if line.strip() == "```console":
            block = []
            result.append(line)
        elif line.strip() == "```" and block is not None:
            if len(block) > 1 and block[0].strip().startswith("$ ./run"):
                shown = [text[len(margin):] for text in block[1:]]
                block[1:] = [(margin + text).rstrip() for text in refreshed(program, block[0].strip()[2:], shown)]
            result += block + [line]
            block = None
        elif block is not None:
            block.append(line)
        else:
            result.append(line)
    readme.write_text("\n".join(result), encoding="utf-8")


if __name__ == "__main__":
    main()
