"""How far a batch is from a kink: the first scenes of every golden run are chosen by it.

A ReLU's input that float32 rounds across 0, or a pooling window whose two largest values change places, moves
gradients by per cents of their largest entry. The clearance of a batch is the smallest distance to such a kink
in any layer, divided by the largest float32 error in that layer (PyTorch's own, in both memory layouts).
"""

import torch
from torch.nn import functional as F

import training_cases

CANDIDATES = 8
ENOUGH = 1.5


@torch.no_grad()
def _kinks(case, first, statistics, dtype, channels_last):
    """Inputs of every ReLU, and windows of the max-pooling, in the order of execution."""
    net = training_cases.prepare(case, dtype, channels_last, statistics)
    seen = []

    def rectified(layer, inputs):
        seen.append(inputs[0].double().contiguous().clone())

    def pooled(layer, inputs):
        x = F.pad(inputs[0].double().contiguous(), (1, 1, 1, 1), value=float("-inf"))
        seen.append(x.unfold(2, 3, 2).unfold(3, 3, 2).flatten(-2))

    for layer in net.modules():
        if isinstance(layer, torch.nn.ReLU):
            layer.register_forward_pre_hook(rectified)
        elif isinstance(layer, torch.nn.MaxPool2d):
            layer.register_forward_pre_hook(pooled)
    images, _ = training_cases.pictures(case, 0, dtype, channels_last, first)
    net(images)
    return seen


def _distance(values):
    if values.dim() == 5:
        top = values.topk(2, dim=-1).values
        gap = top[..., 0] - top[..., 1]
        # Windows of nothing but clipped zeros pass no gradient on, whichever of them is taken.
        return gap[top[..., 0] > 0].min().item()
    return values.abs().min().item()


def measure(case, first, statistics):
    reference = _kinks(case, first, statistics, torch.float64, False)
    errors = [0.0] * len(reference)
    for channels_last in (False, True):
        for i, values in enumerate(_kinks(case, first, statistics, torch.float32, channels_last)):
            finite = torch.isfinite(values)
            errors[i] = max(errors[i], (values - reference[i])[finite].abs().max().item())
    return min(_distance(v) / e for v, e in zip(reference, errors))


def choose(case, statistics):
    """(first scene, clearance): the first candidate that is far enough from every kink, else the best."""
    if case.batch_norm_bias == 0:
        return 0, measure(case, 0, statistics)
    best = (0.0, 0)
    for first in range(0, CANDIDATES * case.batch, case.batch):
        best = max(best, (measure(case, first, statistics), first))
        if best[0] >= ENOUGH:
            break
    return best[1], best[0]
