"""Which pixels a golden run ignores besides the formula's void.

A recall weight jumps when the prediction of a single pixel flips, so a run with a pixel whose two largest logits
nearly tie would measure luck. Those pixels are found here, step by step along the float64 trajectory of every
recall loss of the case, and get label 255 in all runs of the case.
"""

import torch

import reference_losses
import training_cases

MARGIN = 1e-3


def find(case, statistics):
    """For every step the positions n * H * W + y * W + x, ascending."""
    losses = [reference_losses.LOSSES[name] for name in case.losses if name.startswith("recall")]
    if not losses:
        return [[] for _ in range(case.steps)]
    nets = [training_cases.prepare(case, statistics=statistics) for _ in losses]
    optimizers = [training_cases.optimizer(case, net) for net in nets]
    ignored = []
    for step in range(case.steps):
        images, labels = training_cases.pictures(case, step)
        outputs = [net(images) for net in nets]
        margins = torch.stack([reference_losses.margins(o["out"]) for o in outputs]).amin(0)
        near = (margins < MARGIN) & (labels != reference_losses.formula.IGNORE)
        ignored.append(near.reshape(-1).nonzero().reshape(-1).tolist())
        training_cases.ignore(labels, ignored[-1])
        for optimizer, loss, output in zip(optimizers, losses, outputs):
            optimizer.zero_grad()
            training_cases.total_loss(case, loss, output, labels).backward()
            optimizer.step()
    return ignored
