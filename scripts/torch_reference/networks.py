"""DeepLabV3 and FCN on a real ResNet-18, with torchvision's modules and torchvision's names.

torchvision itself refuses a dilated BasicBlock, so the backbone is built with stride and changed
afterwards: in a dilated stage every convolution (block 0 and the downsample convolution included) has
stride 1, and every 3x3 convolution has dilation and padding `d`. State-dict names do not change, so
ImageNet weights of resnet18 load.

| output stride | layer3 | layer4 | rates of the ASPP |
|---|---|---|---|
| 32 | stride 2 | stride 2 | 6, 12, 18 |
| 16 | stride 2 | dilation 2 | 6, 12, 18 |
| 8 | dilation 2 | dilation 4 | 12, 24, 36 |
"""

from torch import nn
from torchvision.models import resnet18
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.segmentation.deeplabv3 import DeepLabHead, DeepLabV3
from torchvision.models.segmentation.fcn import FCN, FCNHead

ARCHITECTURES = ("deeplabv3", "fcn")
STAGE_DILATION = {32: {}, 16: {"layer4": 2}, 8: {"layer3": 2, "layer4": 4}}
ASPP_RATES = {32: (6, 12, 18), 16: (6, 12, 18), 8: (12, 24, 36)}
LAYER3_CHANNELS, LAYER4_CHANNELS = 256, 512


def dilate(stage, dilation):
    """Replaces the stride of every convolution of a stage by dilation."""
    for module in stage.modules():
        if isinstance(module, nn.Conv2d):
            module.stride = (1, 1)
            if module.kernel_size == (3, 3):
                module.dilation = module.padding = (dilation, dilation)


def backbone(output_stride, aux):
    """ResNet-18 without `fc`; gives layer4 as "out" and, with `aux`, layer3 as "aux"."""
    net = resnet18(weights=None)
    for name, dilation in STAGE_DILATION[output_stride].items():
        dilate(getattr(net, name), dilation)
    layers = {"layer3": "aux", "layer4": "out"} if aux else {"layer4": "out"}
    return IntermediateLayerGetter(net, return_layers=layers)


def network(architecture, classes, output_stride=16, aux=False, dropout=None):
    """The network with torchvision's initialisation, logits at the size of the input.

    `dropout` replaces the probability of every dropout layer (torchvision: 0.5 in the ASPP, 0.1 in an
    FCN head); None keeps them. The result of a call is a dictionary with "out" and, with `aux`, "aux".
    """
    features = backbone(output_stride, aux)
    auxiliary = FCNHead(LAYER3_CHANNELS, classes) if aux else None
    if architecture == "deeplabv3":
        head = DeepLabHead(LAYER4_CHANNELS, classes, ASPP_RATES[output_stride])
        net = DeepLabV3(features, head, auxiliary)
    elif architecture == "fcn":
        net = FCN(features, FCNHead(LAYER4_CHANNELS, classes), auxiliary)
    else:
        raise ValueError(f"architecture {architecture!r}: expected one of {ARCHITECTURES}")
    if dropout is not None:
        for module in net.modules():
            if isinstance(module, nn.Dropout):
                module.p = dropout
    return net
