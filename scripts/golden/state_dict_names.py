"""Tests/Golden/state_dict_names.json: names, shapes, types and order of the state dicts.

usage: python3 scripts/golden/state_dict_names.py
"""

import writing
import networks


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


if __name__ == "__main__":
    writing.write("state_dict_names", {
        "metadata": writing.metadata(__file__, networks.__file__),
        "networks": [describe(a, x) for a in networks.ARCHITECTURES for x in (False, True)],
    })
