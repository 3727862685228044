"""Tests/Golden/formula.json: the rules of formula.py, and enough of their values to prove another
implementation equal bit for bit.

usage: python3 scripts/golden/formula_values.py
"""

import numpy as np
import torch

import formula
import writing
import networks

SIZES = [(0, 64, 96), (1, 64, 96), (2, 65, 97), (1000003, 33, 48)]


def numpy_equals_torch():
    """The formula in torch's operations gives numpy's bits, and casts between the two change nothing."""
    u = formula.CounterRNG("backbone.conv1.weight").uniform(9408)
    values = ((2 * torch.from_numpy(u) - 1) * torch.tensor(6 / (64 * 49), dtype=torch.float64).sqrt()).float()
    expected = formula.parameter("backbone.conv1.weight", (64, 3, 7, 7)).reshape(-1)
    assert np.array_equal(values.numpy().view(np.uint32), expected.view(np.uint32))
    double = torch.from_numpy(expected).double()
    assert torch.equal(double.float(), torch.from_numpy(expected))
    assert np.array_equal(double.numpy(), expected.astype(np.float64))


def entry(name, shape):
    value = formula.parameter(name, shape)
    return {"name": name, "shape": list(shape), "first": writing.short(value.reshape(-1)[:4]),
            "checksum": formula.checksum(value)}


def weights(architecture, aux):
    net = networks.network(architecture, formula.CLASSES, aux=aux)
    return {"architecture": architecture, "aux_head": aux,
            "entries": [entry(n, v.shape) for n, v in net.state_dict().items()
                        if "num_batches" not in n and "running" not in n]}


def picture(number, height, width):
    image, label = formula.scene(number, height, width)
    positions = formula.sample_positions(f"scene.{number}", image.size, 32)
    counts = np.bincount(label.reshape(-1), minlength=256)
    return {"number": number, "height": height, "width": width,
            "image": writing.short(image.reshape(-1)[positions]), "image_checksum": formula.checksum(image),
            "label_checksum": formula.checksum(label),
            "class_pixels": [int(c) for c in counts[:formula.CLASSES]], "ignored": int(counts[255])}


if __name__ == "__main__":
    numpy_equals_torch()
    probe = np.arange(1000, dtype=np.float32) / 7
    fixed = {"backbone.bn1": (0.5, 4.0)}
    writing.write("formula", {
        "metadata": writing.metadata(__file__, networks.__file__, networks.deeplabv3plus.__file__),
        "rules": formula.RULES,
        "scene": formula.scene.__doc__,
        "random": {
            "stream": "backbone.conv1.weight", "step": 3,
            "stream_number": f"{formula.stream_number('backbone.conv1.weight'):016x}",
            "next": [f"{int(v):016x}" for v in formula.CounterRNG("backbone.conv1.weight", 3).next(4)],
            "integers_below_1000": [int(v) for v in formula.CounterRNG("a", 3).integers(8, 1000)],
        },
        "sampling": {
            "name": "probe", "count": 1000, "values": "Float(i) / 7",
            "positions": [int(p) for p in formula.sample_positions("probe", 1000, 16)],
            "projections": formula.projections("probe", probe),
            "checksum": formula.checksum(probe),
        },
        "fixed_statistics": [
            {"name": n, "mean_scale": 0.5, "var_scale": 4.0,
             "first": writing.short(formula.parameter(n, (64,), fixed)[:4]),
             "checksum": formula.checksum(formula.parameter(n, (64,), fixed))}
            for n in ("backbone.bn1.running_mean", "backbone.bn1.running_var")],
        "batch_norm_bias": [
            {"name": n, "shape": [s], "offset": 2.5,
             "checksum": formula.checksum(formula.parameter(n, (s,), None, 2.5))}
            for n, s in (("backbone.bn1.bias", 64), ("classifier.0.convs.4.2.bias", 256),
                         ("classifier.4.bias", 11), ("aux_classifier.4.bias", 11))],
        "weights": [weights("deeplabv3", False), weights("fcn", True)],
        "scenes": [picture(*s) for s in SIZES],
    })
