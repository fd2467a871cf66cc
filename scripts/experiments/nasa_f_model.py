"""The cost model behind NASA-F's published numbers, from its formulas: row-stationary loops, energy x latency the least a layer.

It exists to show that the networks of nasa_f_nets.py are those the numbers were computed for, and to say what the numbers contain: latency is
issue alone, energy leaves DRAM out, an adder costs a multiply, and a depthwise convolution runs one channel at a time.
Loops: M output channels, C input channels, E and F output rows and columns, R x R kernel; suffix 0 in a PE, 1 over PEs, 2 in the buffer, 3 in DRAM.
"""
import functools

from nasa_f_nets import blocks

CLOCK_KHZ = 250e3
BUFFER_WORDS = 131070
INPUT_WORDS, WEIGHT_WORDS, PSUM_WORDS = 48, 112, 16  # of a register file; the first two not quite
MULTIPLY, DRAM, BUFFER, NETWORK, REGISTER = 0.2, 200, 6, 2, 1  # pJ, memory for 16 bits
BITS = {"multiply": 8, "adder": 6}


@functools.lru_cache(maxsize=None)
def divisors(n):
    return [d for d in range(1, n + 1) if n % d == 0]


def charged_layers(net):
    """By arithmetic, in order: (input rows, input channels, kernel, output channels, output rows, stride); all are square."""
    lists = {"multiply": [], "adder": []}
    for block in blocks(net):
        layers, after = lists[block["arithmetic"]], block["out_size"]
        if block["expands"]:
            layers.append((block["size"], block["in"], 1, block["middle"], block["size"], 1))
        layers += [(block["size"], 1, block["kernel"], 1, after, block["stride"])] * block["middle"]
        if block["squeezed"]:
            layers.append((after, block["middle"], 1, block["squeezed"], after, 1))
            layers.append((after, block["squeezed"], 1, block["middle"], after, 1))
        layers.append((after, block["middle"], 1, block["out"], after, 1))
    return lists


def tilings(layer, pes, free):
    """All legal (M0, M1, M2, M3, C0, C1, C2, E1, E3, words held); of M2 only the largest that fits, which costs least."""
    _, c, r, m, e, stride = layer
    for m0 in (d for d in divisors(m) if d <= PSUM_WORDS):
        for m1 in (d for d in divisors(m // m0) if d * r < pes):
            for c0 in (d for d in divisors(c) if d * r < INPUT_WORDS and m0 * d * r < WEIGHT_WORDS):
                for c1 in (d for d in divisors(c // c0) if m1 * d * r < pes):
                    for e1 in (d for d in divisors(e)[1:] if m1 * c1 * d * r < pes):
                        inputs = c1 * c0 * ((e1 - 1) * stride + r) * ((e - 1) * stride + r)
                        for m2 in reversed(divisors(m // (m0 * m1))):
                            held = inputs + m2 * m1 * m0 * e1 * e
                            if held < free:
                                yield m0, m1, m2, m // (m0 * m1 * m2), c0, c1, c // (c0 * c1), e1, e // e1, held
                                break


def cost(layer, tiling, bits):
    """(mJ without DRAM, mJ with it, ms) of a layer under a tiling."""
    h, c, r, m, e, _ = layer
    m0, m1, m2, m3, c0, c1, c2, e1, e3, _ = tiling
    inputs, weights, outputs = h * h * c, r * r * c * m, e * e * m
    rows = m3 * m2 * m1 * r * e / h * inputs
    dram = m3 * inputs + e3 * weights + outputs
    buffer = m3 * m2 * inputs + max(2 * (c2 - 1), 1) * outputs
    network = rows + e3 * e1 * weights + max(c2 * (c1 * r - 1), 1) * outputs
    register = rows * m0 * r * e / h + e3 * e1 * e * weights + max(2 * c2 * c1 * r * (c0 * r - 1), 1) * outputs
    chip = weights * e * e * MULTIPLY + (buffer * BUFFER + network * NETWORK + register * REGISTER) * bits / 16
    return chip * 1e-9, (chip + dram * DRAM * bits / 16) * 1e-9, m3 * m2 * m0 * c2 * c0 * e3 * e * r / CLOCK_KHZ


@functools.lru_cache(maxsize=None)
def best_within(layer, pes, bits, free):
    """(mJ without DRAM, ms, words held) of the tiling with the least energy (DRAM included) x latency in so many words of the buffer."""
    found = [(*cost(layer, tiling, bits), tiling[-1]) for tiling in tilings(layer, pes, free)]
    chip, _, latency, held = min(found, key=lambda result: result[1] * result[2])
    return chip, latency, held


def best(layer, pes, bits, free):
    """The same; where the best of the whole buffer fits, it is the best of less as well."""
    whole = best_within(layer, pes, bits, BUFFER_WORDS)
    return whole if whole[2] < free else best_within(layer, pes, bits, free)


def predict(net, pes):
    """(mJ without DRAM, ms of the slower chunk): the chunk that is behind takes its next layer, in the buffer the other leaves it."""
    waiting = {kind: iter(layers) for kind, layers in charged_layers(net).items() if layers}
    clock, held, energy = dict.fromkeys(waiting, 0.0), dict.fromkeys(waiting, 0), 0.0
    order = sorted(waiting)  # of chunks as far as each other, the adders' goes first
    while waiting:
        kind = min((k for k in order if k in waiting), key=lambda k: clock[k])
        layer = next(waiting[kind], None)
        if layer is None:
            del waiting[kind]
            held[kind] = 0
            continue
        others = sum(words for k, words in held.items() if k != kind)
        chip, latency, held[kind] = best(layer, pes[kind], BITS[kind], BUFFER_WORDS - others)
        energy += chip
        clock[kind] += latency
    return energy, max(clock.values())
