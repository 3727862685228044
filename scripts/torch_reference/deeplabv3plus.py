"""DeepLabV3+ as the recall loss's repository has it, with its names: `backbone`, `aspp`, `decoder`.

Described from what is known of the repository's network, in modules of our own:
  backbone   any ResNet of networks.py; `resnet18_bottleneck` is the repository's: 2, 2, 2 and 3 bottleneck blocks, every block of a stage
             with the stage's dilation, and those of layer4 with 1, 2 and 4 times it ("multi-grid")
  aspp       1x1, three atrous 3x3 and a pooled branch of 256 channels each; 1x1 to 256; dropout 0.5
  decoder    layer1 by 1x1 to 48 channels; the pyramid's output enlarged to its size beside it; 3x3 to 256 and dropout 0.5,
             3x3 to 256 and dropout 0.1, 1x1 to classes; then enlarged to the picture
Every resize has align_corners=True. Convolutions of aspp and decoder start as kaiming_normal_ with its defaults.
"""

import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models.resnet import Bottleneck, ResNet


def unit(module, inputs, outputs, kernel=1, dilation=1, conv="0", norm="1"):
    """Adds a convolution without bias and its batch norm to `module`."""
    padding = dilation * (kernel - 1) // 2
    module.add_module(conv, nn.Conv2d(inputs, outputs, kernel, padding=padding, dilation=dilation, bias=False))
    module.add_module(norm, nn.BatchNorm2d(outputs))
    return module


class Branch(nn.Module):
    def __init__(self, inputs, kernel, rate):
        super().__init__()
        unit(self, inputs, 256, kernel, rate, "atrous_conv", "bn")
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.bn(self.atrous_conv(x)))


class Pyramid(nn.Module):
    def __init__(self, inputs, rates):
        super().__init__()
        self.aspp1 = Branch(inputs, 1, 1)
        for index, rate in enumerate(rates):
            self.add_module(f"aspp{index + 2}", Branch(inputs, 3, rate))
        self.global_avg_pool = unit(nn.Sequential(nn.AdaptiveAvgPool2d(1)), inputs, 256, conv="1", norm="2")
        self.global_avg_pool.append(nn.ReLU())
        unit(self, 256 * (len(rates) + 2), 256, conv="conv1", norm="bn1")
        self.relu, self.dropout = nn.ReLU(), nn.Dropout(0.5)

    def forward(self, x):
        parts = [branch(x) for branch in (self.aspp1, self.aspp2, self.aspp3, self.aspp4)]
        pooled = self.global_avg_pool(x)
        parts.append(F.interpolate(pooled, size=x.shape[2:], mode="bilinear", align_corners=True))
        return self.dropout(self.relu(self.bn1(self.conv1(torch.cat(parts, 1)))))


class Decoder(nn.Module):
    def __init__(self, low_level, classes):
        super().__init__()
        unit(self, low_level, 48, conv="conv1", norm="bn1")
        self.relu = nn.ReLU()
        last = unit(nn.Sequential(), 256 + 48, 256, 3)
        last.extend([nn.ReLU(), nn.Dropout(0.5)])
        unit(last, 256, 256, 3, conv="4", norm="5")
        last.extend([nn.ReLU(), nn.Dropout(0.1), nn.Conv2d(256, classes, 1)])
        self.last_conv = last

    def forward(self, x, low_level):
        low_level = self.relu(self.bn1(self.conv1(low_level)))
        x = F.interpolate(x, size=low_level.shape[2:], mode="bilinear", align_corners=True)
        return self.last_conv(torch.cat([x, low_level], 1))


class DeepLabV3Plus(nn.Module):
    """Gives "out" and, with an auxiliary head, "aux", at the size of the picture."""

    def __init__(self, backbone, channels, low_level, rates, classes, auxiliary=None):
        """`backbone` gives layer1 as "low", layer4 as "out" and, with `auxiliary`, layer3 as "aux"."""
        super().__init__()
        self.backbone = backbone
        self.aspp = Pyramid(channels, rates)
        self.decoder = Decoder(low_level, classes)
        if auxiliary is not None:
            self.aux_classifier = auxiliary
        for module in (*self.aspp.modules(), *self.decoder.modules()):
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, image):
        features = self.backbone(image)
        scores = {"out": self.decoder(self.aspp(features["out"]), features["low"])}
        if "aux" in features:
            scores["aux"] = self.aux_classifier(features["aux"])
        return {k: F.interpolate(v, size=image.shape[2:], mode="bilinear", align_corners=True)
                for k, v in scores.items()}


def multi_grid_resnet(blocks, output_stride, grid=(1, 2, 4)):
    """A ResNet of torchvision's bottleneck blocks whose stages are dilated as a whole, layer4 by `grid` times its rate."""
    net = ResNet(Bottleneck, blocks)
    rates = {32: (1, 1), 16: (1, 2), 8: (2, 4)}[output_stride]
    strides = {32: (2, 2), 16: (2, 1), 8: (1, 1)}[output_stride]
    for stage, rate, stride in zip((net.layer3, net.layer4), rates, strides):
        for index, block in enumerate(stage):
            dilation = rate * (grid[index] if stage is net.layer4 else 1)
            block.conv2.dilation = block.conv2.padding = (dilation, dilation)
            if index == 0:
                block.conv2.stride = block.downsample[0].stride = (stride, stride)
    return net
