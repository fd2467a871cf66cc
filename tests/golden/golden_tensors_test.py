#!/usr/bin/python3
"""The golden evaluation against NumPy: golden_tensors_test.py WRITER NETWORK.json WIDTHS

Writes the tensors of a network with WRITER (write_golden_tensors), has numpy_check.py recompute every layer, and then
makes sure that numpy_check.py finds a single changed value, parameter and shift.
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


def check(network, folder):
    run = subprocess.run([sys.executable, CHECK, network, folder], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def expect(condition, text):
    if not condition:
        sys.exit("FAILED: " + text)


def expect_found(network, folder, layer, change, undo):
    change()
    status, text = check(network, folder)
    expect(status == 1 and f"layer {layer}" in text, f"a change of layer {layer} was not found: {text}")
    undo()


def main(writer, network, widths):
    layers = json.loads(pathlib.Path(network).read_text(encoding="utf-8"))["layers"]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "made" / "by the test"
        subprocess.run([writer, network, folder, widths], check=True)
        status, text = check(network, folder)
        print(text, end="")
        expect(status == 0 and text.startswith(f"{len(layers)} of {len(layers)} layers agree"), text)

        last = layers[-1]["name"]
        output = folder / f"{last}.output.npy"
        original = np.load(output)
        changed = original.copy()
        changed.flat[changed.size // 2] ^= 1
        expect_found(network, folder, last, lambda: np.save(output, changed), lambda: np.save(output, original))

        weighted = next(layer["name"] for layer in layers if layer["type"] == "conv2d")
        path = folder / "quantization.json"
        text = path.read_text(encoding="utf-8")
        other = json.loads(text)
        other["layers"][weighted]["shift"] += 1
        expect_found(network, folder, weighted, lambda: path.write_text(json.dumps(other)), lambda: path.write_text(text))
        expect(check(network, folder)[0] == 0, "the restored folder does not agree")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
