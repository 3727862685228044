"""DeepLabV3 and FCN on ResNets, with torchvision's modules and torchvision's names; DeepLabV3+ (`deeplabv3plus.py`).

Bottleneck nets (ResNet-50, 101, 152) are torchvision's own: strides become dilations by
`replace_stride_with_dilation`, where the first block of a dilated stage has the dilation of the stage before.

torchvision refuses a dilated BasicBlock, so ResNet-18 and 34 are built with stride and changed afterwards: in
a dilated stage every convolution (block 0 and the downsample convolution included) has stride 1, and every 3x3
convolution has dilation and padding `d`. State-dict names do not change, so ImageNet weights load.

| output stride | layer3 | layer4 | rates of the ASPP |
|---|---|---|---|
| 32 | stride 2 | stride 2 | 3, 6, 9 |
| 16 | stride 2 | dilation 2 | 6, 12, 18 |
| 8 | dilation 2 | dilation 4 | 12, 24, 36 |
"""

from torch import nn
from torchvision import models
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.segmentation.deeplabv3 import DeepLabHead, DeepLabV3
from torchvision.models.segmentation.fcn import FCN, FCNHead

import deeplabv3plus

ARCHITECTURES = ("deeplabv3", "deeplabv3plus", "fcn")
BASIC_BACKBONES = ("resnet18", "resnet34")
BOTTLENECK_BACKBONES = ("resnet50", "resnet101", "resnet152")
# Blocks of backbones that torchvision has not.
MULTI_GRID_BACKBONES = {"resnet18_bottleneck": (2, 2, 2, 3)}
STAGE_DILATION = {32: {}, 16: {"layer4": 2}, 8: {"layer3": 2, "layer4": 4}}
ASPP_RATES = {32: (3, 6, 9), 16: (6, 12, 18), 8: (12, 24, 36)}


def dilate(stage, dilation):
    """Replaces the stride of every convolution of a stage by dilation."""
    for module in stage.modules():
        if isinstance(module, nn.Conv2d):
            module.stride = (1, 1)
            if module.kernel_size == (3, 3):
                module.dilation = module.padding = (dilation, dilation)


def resnet(name, output_stride):
    """The whole ResNet, classifier included, with dilations in place of strides below output stride 32."""
    if name in MULTI_GRID_BACKBONES:
        return deeplabv3plus.multi_grid_resnet(MULTI_GRID_BACKBONES[name], output_stride)
    stages = STAGE_DILATION[output_stride]
    if name in BOTTLENECK_BACKBONES:
        replaced = [f"layer{index}" in stages for index in (2, 3, 4)]
        return getattr(models, name)(weights=None, replace_stride_with_dilation=replaced)
    if name not in BASIC_BACKBONES:
        raise ValueError(f"backbone {name!r}: expected one of {BASIC_BACKBONES + BOTTLENECK_BACKBONES}")
    net = getattr(models, name)(weights=None)
    for stage, dilation in stages.items():
        dilate(getattr(net, stage), dilation)
    return net


def backbone(output_stride, aux, name="resnet18", low=False):
    """The ResNet without `fc`; gives layer4 as "out", with `aux` layer3 as "aux", with `low` layer1 as "low"."""
    layers = ({"layer1": "low"} if low else {}) | ({"layer3": "aux"} if aux else {}) | {"layer4": "out"}
    return IntermediateLayerGetter(resnet(name, output_stride), return_layers=layers)


def stack(name="resnet101"):
    """Stages 3 and 4 of a ResNet at output stride 8, [N, C, H, W] to [N, D, H, W]; C is 512 for bottleneck nets."""
    net = resnet(name, 8)
    return nn.Sequential(net.layer3, net.layer4)


def network(architecture, classes, output_stride=16, aux=False, dropout=None, backbone_name="resnet18"):
    """The network with torchvision's initialisation, logits at the size of the input.

    `dropout` replaces the probability of every dropout layer (torchvision: 0.5 in the ASPP, 0.1 in an
    FCN head, 0.5, 0.5 and 0.1 in DeepLabV3+); None keeps them. The result of a call is a dictionary with "out" and, with `aux`, "aux".
    """
    features = backbone(output_stride, aux, backbone_name, low=architecture == "deeplabv3plus")
    channels = 512 if backbone_name in BASIC_BACKBONES else 2048
    auxiliary = FCNHead(channels // 2, classes) if aux else None
    if architecture == "deeplabv3":
        head = DeepLabHead(channels, classes, ASPP_RATES[output_stride])
        net = DeepLabV3(features, head, auxiliary)
    elif architecture == "fcn":
        net = FCN(features, FCNHead(channels, classes), auxiliary)
    elif architecture == "deeplabv3plus":
        net = deeplabv3plus.DeepLabV3Plus(
            features, channels, channels // 8, ASPP_RATES[output_stride], classes, auxiliary)
    else:
        raise ValueError(f"architecture {architecture!r}: expected one of {ARCHITECTURES}")
    if dropout is not None:
        for module in net.modules():
            if isinstance(module, nn.Dropout):
                module.p = dropout
    return net
