"""One network in PyTorch and in segtrain's binary, from the same random weights: logits, masks, and every gradient.

PyTorch builds the network (scripts/torch_reference/networks.py) and writes its weights; `segtrain predict` gives logits and
masks of four pictures, and one step of `segtrain train` with momentum leaves every gradient in optimizer.safetensors. Both are
compared with PyTorch in float64:
  logits     largest difference over the largest logit, at most 1e-4
  masks      share of pixels with the same class, at least 0.9999
  gradients  largest difference over the tensor's largest entry, at most 1e-3; tensors beyond that (`beyond`, and `pytorch_beyond` of
             PyTorch's own float32) may have twice PyTorch's own float32 error (`times_pytorch`)

Batch norm biases are shifted by 2.5 for the gradients (--bias): where a rectifier's input lies nearer to 0 than float32 can tell, its
sign is a matter of rounding and moves gradients by per cents, in PyTorch as here. Some gradients are nearly 0 as
a whole (a shift in front of a normalisation), so that only noise is left of them.

usage: python3 scripts/compare_with_pytorch.py [--binary PATH] [--size 97 129] [--only NAME]... [--part logits] [--list]
"""

import argparse
import copy
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts" / "torch_reference"))
import networks

CLASSES, IGNORE, AUX_WEIGHT, BATCH = 11, 255, 0.5, 4
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# name: architecture, backbone, output stride, auxiliary head
CASES = {
    "deeplabv3_resnet18": ("deeplabv3", "resnet18", 16, False),
    "deeplabv3_resnet34_os32": ("deeplabv3", "resnet34", 32, True),
    "deeplabv3_resnet50": ("deeplabv3", "resnet50", 8, True),
    "deeplabv3_resnet101": ("deeplabv3", "resnet101", 8, True),
    "deeplabv3_resnet152": ("deeplabv3", "resnet152", 16, False),
    "fcn_resnet34": ("fcn", "resnet34", 8, True),
    "fcn_resnet50": ("fcn", "resnet50", 8, False),
    "fcn_resnet101": ("fcn", "resnet101", 8, True),
    "fcn_resnet152_os32": ("fcn", "resnet152", 32, False),
    "deeplabv3plus_resnet18_os8": ("deeplabv3plus", "resnet18", 8, True),
    "deeplabv3plus_resnet101": ("deeplabv3plus", "resnet101", 16, False),
    "recall_network": ("deeplabv3plus", "resnet18_bottleneck", 16, False),
    "recall_network_os8": ("deeplabv3plus", "resnet18_bottleneck", 8, False),
    "fcn_resnet18_bottleneck": ("fcn", "resnet18_bottleneck", 16, True),
}


def pictures(folder, size):
    """Pictures of coloured patches with noise and their masks, as PNG files; returns them as PyTorch sees them."""
    rng = np.random.default_rng(3)
    height, width = size
    images, labels = [], []
    for index in range(BATCH):
        # Pictures that differ as a whole: the pooled branch normalises one number a picture and channel.
        colours = rng.integers(30, 226, (CLASSES, 3)) * rng.uniform(0.2, 1, 3)
        centres = rng.uniform(0, 1, (20, 2)) * size
        kinds = rng.integers(0, CLASSES, 20)
        y, x = np.mgrid[:height, :width]
        nearest = ((y[..., None] - centres[:, 0]) ** 2 + (x[..., None] - centres[:, 1]) ** 2).argmin(-1)
        label = kinds[nearest].astype(np.uint8)
        image = np.clip(colours[label] + rng.integers(-25, 26, (height, width, 3)), 0, 255).astype(np.uint8)
        label[nearest == 0] = IGNORE
        for kind, values in (("images", image), ("masks", label)):
            path = folder / kind / "train" / f"{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(values).save(path)
        images.append(torch.from_numpy(image).permute(2, 0, 1))
        labels.append(torch.from_numpy(label.astype(np.int64)))
    mean, std = (torch.tensor(v, dtype=torch.float64).view(3, 1, 1) for v in (MEAN, STD))
    return (torch.stack(images).double() / 255 - mean) / std, torch.stack(labels)


def build(case, bias):
    """The network with PyTorch's random weights, `bias` in every batch norm."""
    architecture, backbone, output_stride, aux = case
    torch.manual_seed(1)
    net = networks.network(architecture, CLASSES, output_stride, aux, dropout=0.0, backbone_name=backbone)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.constant_(module.bias, bias)
    return net


def config(folder, name, case, weights):
    architecture, backbone, output_stride, aux = case
    path = folder / f"{name}.json"
    path.write_text(json.dumps({
        "name": name,
        "data": {"layout": "folders", "root": str(folder), "train": "train", "validation": "train",
                 "classes": [{"name": f"c{i}", "color": [20 * i, 10 * i, 5 * i]} for i in range(CLASSES)],
                 "ignore_index": IGNORE, "mean": MEAN, "std": STD},
        "model": {"architecture": architecture, "backbone": backbone, "output_stride": output_stride, "aux_head": aux,
                  "aux_weight": AUX_WEIGHT, "dropout": 0, "weights": str(weights)},
        "loss": {"terms": [{"type": "cross_entropy"}]},
        "optimizer": {"type": "sgd", "lr": 1e-6, "momentum": 0.9},
        "training": {"iterations": 1, "batch_size": BATCH, "shuffle": False},
        "log": {"tensorboard": False},
    }))
    return path


def run(binary, *arguments):
    done = subprocess.run([str(binary), *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"segtrain {' '.join(map(str, arguments))}\n{done.stderr}")


def compare_forward(binary, folder, name, case, images):
    net = build(case, bias=0.0)
    weights = folder / f"{name}.safetensors"
    save_file({k: v.contiguous() for k, v in net.state_dict().items()}, weights)
    out = folder / f"{name}_out"
    run(binary, "predict", "--checkpoint", weights, "--config", config(folder, name, case, weights), "--out", out,
        "--save", "index,logits", folder / "images" / "train")
    with torch.no_grad():
        single = net.eval()(images.float())["out"].double()
        expected = net.double()(images)["out"]
    found = torch.stack([load_file(out / f"{i}_logits.safetensors")["logits"] for i in range(len(images))]).double()
    masks = np.stack([np.array(Image.open(out / f"{i}.png")) for i in range(len(images))])
    errors = [((x - expected).abs().max() / expected.abs().max()).item() for x in (found, single)]
    same = (torch.from_numpy(masks) == expected.argmax(1)).double().mean().item()
    return {"logits": errors[0], "pytorch_logits": errors[1], "masks": same,
            "classes_seen": int(expected.argmax(1).unique().numel())}


def step(net, case, images, labels):
    """Loss and gradients of one step."""
    outputs = net.train()(images)
    loss = F.cross_entropy(outputs["out"], labels, ignore_index=IGNORE)
    if case[3]:
        loss = loss + AUX_WEIGHT * F.cross_entropy(outputs["aux"], labels, ignore_index=IGNORE)
    loss.backward()
    return loss, {k: p.grad for k, p in net.named_parameters()}


def compare_gradients(binary, folder, name, case, images, labels, bias):
    net = build(case, bias)
    weights = folder / f"{name}_step.safetensors"
    save_file({k: v.contiguous() for k, v in net.state_dict().items()}, weights)
    directory = folder / f"{name}_run"
    run(binary, "train", "--config", config(folder, f"{name}_step", case, weights), "--run-dir", directory, "--quiet")
    single = step(copy.deepcopy(net), case, images.float(), labels)[1]
    loss, gradients = step(net.double(), case, images, labels)
    event = json.loads((directory / "metrics.jsonl").read_text().splitlines()[0])
    states = load_file(directory / "checkpoints" / "step_0000001" / "optimizer.safetensors")
    model = load_file(directory / "checkpoints" / "step_0000001" / "model.safetensors")
    if set(states) != {f"momentum_buffer.{k}" for k in gradients}:
        raise SystemExit(f"{name}: other parameters than PyTorch's")
    largest = max(g.abs().max().item() for g in gradients.values())
    rows = []
    for key, expected in gradients.items():
        scale = max(expected.abs().max().item(), 1e-6 * largest)
        ours, pytorch = ((found.double() - expected).abs().max().item() / scale
                         for found in (states[f"momentum_buffer.{key}"], single[key]))
        rows.append((ours, pytorch, key))
    beyond = [row for row in rows if row[0] > 1e-3]
    ours, pytorch, worst = max(rows)
    statistics = max(((model[k].double() - v).abs().max() / v.abs().max()).item()
                     for k, v in net.state_dict().items() if ".running_" in k)
    return {"gradients": ours, "worst": worst, "pytorch_there": pytorch, "tensors": len(rows), "beyond": len(beyond),
            "pytorch_beyond": sum(row[1] > 1e-3 for row in rows),
            "times_pytorch": max((row[0] / row[1] for row in beyond), default=0.0),
            "loss": abs(event["loss"] / loss.item() - 1), "statistics": statistics}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", type=Path, default=ROOT / ".build" / "release" / "segtrain")
    parser.add_argument("--size", type=int, nargs=2, default=(97, 129), metavar=("H", "W"))
    parser.add_argument("--only", action="append", choices=CASES, metavar="NAME")
    parser.add_argument("--part", choices=("logits", "gradients"), help="one of the two comparisons alone")
    parser.add_argument("--bias", type=float, default=2.5, help="of every batch norm, for the gradients")
    parser.add_argument("--list", action="store_true", help="print the names of the networks")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(CASES))
        return
    torch.set_num_threads(2)
    failed = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        images, labels = pictures(folder, tuple(arguments.size))
        for name in arguments.only or CASES:
            case = CASES[name]
            result, passed = {}, True
            if arguments.part != "gradients":
                result |= compare_forward(arguments.binary, folder, name, case, images)
                passed = result["logits"] <= 1e-4 and result["masks"] >= 0.9999
            if arguments.part != "logits":
                result |= compare_gradients(arguments.binary, folder, name, case, images, labels, arguments.bias)
                passed = passed and result["times_pytorch"] <= 2
            failed += [] if passed else [name]
            print(json.dumps({"network": name, "passed": passed} | {
                k: float(f"{v:.3g}") if isinstance(v, float) and k != "masks" else v for k, v in result.items()}),
                flush=True)
    if failed:
        raise SystemExit("beyond the bounds: " + ", ".join(failed))


if __name__ == "__main__":
    main()
