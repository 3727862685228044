"""Tests/Golden/initialisation.json: how torchvision (DeepLabV3+: the recall repository) initialises every tensor, as a distribution.

Every tensor has a rule ("normal" with a standard deviation, "uniform" with a bound, "constant") that was
derived from its shape and checked here against ten initialisations.

usage: python3 scripts/golden/initialisation.py
"""

import math

import torch

import writing
import networks

SEEDS = range(10)


def rule(name, net):
    """(rule, parameter of the rule, fan) from the documented defaults."""
    owner, kind = name.rsplit(".", 1)
    module = net.get_submodule(owner)
    if isinstance(module, torch.nn.Conv2d):
        area = module.kernel_size[0] * module.kernel_size[1]
        if owner.startswith("backbone."):
            fan = module.out_channels * area
            return "normal", math.sqrt(2 / fan), fan
        fan = module.in_channels * area
        if owner.startswith(("aspp.", "decoder.")) and kind == "weight":
            return "normal", math.sqrt(2 / fan), fan
        return "uniform", 1 / math.sqrt(fan), fan
    return "constant", 1.0 if kind in ("weight", "running_var") else 0.0, 0


def check(name, kind, parameter, samples):
    flat = samples.double().flatten()
    if kind == "constant":
        assert bool((flat == parameter).all()), name
        return {}
    sd = parameter if kind == "normal" else parameter / math.sqrt(3)
    # Standard errors of the mean and of the standard deviation; five of them, as there are 100 tensors.
    kurtosis = 3.0 if kind == "normal" else 1.8
    n = flat.numel()
    assert abs(flat.mean().item()) < 5 * sd / math.sqrt(n), name
    assert abs(flat.std().item() / sd - 1) < 5 * math.sqrt((kurtosis - 1) / (4 * n)), name
    if kind == "uniform":
        assert flat.abs().max().item() <= parameter * (1 + 1e-6), name
    return {"measured_std": float(f"{flat.std().item():.6g}"),
            "measured_max_abs": float(f"{flat.abs().max().item():.6g}")}


def describe(architecture):
    states = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        net = networks.network(architecture, 11, aux=True)
        states.append(net.state_dict())
    entries = []
    for name, value in states[0].items():
        kind, parameter, fan = rule(name, net)
        measured = check(name, kind, parameter, torch.stack([s[name] for s in states]))
        entries.append({"name": name, "elements": value.numel(), "rule": kind,
                        "parameter": parameter, "fan": fan} | measured)
    return {"architecture": architecture, "backbone": "resnet18", "aux_head": True, "classes": 11,
            "entries": entries}


if __name__ == "__main__":
    torch.set_num_threads(2)
    writing.write("initialisation", {
        "metadata": writing.metadata(__file__, networks.__file__, networks.deeplabv3plus.__file__),
        "initialisations": len(SEEDS),
        "networks": [describe(a) for a in networks.ARCHITECTURES],
    })
