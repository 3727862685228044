"""What a strict comparison needs in full: initial weights, batches of real pictures, every first gradient.

Written by `training_runs.py --full DIR --camvid ROOT` and never committed (about 300 MB). DIR holds
  full.json              metadata, network, optimizer, losses of every step in every precision
  weights.safetensors    the network as torchvision initialises it (seed 1)
  batches.safetensors    images.<step> [N, 3, H, W] float32 (normalised), labels.<step> [N, H, W] uint8
  <loss>.safetensors     gradient.<parameter>, logits.out, statistics.<buffer> after step 3: float64 run,
                         rounded to float32
"""

import json
from dataclasses import replace

import torch
from safetensors.torch import save_file

import reference_losses
import training_cases
import writing
import camvid
import networks

SEED = 1
SIZE = (240, 320)
STEPS = 12
CASE = replace(training_cases.CASES[0], name="full", height=SIZE[0], width=SIZE[1], steps=STEPS)
STATISTICS_AFTER = 3


def batches(root):
    """The first pictures of the training split, spread over it."""
    dataset = camvid.CamVid(root, "train", SIZE)
    stride = len(dataset) // (STEPS * CASE.batch)
    for step in range(STEPS):
        samples = [dataset[(step * CASE.batch + i) * max(stride, 1) % len(dataset)] for i in range(CASE.batch)]
        yield tuple(torch.stack(part) for part in zip(*samples))


def train(state, data, loss, dtype, channels_last):
    net = networks.network(CASE.architecture, len(camvid.CLASSES), CASE.output_stride, dropout=0.0)
    net.load_state_dict(state)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    net = net.to(dtype).to(memory_format=layout).train()
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
        if step + 1 == STATISTICS_AFTER:
            tensors |= {f"statistics.{k}": v.clone() for k, v in net.state_dict().items() if ".running_" in k}
    return losses, {k: v.float().contiguous() for k, v in tensors.items()}


def write(folder, root):
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    net = networks.network(CASE.architecture, len(camvid.CLASSES), CASE.output_stride)
    state = {k: v.clone() for k, v in net.state_dict().items()}
    data = list(batches(root))
    save_file(state, folder / "weights.safetensors")
    save_file({f"images.{i}": x for i, (x, _) in enumerate(data)}
              | {f"labels.{i}": y.to(torch.uint8) for i, (_, y) in enumerate(data)},
              folder / "batches.safetensors")
    runs = []
    for name in CASE.losses:
        loss, losses = reference_losses.LOSSES[name], {}
        for precision, dtype, channels_last in (
            ("float64", torch.float64, False), ("float32", torch.float32, False),
            ("float32_channels_last", torch.float32, True),
        ):
            losses[precision], tensors = train(state, data, loss, dtype, channels_last)
            if precision == "float64":
                reference = tensors
                save_file(tensors, folder / f"{name}.safetensors")
        errors = {k: float((v - tensors[k]).abs().max() / reference[k].abs().max().clamp(min=1e-30))
                  for k, v in reference.items()}
        worst = max(errors, key=errors.get)
        print(f"{name}: {losses['float64']}\n  channels_last float32: worst {worst} {errors[worst]:.1e}", flush=True)
        runs.append({"loss": name, "losses": losses,
                     "float32_relative_errors": [{"name": k, "error": e} for k, e in errors.items()]})
    about = {
        "metadata": writing.metadata(__file__, networks.__file__, training_cases.__file__,
                                     reference_losses.__file__, camvid.__file__) | {"seed": SEED},
        "network": {"architecture": CASE.architecture, "backbone": "resnet18", "classes": len(camvid.CLASSES),
                    "output_stride": CASE.output_stride, "dropout": 0},
        "optimizer": {"type": "sgd", "lr": CASE.lr}, "steps": STEPS, "runs": runs,
    }
    (folder / "full.json").write_text(json.dumps(about, indent=1))
