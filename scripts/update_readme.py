#!/usr/bin/python3
"""Writes the true outputs into README.md: scripts/update_readme.py [build/release/chasm]

In a ```console block, the lines after "$ ./run ..." are that command's standard output. All commands of the program run in
one empty folder, in their order, so that one can use what another wrote. Where the README shows "..." only the
lines after it are kept from the end of the output, as many as stood there. A command that shows nothing stays so. The
test cli/readme_test.cpp compares; this script only saves the typing.
"""
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def output_of(program, command, folder):
    if command == "./run":
        command = "./run run -a nasa-45nm -w nasa_hybrid_all_b_cifar10"
    command = command.replace("./run ", "chasm ", 1) if command.startswith("./run ") else command
    command = "chasm() { " + program + ' "$@"; }; ' + command
    ran = subprocess.run(["/bin/sh", "-c", command], check=True, stdout=subprocess.PIPE, text=True, cwd=folder)
    return ran.stdout.rstrip("\n").split("\n")


def refreshed(lines, shown):
    if shown.count("...") > 1:  # chosen lines: by hand
        return shown
    if "..." in shown:
        at = shown.index("...")
        return lines[:at] + ["..."] + lines[len(lines) - (len(shown) - at - 1):]
    return lines


def updated(program, folder):
    readme = ROOT / "README.md"
    result, block = [], None
    for line in readme.read_text(encoding="utf-8").split("\n"):
        margin = line[:len(line) - len(line.lstrip())]
        if line.strip() == "```console":
            block = []
            result.append(line)
        elif line.strip() == "```" and block is not None:
            for text in block:
                if text.strip().startswith(("$ ./run", "$ chasm ")):
                    lines = output_of(program, text.strip()[2:], folder)
            if len(block) > 1 and block[0].strip().startswith("$ ./run") and not block[1].strip().startswith("$ "):
                shown = [text[len(margin):] for text in block[1:]]
                block[1:] = [(margin + text).rstrip() for text in refreshed(lines, shown)]
            result += block + [line]
            block = None
        elif block is not None:
            block.append(line)
        else:
            result.append(line)
    readme.write_text("\n".join(result), encoding="utf-8")


def main():
    program = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release/chasm").resolve()
    with tempfile.TemporaryDirectory() as folder:
        updated(str(program), folder)


if __name__ == "__main__":
    main()
