"""The 13 networks whose costs NASA-F (IEEE TCAS-I 2024) released, as data, as layers and as chasm workloads.

Source: https://github.com/shihuihong214/NASA-F, commit 81b4775. search.py line 171 lists the configurations with energy (mJ), latency (ms)
and operations (10^7); configs/search_adder.yml has what all share: strides, squeeze-excite stages, head; models/ says what a block is.
"""

# Widths: stem, seven stages, last convolution. Types: one letter a block, stages apart, c for conv and a for add. Costs: mJ, ms, 10^7 operations.
NETWORKS = [
    {"width": w, "depth": d, "kernel": k, "expand": e, "types": t.split(), "energy_mj": mj, "latency_ms": ms, "operations": n}
    for w, d, k, e, t, mj, ms, n in [
        ((24, 24, 32, 40, 64, 120, 192, 224, 1984), (1, 5, 5, 5, 4, 3, 2), (3, 5, 5, 3, 5, 5, 3), (1, 5, 6, 4, 4, 6, 6),
         "c ccccc cccca cccaa caac cca ca", 0.193, 2.471, 4.83),
        ((24, 24, 32, 40, 64, 120, 192, 224, 1792), (1, 5, 5, 5, 4, 3, 2), (3, 5, 5, 3, 3, 5, 3), (1, 5, 6, 6, 4, 6, 6),
         "c ccccc cccca cccaa ccac cac ca", 0.198, 2.415, 5.014),
        ((24, 16, 32, 40, 64, 120, 192, 216, 1792), (1, 5, 6, 3, 4, 3, 1), (3, 5, 5, 3, 5, 5, 3), (1, 5, 6, 4, 4, 6, 6),
         "c ccccc ccccac ccc caac caa c", 0.177, 2.247, 4.382),
        ((24, 16, 32, 40, 64, 120, 192, 216, 1792), (2, 5, 6, 3, 4, 3, 1), (3, 5, 5, 3, 5, 5, 3), (1, 5, 6, 4, 4, 6, 6),
         "ca ccccc ccccac ccc caac caa c", 0.178, 2.305, 4.407),
        ((24, 16, 32, 40, 64, 120, 192, 216, 1792), (2, 5, 6, 4, 4, 3, 1), (3, 5, 5, 3, 5, 5, 3), (1, 5, 6, 6, 4, 6, 6),
         "ca ccccc ccccac ccca caac cac c", 0.185, 2.084, 4.662),
        ((24, 16, 32, 40, 64, 120, 192, 224, 1984), (1, 5, 5, 5, 5, 3, 1), (3, 5, 5, 3, 5, 3, 3), (1, 5, 6, 4, 4, 6, 6),
         "c ccccc cccca cccaa caaaa caa c", 0.175, 2.012, 4.277),
        ((24, 16, 32, 40, 64, 120, 192, 224, 1792), (2, 5, 5, 4, 4, 3, 1), (3, 5, 5, 3, 5, 5, 3), (1, 5, 6, 4, 4, 6, 6),
         "ca ccccc cccca ccca caac caa c", 0.17, 1.948, 4.27),
        ((24, 24, 32, 40, 64, 120, 192, 224, 1792), (2, 5, 3, 4, 4, 3, 1), (3, 5, 5, 3, 5, 5, 3), (1, 5, 6, 6, 4, 6, 6),
         "ca cccca ccc ccca caac cac c", 0.164, 1.81, 4.331),
        ((24, 16, 32, 40, 64, 120, 192, 224, 1792), (1, 5, 3, 3, 4, 3, 1), (3, 5, 5, 3, 5, 5, 5), (1, 5, 6, 4, 4, 6, 6),
         "c cccca ccc ccc caac cac c", 0.152, 1.716, 3.901),
        ((24, 16, 32, 40, 64, 120, 192, 224, 1984), (1, 5, 3, 5, 5, 3, 1), (3, 5, 5, 3, 5, 5, 5), (1, 4, 6, 4, 4, 6, 6),
         "c cccca ccc ccccc caaaa cac c", 0.153, 1.611, 3.708),
        ((24, 24, 32, 40, 64, 112, 192, 224, 1792), (1, 5, 3, 3, 5, 8, 2), (3, 5, 5, 3, 5, 3, 5), (1, 4, 6, 5, 6, 6, 6),
         "c cccac ccc ccc ccaaa cacaaaaa ca", 0.244, 2.657, 4.994),
        ((24, 16, 24, 40, 64, 120, 192, 216, 1984), (1, 5, 3, 5, 5, 3, 1), (3, 5, 5, 3, 3, 5, 3), (1, 4, 6, 4, 4, 6, 6),
         "c ccccc ccc ccaaa caaca caa c", 0.135, 1.541, 3.133),
        ((24, 16, 24, 40, 64, 120, 192, 216, 1984), (1, 3, 3, 5, 5, 3, 1), (3, 5, 5, 3, 5, 3, 5), (1, 4, 6, 6, 4, 6, 6),
         "c ccc ccc ccaac ccaca caa c", 0.134, 1.447, 3.034),
    ]
]

SIZE, CLASSES = 32, 100  # CIFAR-100
STRIDES = (1, 2, 2, 2, 1, 2, 1)  # of the first block of each stage
SQUEEZE = (False, False, True, False, True, True, True)
ARITHMETIC = {"c": "multiply", "a": "adder"}


def multiple_of_8(value):
    """Channels as the repository rounds them: to the nearest multiple of 8, not more than a tenth below."""
    rounded = max(1, (value + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * value else rounded


def blocks(net):
    """The inverted-bottleneck blocks: sizes in and out, channels in, in the middle and out."""
    size, channels = SIZE, net["width"][0]
    for stage, types in enumerate(net["types"]):
        for index, letter in enumerate(types):
            stride = STRIDES[stage] if index == 0 else 1
            middle = multiple_of_8(channels * net["expand"][stage])
            yield {"name": f"s{stage + 1}b{index + 1}", "arithmetic": ARITHMETIC[letter], "size": size, "out_size": size // stride,
                   "stride": stride, "kernel": net["kernel"][stage], "in": channels, "middle": middle, "out": net["width"][stage + 1],
                   "expands": net["expand"][stage] != 1,
                   "squeezed": multiple_of_8(middle // 4) if SQUEEZE[stage] else 0}
            size, channels = size // stride, net["width"][stage + 1]


def counted_operations(net):
    """Operations by arithmetic as the repository counts them: the blocks alone, two for each output of a batch norm, one for each bias of a
    squeeze-excite. (Stem, shortcuts, head and classifier are not counted.)"""
    counts = {"multiply": 0, "adder": 0}
    for block in blocks(net):
        before, after = block["size"] ** 2, block["out_size"] ** 2
        count = block["middle"] * after * (block["kernel"] ** 2 + 2) + (block["middle"] + 2) * block["out"] * after
        if block["expands"]:
            count += (block["in"] + 2) * block["middle"] * before
        if block["squeezed"]:
            count += 2 * block["middle"] * block["squeezed"] + block["middle"] + block["squeezed"]
        counts[block["arithmetic"]] += count
    return counts


def conv(name, source, out, arithmetic, kernel=1, stride=1, groups=1, **more):
    """A convolution of the workload format."""
    return {"name": name, "type": "conv2d", "arithmetic": arithmetic, "inputs": [source], "out_channels": out, "kernel": [kernel] * 2,
            "stride": [stride] * 2, "padding": [kernel // 2] * 2, "groups": groups, **more}


def main_path(block, source, squeeze):
    """A block's convolutions in a row; `squeeze` makes its squeeze-excite from (block, source)."""
    name, kind = block["name"], block["arithmetic"]
    norm = {"batch_norm": True, "activation": "silu"}
    layers = []
    if block["expands"]:
        layers.append(conv(f"{name}_pw1", source, block["middle"], kind, **norm))
    layers.append(conv(f"{name}_dw", layers[-1]["name"] if layers else source, block["middle"], kind, block["kernel"], block["stride"],
                       block["middle"], **norm))
    if block["squeezed"]:
        layers += squeeze(block, layers[-1]["name"])
    layers.append(conv(f"{name}_pw2", layers[-1]["name"], block["out"], kind, batch_norm=True))
    return layers


def squeeze_everywhere(block, source):
    """A squeeze-excite as the released cost model charges it: two 1x1 convolutions at every pixel."""
    reduced = conv(f"{block['name']}_se1", source, block["squeezed"], block["arithmetic"], bias=True, activation="relu")
    return [reduced, conv(f"{block['name']}_se2", reduced["name"], block["middle"], block["arithmetic"], bias=True, activation="sigmoid")]


def squeeze_excite(block, source):
    """A squeeze-excite as the network has it: on the mean of each channel."""
    pool = {"name": f"{block['name']}_gap", "type": "global_avg_pool", "inputs": [source]}
    return [pool, *squeeze_everywhere(block, pool["name"]),
            {"name": f"{block['name']}_scale", "type": "scale", "inputs": [source, f"{block['name']}_se2"]}]


def workload(index, name, channels, layers):
    return {"name": f"nasa_f_{index + 1}_{name}", "source": "shihuihong214/NASA-F 81b4775: search.py, configs/search_adder.yml, models/", "batch": 1,
            "inputs": [{"name": "image", "shape": [channels, SIZE, SIZE]}], "layers": layers}


def charged_workload(index):
    """What the released cost model charges, as a chain: the blocks without shortcuts, squeeze-excites at every pixel."""
    layers = []
    for block in blocks(NETWORKS[index]):
        layers += main_path(block, layers[-1]["name"] if layers else "image", squeeze_everywhere)
    return workload(index, "charged", NETWORKS[index]["width"][0], layers)


def shortcut(block, source):
    """The layers on a block's shortcut: an average pool where it strides, a 1x1 convolution where the channels change."""
    layers = []
    if block["stride"] > 1:
        layers.append({"name": f"{block['name']}_pool", "type": "avg_pool2d", "inputs": [source], "kernel": [block["stride"]] * 2,
                       "stride": [block["stride"]] * 2})
    if block["in"] != block["out"]:
        layers.append(conv(f"{block['name']}_short", layers[-1]["name"] if layers else source, block["out"], block["arithmetic"]))
    return layers


def whole_workload(index):
    """The network with everything it computes: stem, shortcuts, squeeze-excites, head and classifier."""
    net = NETWORKS[index]
    layers = [conv("stem", "image", net["width"][0], "multiply", 3, batch_norm=True, activation="silu")]
    for block in blocks(net):
        source = layers[-1]["name"]
        side, path = shortcut(block, source), main_path(block, source, squeeze_excite)
        added = {"name": f"{block['name']}_add", "type": "add", "inputs": [path[-1]["name"], side[-1]["name"] if side else source]}
        layers += side + path + [added]
    layers += [conv("head1", layers[-1]["name"], 6 * net["width"][-2], "multiply", batch_norm=True, activation="silu"),
               {"name": "pool", "type": "global_avg_pool", "inputs": ["head1"]},
               conv("head2", "pool", net["width"][-1], "multiply", activation="silu"),
               {"name": "classifier", "type": "linear", "arithmetic": "multiply", "inputs": ["head2"], "in_features": net["width"][-1],
                "out_features": CLASSES, "bias": True}]
    return workload(index, "whole", 3, layers)
