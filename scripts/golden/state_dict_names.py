"""Tests/Golden/state_dict_names.json: names, shapes, types and order of the state dicts on ResNet-18, and
Tests/Golden/backbone_names.json: the same of the deeper ResNets, most of them as a digest.

usage: python3 scripts/golden/state_dict_names.py
"""

import hashlib

import writing
import networks

CLASSES = 21
# Those that backbone_names.json lists line by line.
LISTED = (("deeplabv3", "resnet50", True), ("deeplabv3plus", "resnet18_bottleneck", False))


def describe(architecture, aux):
    nets = {classes: networks.network(architecture, classes, aux=aux) for classes in (11, 21)}
    states = [net.state_dict() for net in nets.values()]
    trainable = {name for name, _ in nets[11].named_parameters()}
    entries = [
        {
            "name": name,
            # A dimension that is the number of classes is written as -1.
            "shape": [a if a == b else -1 for a, b in zip(value.shape, other.shape, strict=True)],
            "dtype": "float32" if value.dtype.is_floating_point else "int64",
            "trainable": name in trainable,
        }
        for (name, value), other in zip(states[0].items(), states[1].values(), strict=True)
    ]
    totals = [
        {
            "classes": classes,
            "entries": len(entries),
            "parameters": sum(p.numel() for p in net.parameters()),
            "state_elements": sum(v.numel() for v in net.state_dict().values()),
        }
        for classes, net in nets.items()
    ]
    return {"architecture": architecture, "backbone": "resnet18", "aux_head": aux, "totals": totals,
            "entries": entries}


def lines(net):
    trainable = {name for name, _ in net.named_parameters()}
    for name, value in net.state_dict().items():
        kind = "float32" if value.dtype.is_floating_point else "int64"
        yield f"{name} {kind}{list(value.shape)}{' learned' if name in trainable else ''}"


def condense(architecture, backbone, aux):
    net = networks.network(architecture, CLASSES, aux=aux, backbone_name=backbone)
    listed = list(lines(net))
    entry = {
        "architecture": architecture, "backbone": backbone, "aux_head": aux, "classes": CLASSES,
        "entries": len(listed),
        "parameters": sum(p.numel() for p in net.parameters()),
        # Of one line an entry: name, type, shape, and " learned" for parameters.
        "sha256": hashlib.sha256("".join(line + "\n" for line in listed).encode()).hexdigest(),
    }
    return entry | ({"lines": listed} if (architecture, backbone, aux) in LISTED else {})


if __name__ == "__main__":
    writing.write("state_dict_names", {
        "metadata": writing.metadata(__file__, networks.__file__, networks.deeplabv3plus.__file__),
        "networks": [describe(a, x) for a in networks.ARCHITECTURES for x in (False, True)],
    })
    deeper = (*networks.BASIC_BACKBONES[1:], *networks.BOTTLENECK_BACKBONES, *networks.MULTI_GRID_BACKBONES)
    writing.write("backbone_names", {
        "metadata": writing.metadata(__file__, networks.__file__, networks.deeplabv3plus.__file__),
        "networks": [condense(a, b, x) for b in deeper for a in networks.ARCHITECTURES for x in (False, True)],
    })
