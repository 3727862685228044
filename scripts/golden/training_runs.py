"""Tests/Golden/run_<case>_<loss>.json: short training runs, their first gradients and statistics.

Every run is done in float64 (the reference), in float32, and in float32 with channels_last memory, so that
a reader knows how far float32 alone strays. README.md describes the keys.

usage: python3 scripts/golden/training_runs.py [--only CASE] [--full DIR --camvid ROOT
         [--full-steps 12] [--full-size 240 320]]
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

import clearance
import formula
import full_comparison
import near_ties
import reference_losses
import training_cases
import writing
import networks

PRECISIONS = {
    "float64": (torch.float64, False),
    "float32": (torch.float32, False),
    "float32_channels_last": (torch.float32, True),
}
LOGIT_SAMPLES = 256
STATISTIC_SAMPLES = 16
STATISTICS_AFTER = 3


def train(case, loss, ignored, statistics, dtype, channels_last):
    """One run: losses and margins of every step; of step 0 logits, gradients and recall counts; the batch
    norm statistics after step 3."""
    net = training_cases.prepare(case, dtype, channels_last, statistics)
    optimizer = training_cases.optimizer(case, net)
    run = {"losses": [], "margins": [], "statistics": {}}
    for step in range(case.steps):
        images, labels = training_cases.pictures(case, step, dtype, channels_last)
        training_cases.ignore(labels, ignored[step])
        outputs = net(images)
        value = training_cases.total_loss(case, loss, outputs, labels)
        optimizer.zero_grad()
        value.backward()
        run["losses"].append(value.item())
        run["margins"].append(reference_losses.smallest_margin(outputs["out"], labels))
        if step == 0:
            run["outputs"] = {k: v.detach().double().contiguous() for k, v in outputs.items()}
            run["gradients"] = {name: p.grad.double().contiguous().clone()
                                for name, p in net.named_parameters() if p.requires_grad}
            run["counts"] = reference_losses.recall_counts(outputs["out"], labels)
        optimizer.step()
        if step + 1 == min(STATISTICS_AFTER, case.steps):
            run["statistics"] = {k: v.double().clone() for k, v in net.state_dict().items() if ".running_" in k}
    return run


def distance(a, b):
    return float(f"{(a - b).abs().max().item():.3g}")


def describe_logits(name, runs):
    reference = runs["float64"]["outputs"][name]
    positions = formula.sample_positions(f"logits.{name}", reference.numel(), LOGIT_SAMPLES)
    return {
        "name": name, "shape": list(reference.shape), "max_abs": writing.short([reference.abs().max()])[0],
        "samples": writing.short(reference.reshape(-1)[positions]),
        "float32_errors": [distance(runs[k]["outputs"][name], reference) for k in list(PRECISIONS)[1:]],
    }


def describe_gradient(name, runs, samples):
    reference = runs["float64"]["gradients"][name]
    flat = reference.reshape(-1)
    positions = formula.sample_positions(name, flat.numel(), samples)
    return {
        "name": name, "shape": list(reference.shape),
        "max_abs": writing.short([flat.abs().max()])[0], "max_position": int(flat.abs().argmax()),
        "max_value": writing.short([flat[flat.abs().argmax()]])[0],
        "l1": writing.short([flat.abs().sum()])[0], "l2": writing.short([flat.norm()])[0],
        "samples": writing.short(flat[positions]),
        "projections": writing.short(formula.projections(name, reference.numpy())),
        "float32_errors": [distance(runs[k]["gradients"][name], reference) for k in list(PRECISIONS)[1:]],
    }


def describe_statistics(name, runs):
    reference = runs["float64"]["statistics"][name]
    positions = formula.sample_positions(name, reference.numel(), STATISTIC_SAMPLES)
    return {
        "name": name, "samples": writing.short(reference[positions]),
        "float32_errors": [distance(runs[k]["statistics"][name], reference) for k in list(PRECISIONS)[1:]],
    }


def document(case, loss_name, ignored, statistics, clear):
    loss = reference_losses.LOSSES[loss_name]
    runs = {k: train(case, loss, ignored, statistics, *p) for k, p in PRECISIONS.items()}
    reference = runs["float64"]
    truth, wrong = reference["counts"]
    result = {
        "metadata": writing.metadata(
            __file__, networks.__file__, networks.deeplabv3plus.__file__, training_cases.__file__, clearance.__file__,
            near_ties.__file__, reference_losses.__file__),
        "case": case.name,
        "network": {
            "architecture": case.architecture, "backbone": case.backbone, "classes": formula.CLASSES,
            "output_stride": case.output_stride, "aux_head": case.aux, "aux_weight": case.aux_weight,
            "dropout": 0, "train_only": [case.train_only] if case.train_only else None,
            "batch_norm": "fixed" if case.train_only else "batch", "batch_norm_bias": case.batch_norm_bias,
        },
        "input": {"batch": case.batch, "height": case.height, "width": case.width, "steps": case.steps,
                  "first_scene": case.first_scene, "ignored_pixels": ignored},
        "optimizer": {"type": "sgd", "lr": case.lr},
        "loss": loss_name,
        "losses": {k: r["losses"] for k, r in runs.items()},
        "margins": writing.short(reference["margins"], 4),
        "first_step": {
            "clearance": writing.short([clear], 3)[0],
            "class_pixels": [int(v) for v in truth],
            "class_false_negatives": [int(v) for v in wrong],
            "logits": [describe_logits(k, runs) for k in reference["outputs"]],
        },
        "fixed_statistics": [{"name": k, "mean_scale": m, "var_scale": v}
                             for k, (m, v) in (statistics or {}).items()],
    }
    names = reference["gradients"] if case.record_first_step else []
    result["first_step"]["gradients"] = [describe_gradient(n, runs, case.gradient_samples) for n in names]
    steps = min(STATISTICS_AFTER, case.steps)
    recorded = case.train_only is None and loss_name == "cross_entropy"
    result["batch_norm"] = {
        "after_steps": steps,
        "statistics": [describe_statistics(n, runs) for n in reference["statistics"] if recorded],
    }
    report(case, loss_name, runs)
    return result


def report(case, loss_name, runs):
    reference = runs["float64"]
    largest = max(g.abs().max() for g in reference["gradients"].values())
    for name in list(PRECISIONS)[1:]:
        run = runs[name]
        losses = max(abs(a / b - 1) for a, b in zip(run["losses"], reference["losses"]))
        # Biases whose shift the next batch norm takes out have a gradient of exactly 0: no ratio there.
        worst = max(((g - run["gradients"][k]).abs().max() / g.abs().max()).item()
                    for k, g in reference["gradients"].items() if g.abs().max() > 1e-6 * largest)
        print(f"{case.name} {loss_name} {name}: losses within {losses:.1e}, gradients within {worst:.1e} of "
              f"the largest entry; smallest margin {min(reference['margins']):.1e}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", help="one case")
    parser.add_argument("--full", type=Path, help="folder for a full comparison; nothing else is written")
    parser.add_argument("--camvid", type=Path, help="CamVid folder for --full")
    parser.add_argument("--full-steps", type=int, default=12)
    parser.add_argument("--full-size", type=int, nargs=2, default=(240, 320), metavar=("H", "W"))
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    if arguments.full:
        if not arguments.camvid:
            parser.error("--full needs --camvid ROOT")
        return full_comparison.write(
            arguments.full, arguments.camvid, arguments.full_steps, tuple(arguments.full_size))
    for case in training_cases.CASES:
        if arguments.only in (None, case.name):
            statistics = training_cases.fixed_statistics(case)
            first, clear = clearance.choose(case, statistics)
            print(f"{case.name}: scenes from {first}, clearance {clear:.1f}", flush=True)
            case = replace(case, first_scene=first)
            ignored = near_ties.find(case, statistics)
            for loss in case.losses:
                writing.write(f"run_{case.name}_{loss}", document(case, loss, ignored, statistics, clear))


if __name__ == "__main__":
    main()
