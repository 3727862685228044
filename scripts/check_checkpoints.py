#!/usr/bin/env python3
"""Weights on their way to torchvision and back, judged by confusion matrices on CamVid's validation split.

For each network: `segtrain train` makes a checkpoint, torchvision.models.segmentation loads it with strict=True. Then the same
weights are scored by
  segtrain        the checkpoint
  torchvision     what was loaded
  pth, legacy     segtrain, from what torch.save wrote of torchvision's network, in its two containers
  deflated        segtrain, from the first of these after another tool has compressed it
  onnx            onnxruntime, from `segtrain model export`
Every confusion matrix must be torchvision's but for 1 pixel in 100,000; those of segtrain must be one.

usage: python3 scripts/check_checkpoints.py --camvid ROOT [--segtrain PATH] [--only NAME]... [--pictures N] [--iterations N]
needs torch, torchvision, numpy, pillow, safetensors, onnxruntime.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from safetensors.torch import load_file
from torchvision.models import segmentation

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts" / "torch_reference"))
import camvid

NETWORKS = ("fcn_resnet50", "fcn_resnet101", "deeplabv3_resnet50", "deeplabv3_resnet101")
CLASSES = len(camvid.CLASSES)
LIMIT = 1e-5


def run(binary, *arguments):
    done = subprocess.run([str(binary), *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"segtrain {' '.join(map(str, arguments))}\n{done.stderr}")


def subset(source, target, counts):
    """CamVid's layout with the first pictures of each split alone."""
    for split, count in counts.items():
        for folder in (split, f"{split}annot"):
            (target / folder).mkdir(parents=True)
            for path in sorted((source / folder).glob("*.png"))[:count]:
                (target / folder / path.name).symlink_to(path.resolve())
    return target


def config(path, name, root, iterations):
    architecture, backbone = name.split("_")
    path.write_text(json.dumps({
        "name": name,
        "data": {"layout": "camvid", "root": str(root)},
        "augment": {"crop_size": [120, 160], "flip": 0.5},
        "model": {"architecture": architecture, "backbone": backbone, "output_stride": 8, "aux_head": True},
        "loss": {"terms": [{"type": "cross_entropy"}]},
        "optimizer": {"type": "adam", "lr": 3e-4},
        "training": {"iterations": iterations, "batch_size": 4},
        "log": {"tensorboard": False},
    }))
    return path


def scored(binary, folder, label, checkpoint, config_path, root):
    out = folder / label
    run(binary, "eval", "--checkpoint", checkpoint, "--config", config_path, "--set", f"data.root={root}", "--out", out)
    rows = list(csv.reader((out / "confusion.csv").open()))[1:]
    return np.array([[int(v) for v in row[1:1 + CLASSES]] for row in rows])


def scored_by(root, predict):
    """Confusion matrix [true, predicted] of `predict`, from a picture [1, 3, H, W] to classes [H, W]."""
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    for image, target in camvid.CamVid(root, "val"):
        target, found = target.numpy(), predict(image[None])
        valid = target != camvid.IGNORE
        np.add.at(confusion, (target[valid], found[valid]), 1)
    return confusion


def deflate(source, target):
    with zipfile.ZipFile(source) as stored, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for item in stored.infolist():
            packed.writestr(item.filename, stored.read(item))
    return target


def check(binary, folder, name, camvid_root, pictures, iterations):
    root = subset(camvid_root, folder / "camvid", {"train": 367, "val": pictures})
    small = subset(camvid_root, folder / "small", {"train": 367, "val": 1})
    settings = config(folder / "run.json", name, small, iterations)
    run(binary, "train", "--config", settings, "--run-dir", folder / "run", "--quiet")
    weights = folder / "run" / "checkpoints" / f"step_{iterations:07d}" / "model.safetensors"

    net = getattr(segmentation, name)(weights=None, weights_backbone=None, num_classes=CLASSES, aux_loss=True)
    net.load_state_dict(load_file(weights), strict=True)
    net.eval()
    torch.save(net.state_dict(), folder / "zip.pth")
    torch.save(net.state_dict(), folder / "legacy.pth", _use_new_zipfile_serialization=False)
    deflate(folder / "zip.pth", folder / "deflated.pth")
    height, width = camvid.CamVid(root, "val")[0][1].shape
    run(binary, "model", "export", "--checkpoint", weights, "--out", folder / "net.onnx", "--size", height, width)
    session = onnxruntime.InferenceSession(folder / "net.onnx", providers=["CPUExecutionProvider"])

    with torch.no_grad():
        expected = scored_by(root, lambda image: net(image)["out"][0].argmax(0).numpy())
    found = {"segtrain": scored(binary, folder, "segtrain", weights, settings, root)}
    for label in ("zip", "legacy", "deflated"):
        found["pth" if label == "zip" else label] = scored(
            binary, folder, label, folder / f"{label}.pth", settings, root)
    found["onnx"] = scored_by(root, lambda image: session.run(None, {"image": image.numpy()})[0][0].argmax(0))

    pixels = int(expected.sum())
    # A pixel that changes its class leaves one entry and enters another.
    moved = {label: int(abs(confusion - expected).sum()) // 2 for label, confusion in found.items()}
    same = all((found[label] == found["segtrain"]).all() for label in ("pth", "legacy", "deflated"))
    passed = same and max(moved.values()) <= LIMIT * pixels
    accuracy = expected.trace() / pixels
    print(f"| {name} | {len(net.state_dict())} | {pixels} | {(expected.sum(0) > 0).sum()} | {accuracy:.4f} | "
          + " | ".join(str(value) for value in moved.values()) + f" | {'yes' if same else 'no'} |", flush=True)
    return passed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--camvid", type=Path, required=True)
    parser.add_argument("--segtrain", type=Path, default=ROOT / ".build" / "release" / "segtrain")
    parser.add_argument("--only", action="append", choices=NETWORKS, metavar="NAME")
    parser.add_argument("--pictures", type=int, default=101, help="of the validation split, the first")
    parser.add_argument("--iterations", type=int, default=30)
    options = parser.parse_args()
    torch.set_num_threads(2)
    print("| network | tensors | pixels | classes predicted | pixel accuracy | segtrain | pth | legacy | deflated | onnx | "
          "segtrain's equal |\n|---|" + "---|" * 10)
    failed = []
    for name in options.only or NETWORKS:
        with tempfile.TemporaryDirectory() as folder:
            if not check(options.segtrain, Path(folder), name, options.camvid, options.pictures, options.iterations):
                failed.append(name)
    if failed:
        raise SystemExit("other confusion matrices than torchvision's: " + ", ".join(failed))


if __name__ == "__main__":
    main()
