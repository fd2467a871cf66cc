#!/usr/bin/python3
"""What the simulated machine computes against NumPy: functional_numpy_test.py CHASM ARCH NETWORK.json

Runs the network in functional mode with --tensors, has numpy_check.py recompute every layer; then changes an input and runs
again from the folder: the machine must read it, and agree again.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("python3-numpy is not installed")
    sys.exit(77)

CHECK = pathlib.Path(__file__).with_name("numpy_check.py")


def run_and_check(chasm, arch, network, folder):
    subprocess.run([chasm, "run", "-a", arch, "-w", network, "--functional", "--tensors", folder, "-o", "-"],
                   check=True, stdout=subprocess.DEVNULL)
    count = len(json.loads(pathlib.Path(network).read_text(encoding="utf-8"))["layers"])
    check = subprocess.run([sys.executable, CHECK, network, folder], capture_output=True, text=True, check=False)
    print(check.stdout + check.stderr, end="")
    if check.returncode != 0 or not check.stdout.startswith(f"{count} of {count} layers agree"):
        sys.exit(f"FAILED: NumPy does not agree on {count} layers")


def main(chasm, arch, network):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run_and_check(chasm, arch, network, folder)
        image = folder / "image.npy"
        values = np.load(image)[..., ::-1, :].copy()
        np.save(image, values)
        run_and_check(chasm, arch, network, folder)
        if not np.array_equal(np.load(image), values):
            sys.exit("FAILED: the given input was not used")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
