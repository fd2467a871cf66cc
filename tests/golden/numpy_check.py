#!/usr/bin/python3
"""Recomputes every layer of a run in NumPy and compares it bit for bit.

    numpy_check.py NETWORK.json TENSORS_DIR

NETWORK.json is a workload; TENSORS_DIR was written by `chasm run --functional --tensors TENSORS_DIR`. Each layer is
computed from the stored tensors it reads, its parameters and quantization.json, by the rules of docs/formats.md
("Arithmetic and quantisation"), and compared with <layer>.output.npy. Exit status: 0 all layers agree, 1 a layer
differs (the first one is named), 2 the arguments or files are unusable.
"""
import json
import math
import pathlib
import sys

import numpy as np


class Mismatch(Exception):
    """A layer, table or file that is not what the rules say."""


def rhe(v, n):
    """v / 2^n rounded half to even, on int64 arrays; n <= 0 multiplies."""
    v = np.asarray(v, dtype=np.int64)
    if n <= 0:
        return v << -n
    return rhe_ratio(v, np.int64(1) << np.int64(n))


def rhe_ratio(a, b):
    """a / b rounded half to even, b > 0."""
    q = np.floor_divide(a, b)
    rest = a - q * b
    up = (2 * rest > b) | ((2 * rest == b) & (q % 2 != 0))
    return q + up


def sat(v, bits):
    return np.clip(v, -(1 << (bits - 1)), (1 << (bits - 1)) - 1)


def wrap(v, bits):
    half = 1 << (bits - 1)
    return (v + half) % (1 << bits) - half


def isqrt(values):
    return np.array([math.isqrt(int(v)) for v in values.ravel()], dtype=np.int64).reshape(values.shape)


def expected_table(name):
    """A look-up table from its name, e.g. exp_8 or gelu_6."""
    kind, bits = name.rsplit("_", 1)
    bits = int(bits)
    unit = 2.0 ** -(bits - 4)
    if kind == "exp":
        return [round(2 ** 15 * math.exp(-d * unit)) for d in range(1 << bits)]
    function = {
        "silu": lambda x: x / (1 + math.exp(-x)),
        "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
        "gelu": lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))),
    }[kind]
    half = 1 << (bits - 1)
    return [min(max(round(function(v * unit) / unit), -half), half - 1) for v in range(-half, half)]


class Run:
    def __init__(self, network, folder):
        self.network = network
        self.folder = pathlib.Path(folder)
        with open(self.folder / "quantization.json", encoding="utf-8") as file:
            self.quantization = json.load(file)
        self.tables = {name: np.array(t, dtype=np.int64) for name, t in self.quantization["tables"].items()}
        self.samples = network.get("batch", 1)
        self.overflows = 0

    def load(self, name):
        array = np.load(self.folder / name, allow_pickle=False)
        if array.dtype.kind not in "iu":
            raise Mismatch(f"{name} holds {array.dtype}, not integers")
        return array.astype(np.int64)

    def check_tables(self):
        for name, table in self.tables.items():
            if table.tolist() != expected_table(name):
                raise Mismatch(f"table {name} is not the rounded function")

    def operands(self, q):
        """The layer's inputs as its datapath sees them, [N][C][H][W]."""
        result = []
        for o in q["inputs"]:
            if o["narrow"] != o["stored_bits"] - o["bits"]:
                raise Mismatch(f"operand {o['tensor']}: narrow is not stored_bits - bits")
            stored = self.load(o["file"])
            if not np.array_equal(stored, sat(stored, o["stored_bits"])):
                raise Mismatch(f"{o['file']} holds values beyond {o['stored_bits']} bits")
            x = sat(rhe(stored, o["narrow"]), o["bits"]) << o["align"]
            result.append(np.broadcast_to(x, (self.samples,) + x.shape[1:]))  # a constant has one sample
        return result

    def compute(self, layer):
        q = self.quantization["layers"][layer["name"]]
        x = self.operands(q)
        kind = layer["type"]
        if kind in ("softmax", "layer_norm"):
            return self.softmax(x[0], q) if kind == "softmax" else self.layer_norm(x[0], q)
        t = getattr(self, kind)(layer, q, *x)
        if kind in ("conv2d", "linear", "matmul"):
            wrapped = wrap(t, q["bits"]["psum"])
            self.overflows += int(np.count_nonzero(wrapped != t))
            t = wrapped * self.per_channel(layer, q, "scale", t) + self.per_channel(layer, q, "bias", t)
        return self.finish(t, q)

    def per_channel(self, layer, q, key, like):
        values = np.array(q[key], dtype=np.int64)
        stored = self.folder / f"{layer['name']}.{key}.npy"
        if stored.exists() and not np.array_equal(values, self.load(stored.name)):
            raise Mismatch(f"{stored.name} is not the {key} of quantization.json")
        if values.shape != like.shape[1:2]:
            raise Mismatch(f"layer {layer['name']}: {len(values)} values of {key} for {like.shape[1]} channels")
        return values[:, None, None]

    def finish(self, t, q):
        bits, shift, activation = q["bits"]["output"], q["shift"], q["activation"]
        if activation in ("relu", "relu6"):
            t = np.maximum(t, 0)
        if activation == "relu6":
            t = np.minimum(t, math.floor(6 * 2.0 ** (bits - 4 + shift)))
        if "divisor" in q:
            y = rhe_ratio(t << max(0, -shift), q["divisor"] << max(0, shift))
        else:
            y = rhe(t, shift)
        y = sat(y, bits)
        if activation in ("silu", "gelu", "sigmoid"):
            y = self.tables[q["table"]][y + (1 << (bits - 1))]
        return y

    @staticmethod
    def product(layer, acc, x, w):
        """One step of every PE: acc (in place) meets x and w, which broadcast to its shape."""
        arithmetic = layer["arithmetic"]
        if arithmetic == "multiply":
            acc += x * w
        elif arithmetic == "adder":
            acc -= np.abs(x - w)
        elif arithmetic == "shift":
            magnitude = np.abs(w)
            power = np.zeros_like(w)
            for p in range(1, 63):
                power[magnitude >= (1 << p)] = p
            if np.any((magnitude != 0) & (magnitude != np.int64(1) << power)):
                raise Mismatch(f"layer {layer['name']}: a shift weight is not a power of two")
            acc += np.sign(w) * (x << power)
        else:
            raise Mismatch(f"layer {layer['name']}: arithmetic {arithmetic}")

    def convolve(self, layer, x, w, stride, padding, dilation, groups):
        n, c, h, wide = x.shape
        k, per_group, r, s = w.shape
        x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
        p = (h + 2 * padding[0] - dilation[0] * (r - 1) - 1) // stride[0] + 1
        q = (wide + 2 * padding[1] - dilation[1] * (s - 1) - 1) // stride[1] + 1
        x = x.reshape(n, groups, c // groups, x.shape[2], x.shape[3])
        w = w.reshape(groups, k // groups, per_group, r, s)
        acc = np.zeros((n, groups, k // groups, p, q), dtype=np.int64)
        for i in range(r):
            for j in range(s):
                y0, x0 = i * dilation[0], j * dilation[1]
                window = x[:, :, :, y0:y0 + (p - 1) * stride[0] + 1:stride[0], x0:x0 + (q - 1) * stride[1] + 1:stride[1]]
                for channel in range(per_group):
                    self.product(layer, acc, window[:, :, channel, None], w[:, :, channel, i, j, None, None])
        return acc.reshape(n, k, p, q)

    def conv2d(self, layer, q, x):
        w = self.load(layer["name"] + ".weight.npy")
        return self.convolve(layer, x, w, layer.get("stride", [1, 1]), layer.get("padding", [0, 0]),
                             layer.get("dilation", [1, 1]), layer.get("groups", 1))

    def linear(self, layer, q, x):
        w = self.load(layer["name"] + ".weight.npy")
        if layer["in_features"] != x.shape[1]:
            x = x.reshape(x.shape[0], -1, 1, 1)
        return self.convolve(layer, x, w[:, :, None, None], [1, 1], [0, 0], [1, 1], 1)

    def matmul(self, layer, q, a, b):
        n, heads = a.shape[0], layer.get("heads", 1)
        values = b.reshape(n, heads, b.shape[1] // heads, -1)  # [n][g][d][tb]
        if layer["transpose_b"]:
            left = a.reshape(n, heads, a.shape[1] // heads, -1)  # [n][g][d][ta]
            acc = np.zeros((n, heads, left.shape[3], values.shape[3]), dtype=np.int64)
            for d in range(left.shape[2]):
                self.product(layer, acc, left[:, :, d, :, None], values[:, :, d, None, :])
            return acc
        acc = np.zeros((n, heads, values.shape[2], a.shape[2]), dtype=np.int64)  # [n][g][d][ta]
        for t in range(a.shape[3]):
            self.product(layer, acc, a[:, :, None, :, t], values[:, :, :, t, None])
        square = a.shape[2] == b.shape[2] * b.shape[3]
        return acc.reshape((n, b.shape[1]) + (b.shape[2:] if square else (a.shape[2], 1)))

    def add(self, layer, q, a, b):
        return a + b

    def scale(self, layer, q, x, factor):
        return x * factor

    def concat(self, layer, q, *parts):
        if layer["axis"] == "channels":
            return np.concatenate(parts, axis=1)
        return np.concatenate([x.reshape(x.shape[0], x.shape[1], -1, 1) for x in parts], axis=2)

    def windows(self, layer, x, fill):
        """The elements of every window, one array for each kernel position."""
        (r, s), stride, padding = layer["kernel"], layer["stride"], layer.get("padding", [0, 0])
        p = (x.shape[2] + 2 * padding[0] - r) // stride[0] + 1
        q = (x.shape[3] + 2 * padding[1] - s) // stride[1] + 1
        x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2), constant_values=fill)
        return [x[:, :, i:i + (p - 1) * stride[0] + 1:stride[0], j:j + (q - 1) * stride[1] + 1:stride[1]]
                for i in range(r) for j in range(s)]

    def max_pool2d(self, layer, q, x):
        return np.max(self.windows(layer, x, np.iinfo(np.int64).min), axis=0)

    def avg_pool2d(self, layer, q, x):
        if q["divisor"] != layer["kernel"][0] * layer["kernel"][1]:
            raise Mismatch(f"layer {layer['name']}: divisor is not the window")
        return np.sum(self.windows(layer, x, 0), axis=0)

    def global_avg_pool(self, layer, q, x):
        if q["divisor"] != x.shape[2] * x.shape[3]:
            raise Mismatch(f"layer {layer['name']}: divisor is not the number of positions")
        return np.sum(x, axis=(2, 3), keepdims=True)

    def softmax(self, x, q):
        bits = q["bits"]["output"]
        e = self.tables[q["table"]][np.max(x, axis=3, keepdims=True) - x]
        total = np.sum(e, axis=3, keepdims=True)
        return sat(((e << (bits - 1)) + total // 2) // total, bits)

    def layer_norm(self, x, q):
        bits, n = q["bits"]["output"], x.shape[1]
        a, b = np.sum(x, axis=1, keepdims=True), np.sum(x * x, axis=1, keepdims=True)
        r = np.maximum(1, isqrt(n * b - a * a))
        f = bits - 4
        u = rhe_ratio((n * x - a) << max(0, f), r << max(0, -f))
        gamma, beta = (np.array(q[key], dtype=np.int64)[:, None, None] for key in ("gamma", "beta"))
        return sat(rhe(u * gamma, q["gamma_fraction_bits"]) + beta, bits)

    def check(self, layer):
        name = layer["name"]
        expected = self.compute(layer)
        actual = self.load(name + ".output.npy")
        if expected.shape != actual.shape:
            raise Mismatch(f"layer {name}: {name}.output.npy has the shape {actual.shape}, not {expected.shape}")
        different = np.argwhere(expected != actual)
        if len(different):
            at = tuple(int(i) for i in different[0])
            raise Mismatch(f"layer {name}: element {at} is {actual[at]}, not {expected[at]} "
                           f"({len(different)} of {actual.size} elements differ)")


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    agreed = 0
    try:
        with open(arguments[0], encoding="utf-8") as file:
            network = json.load(file)
        run = Run(network, arguments[1])
        run.check_tables()
        for layer in network["layers"]:
            run.check(layer)
            agreed += 1
    except Mismatch as problem:
        print(f"{problem}; {agreed} layers before it agree", file=sys.stderr)
        return 1
    except (OSError, ValueError, KeyError) as problem:
        print(f"{arguments[0]}, {arguments[1]}: {type(problem).__name__}: {problem}", file=sys.stderr)
        return 2
    print(f"{agreed} of {len(network['layers'])} layers agree bit for bit; {run.overflows} psum overflows")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
