"""The training runs that goldens record, and the network and pictures each begins with."""

from dataclasses import dataclass

import numpy as np
import torch

import formula
import writing
import networks


@dataclass(frozen=True)
class Case:
    """One network on one size of picture; every loss in `losses` is a run of its own."""

    name: str
    architecture: str = "deeplabv3"
    backbone: str = "resnet18"
    output_stride: int = 16
    aux: bool = False
    aux_weight: float = 0.5
    height: int = 64
    width: int = 96
    batch: int = 4
    steps: int = 4
    lr: float = 1e-4
    # None: everything is trained and batch norm uses batch statistics. "classifier": only names with this
    # prefix are trained, and every batch norm (the head's too) uses the formula's running statistics.
    train_only: str | None = None
    losses: tuple = ("cross_entropy", "recall_paper")
    gradient_samples: int = 16
    # Added to every batch norm's bias. At 2.5 few of the ReLUs' inputs are near 0, so float32 does not flip any
    # of them, and gradients compare to rounding; at 0 (the real situation) one flip moves an entry by per cents.
    batch_norm_bias: float = 2.5
    # Filled in by clearance.py.
    first_scene: int = 0
    # Losses of all steps are all that a run records when this is false.
    record_first_step: bool = True


CASES = (
    Case("deeplabv3_os16", steps=12, gradient_samples=64,
         losses=("cross_entropy", "recall_paper", "recall_code")),
    Case("deeplabv3_os16_plain", batch_norm_bias=0.0),
    Case("deeplabv3_os8", output_stride=8),
    Case("deeplabv3_os16_aux", aux=True, losses=("cross_entropy",)),
    Case("fcn_os8", architecture="fcn", output_stride=8),
    Case("fcn_os16_aux", architecture="fcn", aux=True, losses=("cross_entropy",)),
    Case("deeplabv3_os16_odd", height=65, width=97, losses=("cross_entropy",)),
    # Large enough for the outer taps of every rate of the ASPP.
    Case("deeplabv3_os16_wide", height=113, width=305, steps=1, losses=("cross_entropy",)),
    Case("deeplabv3_os8_wide", output_stride=8, height=113, width=305, steps=1,
         losses=("cross_entropy",)),
    Case("deeplabv3_os16_head_only", steps=50, lr=1e-4, train_only="classifier",
         record_first_step=False),
    # Bottleneck blocks with torchvision's dilations.
    Case("deeplabv3_resnet50_os8", backbone="resnet50", output_stride=8, height=33, width=48,
         losses=("cross_entropy",), gradient_samples=4),
    Case("deeplabv3_os32", output_stride=32, losses=("cross_entropy",)),
    Case("deeplabv3plus_os8_aux", architecture="deeplabv3plus", output_stride=8, aux=True, height=33, width=49,
         losses=("cross_entropy",)),
    # The recall repository's own network.
    Case("recall_network", architecture="deeplabv3plus", backbone="resnet18_bottleneck", height=33, width=49,
         steps=3, losses=("cross_entropy", "recall_code"), gradient_samples=8),
)


def network(case):
    return networks.network(case.architecture, formula.CLASSES, case.output_stride, case.aux, dropout=0.0,
                            backbone_name=case.backbone)


def formula_state(net, case, statistics=None):
    return {name: torch.from_numpy(np.asarray(
                formula.parameter(name, value.shape, statistics, case.batch_norm_bias)))
            for name, value in net.state_dict().items()}


def _two_digits(value):
    return float(f"{value:.2g}")


@torch.no_grad()
def measure_statistics(net, case, images):
    """{batch norm: (mean_scale, var_scale)}, such that activations keep a size of about one.

    var_scale is the mean square of what reaches the layer, measured layer after layer with the scales of the
    earlier ones in place; mean_scale is a quarter of its root; both are cut to two digits.
    """
    net.load_state_dict(formula_state(net, case))
    net.double().eval()
    scales, handles = {}, []

    def hook(name):
        def prepare(layer, inputs):
            square = inputs[0].square().mean().item()
            scales[name] = (_two_digits(0.25 * square**0.5), _two_digits(square))
            for kind in ("mean", "var"):
                values = formula.parameter(f"{name}.running_{kind}", (layer.num_features,), scales)
                getattr(layer, f"running_{kind}").copy_(torch.from_numpy(values))
        return prepare

    for name, layer in net.named_modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            handles.append(layer.register_forward_pre_hook(hook(name)))
    net(images.double())
    for handle in handles:
        handle.remove()
    net.float()
    return scales


def prepare(case, dtype=torch.float64, channels_last=False, statistics=None):
    """The network of a case with the formula's weights, in training mode."""
    net = network(case)
    net.load_state_dict(formula_state(net, case, statistics))
    net = net.to(dtype)
    if channels_last:
        net = net.to(memory_format=torch.channels_last)
    net.train()
    if case.train_only is not None:
        for name, value in net.named_parameters():
            value.requires_grad_(name.startswith(case.train_only))
        for layer in net.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.eval()
    return net


def pictures(case, step, dtype=torch.float64, channels_last=False, first=None):
    """The batch of a step: `batch` scenes from number `first + batch * step` on."""
    start = (case.first_scene if first is None else first) + case.batch * step
    numbers = range(start, start + case.batch)
    images, labels = formula.batch(numbers, case.height, case.width)
    images = torch.from_numpy(images).to(dtype)
    if channels_last:
        images = images.contiguous(memory_format=torch.channels_last)
    return images, torch.from_numpy(labels.astype(np.int64))


def ignore(labels, positions):
    """Marks positions of the flattened batch as void, in place."""
    labels.view(-1)[torch.tensor(positions, dtype=torch.int64)] = formula.IGNORE


def total_loss(case, loss, outputs, target):
    value = loss(outputs["out"], target)
    return value + case.aux_weight * loss(outputs["aux"], target) if case.aux else value


def fixed_statistics(case):
    """The scales of a case with fixed batch norm (None for the others), measured on scenes 0 ..< batch."""
    if case.train_only is None:
        return None
    net = network(case)
    return measure_statistics(net, case, pictures(case, 0, first=0)[0])


def optimizer(case, net):
    """Plain SGD on what is trained."""
    return torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=case.lr)
