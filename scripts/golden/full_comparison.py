"""What a strict comparison needs in full: initial weights, batches of real pictures, every first gradient.

Written by `training_runs.py --full DIR --camvid ROOT` and never committed (about 350 MB). DIR holds
  full.json              metadata, network, input, optimizer; for every loss the losses of every step in every
                         precision, and for every tensor below the float32 errors
  weights.safetensors    the network as torchvision initialises it (seed 1)
  batches.safetensors    images.<step> [N, 3, H, W] float32 (normalised), labels.<step> [N, H, W] uint8; in step 0
                         pixels whose two largest logits nearly tie are void too
  <loss>.safetensors     gradient.<parameter> and logits.out of step 0, statistics.<buffer> after step 3 (or the
                         last): the float64 run, rounded to float32
"""

import json

import torch
from safetensors.torch import save_file

import near_ties
import reference_losses
import training_cases
import writing
import camvid
import networks

SEED = 1
STATISTICS_AFTER = 3
CASE = training_cases.CASES[0]
PRECISIONS = {
    "float64": (torch.float64, torch.contiguous_format),
    "float32": (torch.float32, torch.contiguous_format),
    "float32_channels_last": (torch.float32, torch.channels_last),
}


def build(state, dtype, layout):
    net = networks.network(CASE.architecture, len(camvid.CLASSES), CASE.output_stride, dropout=0.0)
    net.load_state_dict(state)
    return net.to(dtype).to(memory_format=layout).train()


def batches(root, state, steps, size):
    """Pictures of the training split, spread over it, in the order of the split."""
    dataset = camvid.CamVid(root, "train", size)
    stride = max(len(dataset) // (steps * CASE.batch), 1)
    data = []
    for step in range(steps):
        samples = [dataset[(step * CASE.batch + i) * stride % len(dataset)] for i in range(CASE.batch)]
        data.append(tuple(torch.stack(part) for part in zip(*samples)))
    images, labels = data[0]
    with torch.no_grad():
        logits = build(state, torch.float64, torch.contiguous_format)(images.double())["out"]
    labels[reference_losses.margins(logits) < near_ties.MARGIN] = camvid.IGNORE
    return data


def train(state, data, loss, dtype, layout):
    net = build(state, dtype, layout)
    optimizer = training_cases.optimizer(CASE, net)
    losses, tensors = [], {}
    for step, (images, labels) in enumerate(data):
        outputs = net(images.to(dtype).contiguous(memory_format=layout))
        value = loss(outputs["out"], labels)
        optimizer.zero_grad()
        value.backward()
        losses.append(value.item())
        if step == 0:
            tensors["logits.out"] = outputs["out"].detach().clone()
            tensors |= {f"gradient.{k}": p.grad.clone() for k, p in net.named_parameters()}
        optimizer.step()
        if step + 1 == min(STATISTICS_AFTER, len(data)):
            tensors |= {f"statistics.{k}": v.clone() for k, v in net.state_dict().items() if ".running_" in k}
    return losses, {k: v.double().contiguous() for k, v in tensors.items()}


def compare(name, reference, others):
    value = reference[name]
    differences = [other[name] - value for other in others]
    return {
        "name": name, "max_abs": value.abs().max().item(), "l2": value.norm().item(),
        "float32_errors": [float(f"{d.abs().max().item():.3g}") for d in differences],
        "float32_l2_errors": [float(f"{d.norm().item():.3g}") for d in differences],
    }


def write(folder, root, steps, size):
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    net = networks.network(CASE.architecture, len(camvid.CLASSES), CASE.output_stride)
    state = {k: v.clone() for k, v in net.state_dict().items()}
    save_file(state, folder / "weights.safetensors")
    data = batches(root, state, steps, size)
    save_file({f"images.{i}": x for i, (x, _) in enumerate(data)}
              | {f"labels.{i}": y.to(torch.uint8) for i, (_, y) in enumerate(data)},
              folder / "batches.safetensors")
    runs = []
    for name in CASE.losses:
        results = {k: train(state, data, reference_losses.LOSSES[name], *p) for k, p in PRECISIONS.items()}
        reference, *others = (tensors for _, tensors in results.values())
        save_file({k: v.float() for k, v in reference.items()}, folder / f"{name}.safetensors")
        tensors = [compare(k, reference, others) for k in reference]
        runs.append({"loss": name, "losses": {k: v for k, (v, _) in results.items()}, "tensors": tensors})
        worst = max((t for t in tensors if t["l2"] > 1e-9), key=lambda t: max(t["float32_l2_errors"]) / t["l2"])
        print(f"{name}: {runs[-1]['losses']['float64']}\n  float32 strays most, by norm, in {worst['name']}: "
              f"{max(worst['float32_l2_errors']) / worst['l2']:.1e}", flush=True)
    about = {
        "metadata": writing.metadata(
            __file__, networks.__file__, networks.deeplabv3plus.__file__, training_cases.__file__, reference_losses.__file__, camvid.__file__,
            near_ties.__file__) | {"seed": SEED},
        "network": {"architecture": CASE.architecture, "backbone": "resnet18", "aux_head": False, "dropout": 0,
                    "classes": len(camvid.CLASSES), "output_stride": CASE.output_stride},
        "input": {"batch": CASE.batch, "height": size[0], "width": size[1], "steps": steps},
        "optimizer": {"type": "sgd", "lr": CASE.lr},
        "statistics_after": min(STATISTICS_AFTER, steps),
        "runs": runs,
    }
    (folder / "full.json").write_text(json.dumps(about, indent=1))
