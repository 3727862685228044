"""The losses of the training goldens, in torch operations.

Each takes logits [N, C, H, W] and int64 targets [N, H, W] with 255 ignored, and gives a scalar.
"""

import torch
from torch.nn import functional as F

import formula


def cross_entropy(logits, target):
    """Mean over the valid pixels."""
    return F.cross_entropy(logits, target, ignore_index=formula.IGNORE)


def recall_counts(logits, target):
    """(ground truth, false negatives) of every class over the valid pixels of the batch, as float64."""
    valid = target != formula.IGNORE
    classes = logits.shape[1]
    wrong = valid & (logits.detach().argmax(1) != target)
    return tuple(torch.bincount(target[m], minlength=classes).double() for m in (valid, wrong))


def recall_weights(logits, target, variant):
    """paper: FN / (FN + TP), 0 for an absent class; recall_code: max(FN, 1) / max(GT, 1)."""
    truth, wrong = recall_counts(logits, target)
    if variant == "paper":
        return wrong / truth.clamp(min=1)
    return wrong.clamp(min=1) / truth.clamp(min=1)


def recall(logits, target, variant):
    """sum of w * CE over the valid pixels, divided by the valid (paper) or by all pixels (recall_code)."""
    w = recall_weights(logits, target, variant).to(logits.dtype)
    valid = target != formula.IGNORE
    pixel = F.cross_entropy(logits, target, ignore_index=formula.IGNORE, reduction="none")
    weighted = (w[torch.where(valid, target, 0)] * pixel)[valid].sum()
    return weighted / (valid.sum() if variant == "paper" else valid.numel())


LOSSES = {
    "cross_entropy": cross_entropy,
    "recall_paper": lambda z, y: recall(z, y, "paper"),
    "recall_code": lambda z, y: recall(z, y, "recall_code"),
}


def margins(logits):
    """Difference between the largest and the second logit of every pixel: how far it is from a changed
    prediction, at which a recall weight would jump."""
    top = logits.detach().topk(2, dim=1).values
    return top[:, 0] - top[:, 1]


def smallest_margin(logits, target):
    """The smallest margin over the valid pixels."""
    return margins(logits)[target != formula.IGNORE].min().item()
