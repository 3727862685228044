"""Tests/Golden/multiply_adds.json: multiply-adds and parameters of every network, counted by hooks in PyTorch.

A convolution counts one multiply-add for each output element and weight that makes it; nothing else is counted. Networks run
on PyTorch's "meta" device, so nothing is computed.

usage: python3 scripts/golden/multiply_adds.py
"""

import torch
from torch import nn

import writing
import networks

CLASSES = 11
SIZES = ((480, 480), (65, 97))
BACKBONES = (*networks.BASIC_BACKBONES, *networks.BOTTLENECK_BACKBONES, *networks.MULTI_GRID_BACKBONES)


def count(architecture, backbone, output_stride, size):
    with torch.device("meta"):
        net = networks.network(architecture, CLASSES, output_stride, aux=True, backbone_name=backbone).eval()
        image = torch.empty(1, 3, *size)
    totals = {"network": 0, "auxiliary": 0}

    def hook(part):
        def add(layer, inputs, output):
            totals[part] += output.numel() * layer.weight[0].numel()
        return add

    for name, layer in net.named_modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(hook("auxiliary" if name.startswith("aux_classifier.") else "network"))
    net(image)
    auxiliary = sum(p.numel() for p in net.aux_classifier.parameters())
    return {
        "architecture": architecture, "backbone": backbone, "output_stride": output_stride, "height": size[0],
        "width": size[1], "parameters": sum(p.numel() for p in net.parameters()) - auxiliary,
        "multiply_adds": totals["network"], "auxiliary_parameters": auxiliary,
        "auxiliary_multiply_adds": totals["auxiliary"],
    }


if __name__ == "__main__":
    writing.write("multiply_adds", {
        "metadata": writing.metadata(__file__, networks.__file__, networks.deeplabv3plus.__file__),
        "classes": CLASSES,
        "networks": [count(a, b, stride, size) for a in networks.ARCHITECTURES for b in BACKBONES
                     for stride in (8, 16, 32) for size in SIZES],
    })
