"""Weights, images and labels as formulas of a counter hash, so that no golden has to store them.

Everything is integer arithmetic modulo 2^64 or a few IEEE double operations in a stated order, ended by
one rounding to float32; only + - * / floor sqrt and comparisons, no library function whose last bit
could differ. `Sources/SegTestSupport/GoldenFormula.swift` computes the same bits.
"""

import numpy as np

SEED = 7
CLASSES = 11
IGNORE = 255
CELLS = 20


def _mix(z):
    """The SplitMix64 finaliser."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    return z ^ (z >> np.uint64(31))


def stream_number(name):
    """FNV-1a of the UTF-8 bytes: `CounterRNG.stream(_:)`."""
    value = 0xCBF2_9CE4_8422_2325
    for byte in name.encode():
        value = (value ^ byte) * 0x100_0000_01B3 % 2**64
    return value


class CounterRNG:
    """The same numbers as `CounterRNG(seed:stream:step:)` of SegCore, a whole array at a time."""

    def __init__(self, stream, step=0, seed=SEED):
        seed, stream, step = (np.array([v], np.uint64) for v in (seed, stream_number(stream), step))
        self.key = _mix(_mix(_mix(seed) ^ stream) ^ (step * np.uint64(0xD1B5_4A32_D192_ED03)))
        self.counter = 0

    def next(self, count):
        index = np.arange(self.counter + 1, self.counter + count + 1, dtype=np.uint64)
        self.counter += count
        return _mix(self.key + index * np.uint64(0x9E37_79B9_7F4A_7C15))

    def uniform(self, count):
        """Doubles in [0, 1), 53 bits."""
        return (self.next(count) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def symmetric(self, count):
        """2u - 1, exact in double, in [-1, 1)."""
        return 2 * self.uniform(count) - 1

    def integers(self, count, below):
        """Integers in 0..<below: the high 64 bits of next() * below."""
        return np.array([int(v) * below >> 64 for v in self.next(count)], np.int64)


# -- Weights ---------------------------------------------------------------------------------------

RULES = {
    "all": "u_i = CounterRNG(seed: 7, stream: CounterRNG.stream(name)), i-th uniform(), i over the "
    "elements in file order (OIHW); s_i = 2 * u_i - 1; every value is computed in double, then "
    "rounded to float32",
    "convolution weight (4 dimensions)": "s_i * sqrt(6 / fan); fan = out * kh * kw for names that start "
    "with 'backbone.', else in * kh * kw",
    "batch norm weight (1 dimension, ends in .weight)": "1 + 0.1 * s_i",
    "convolution bias (name ends in classifier.4.bias)": "0.1 * s_i",
    "batch norm bias (any other .bias)": "offset + 0.1 * s_i; offset is the golden's "
    "'batch_norm_bias', 0 where it says nothing",
    ".running_mean": "0; where the golden has fixed batch norm: mean_scale * s_i",
    ".running_var": "1; where the golden has fixed batch norm: var_scale * (1 + 0.25 * s_i)",
    ".num_batches_tracked": "0",
}


def parameter(name, shape, statistics=None, batch_norm_bias=0.0):
    """One entry of the state dict.

    `statistics` maps the path of a batch norm to (mean_scale, var_scale) for runs with fixed statistics.
    """
    shape = tuple(shape)
    if name.endswith(".num_batches_tracked"):
        return np.zeros(shape, np.int64)
    s = CounterRNG(name).symmetric(int(np.prod(shape)))
    scales = statistics[name.rsplit(".", 1)[0]] if statistics and ".running_" in name else None
    if name.endswith(".running_mean"):
        value = scales[0] * s if scales else np.zeros_like(s)
    elif name.endswith(".running_var"):
        value = scales[1] * (1 + 0.25 * s) if scales else np.ones_like(s)
    elif len(shape) == 4:
        fan = (shape[0] if name.startswith("backbone.") else shape[1]) * shape[2] * shape[3]
        value = s * np.sqrt(6 / fan)
    elif name.endswith(".weight"):
        value = 1 + 0.1 * s
    elif name.endswith(".bias"):
        value = (0 if name.endswith("classifier.4.bias") else batch_norm_bias) + 0.1 * s
    else:
        raise ValueError(f"no rule for {name} {shape}")
    return value.astype(np.float32).reshape(shape)


# -- Scenes ----------------------------------------------------------------------------------------


def _wave(t):
    """A sine-like curve of period 1 from two parabolas: 4x(1 - |x|) with x = 2(t - floor t) - 1."""
    x = 2 * (t - np.floor(t)) - 1
    return 4 * x * (1 - np.abs(x))


def scene(number, height, width):
    """Picture `number`: image [3, H, W] float32 (already normalised) and label [H, W] uint8.

    Pixel centres are py = y + 0.5, px = x + 0.5. The picture is divided into 20 cells; cell k draws, in this
    order, from `CounterRNG(seed: 7, stream: stream("scene.cells"), step: number)`:
      cy = u * H, cx = u * W, class = Int(11 * u * u) (left to right; rare classes have high numbers),
      r = 0.7 + 0.6 * u.
    A pixel belongs to the cell with the smallest ((py-cy)*(py-cy) + (px-cx)*(px-cx)) * r, the first of equals.
    The label is the cell's class, or 255 in cell 0.

    Channel c of the image is, added from left to right in double and rounded to float32,
      colour[class][c] + a0 * wave(t0) + a1 * wave(t1) + 0.3 * n, with
      colour: 1.5 * s, from stream "scene.colours", step 0, class-major;
      per channel, then per wave, from stream "scene.waves", step number: fx = 1 + 3u, fy = 1 + 3u,
      phase = u, a = 0.2 + 0.3u; t = (fx * (px / W) + fy * (py / H)) + phase;
      n = s from stream "scene.noise", step number, in the order c, y, x.
    """
    draws = CounterRNG("scene.cells", number).uniform(4 * CELLS).reshape(CELLS, 4)
    py, px = (np.arange(n, dtype=np.float64) + 0.5 for n in (height, width))
    cy, cx = draws[:, 0] * height, draws[:, 1] * width
    cell_class = np.floor(CLASSES * draws[:, 2] * draws[:, 2]).astype(np.int64)
    weight = 0.7 + 0.6 * draws[:, 3]
    dy = (py[None, :] - cy[:, None])[:, :, None]
    dx = (px[None, :] - cx[:, None])[:, None, :]
    cell = np.argmin((dy * dy + dx * dx) * weight[:, None, None], axis=0)
    classes = cell_class[cell]
    label = np.where(cell == 0, IGNORE, classes).astype(np.uint8)

    colour = (1.5 * CounterRNG("scene.colours").symmetric(3 * CLASSES)).reshape(CLASSES, 3)
    waves = CounterRNG("scene.waves", number).uniform(3 * 2 * 4).reshape(3, 2, 4)
    noise = CounterRNG("scene.noise", number).symmetric(3 * height * width)
    noise = noise.reshape(3, height, width)
    image = np.empty((3, height, width), np.float32)
    for c in range(3):
        value = colour[classes, c]
        for fx, fy, phase, a in waves[c]:
            fx, fy, a = 1 + 3 * fx, 1 + 3 * fy, 0.2 + 0.3 * a
            t = (fx * (px / width)[None, :] + fy * (py / height)[:, None]) + phase
            value = value + a * _wave(t)
        image[c] = (value + 0.3 * noise[c]).astype(np.float32)
    return image, label


def batch(numbers, height, width):
    """Scenes `numbers` as images [N, 3, H, W] and labels [N, H, W]."""
    pairs = [scene(n, height, width) for n in numbers]
    return np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs])


# -- Sampling --------------------------------------------------------------------------------------


def sample_positions(name, count, samples):
    """Positions at which a large tensor is recorded: all of them when there are no more than `samples`,
    else integers(below: count) of the stream `name + "#samples"` (repetitions are kept)."""
    if count <= samples:
        return np.arange(count)
    return CounterRNG(name + "#samples").integers(samples, count)


def projections(name, values, number=8):
    """Sums with hashed signs: sum_i sign_k(i) * values[i], k = 0..<number.

    One next() of the stream `name + "#signs"` an element; its bit 63 - k set means -1.
    """
    bits = CounterRNG(name + "#signs").next(values.size)
    flat = values.reshape(-1).astype(np.float64)
    signs = [1 - 2 * ((bits >> np.uint64(63 - k)) & np.uint64(1)).astype(np.float64) for k in range(number)]
    return [float(np.dot(s, flat)) for s in signs]


def checksum(values):
    """sum_i bits_i * (2i + 1) modulo 2^64, as 16 hex digits; bits: float32 pattern, or the uint8 itself."""
    flat = np.ascontiguousarray(values).reshape(-1)
    bits = (flat.view(np.uint32) if flat.dtype == np.float32 else flat).astype(np.uint64)
    odd = 2 * np.arange(flat.size, dtype=np.uint64) + 1
    return f"{int(np.sum(bits * odd, dtype=np.uint64)):016x}"
