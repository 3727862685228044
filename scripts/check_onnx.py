#!/usr/bin/env python3
"""Runs an exported network with onnxruntime and compares its masks with those of `segtrain predict`.

    python3 scripts/check_onnx.py --onnx net.onnx --checkpoint runs/x PICTURE...

needs numpy, pillow, onnx and onnxruntime. Masks must be equal on 99.99 % of all pixels. Networks exported with
--size are given pictures of that size only; --bytes is recognised by the type of the input. Pictures are given as
they are, so the run config must not resize them (data.size null); add --set data.size=null otherwise.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy
import onnx
import onnxruntime
from PIL import Image

parser = argparse.ArgumentParser()
parser.add_argument("--onnx", required=True)
parser.add_argument("--checkpoint", required=True)
parser.add_argument("--segtrain", default=".build/release/segtrain")
parser.add_argument("--set", action="append", default=[])
parser.add_argument("--limit", type=float, default=0.9999)
parser.add_argument("pictures", nargs="+")
options = parser.parse_args()

model = onnx.load(options.onnx)
onnx.checker.check_model(model, full_check=True)
metadata = {item.key: item.value for item in model.metadata_props}
mean = numpy.array(json.loads(metadata["segtrain.mean"]), numpy.float32)
std = numpy.array(json.loads(metadata["segtrain.std"]), numpy.float32)
session = onnxruntime.InferenceSession(options.onnx, providers=["CPUExecutionProvider"])
port = session.get_inputs()[0]
print("opset", model.opset_import[0].version, "input", port.name, port.type, port.shape,
      "classes", metadata["segtrain.classes"])

equal = count = 0
with tempfile.TemporaryDirectory() as folder:
    overrides = [word for change in options.set for word in ("--set", change)]
    subprocess.run(
        [options.segtrain, "predict", "--checkpoint", options.checkpoint, "--out", folder, *overrides,
         *options.pictures], check=True)
    for path in map(pathlib.Path, options.pictures):
        picture = numpy.asarray(Image.open(path).convert("RGB"))
        if port.type == "tensor(uint8)":
            image = picture
        else:
            image = (picture.astype(numpy.float32) / numpy.float32(255) - mean) / std
            if metadata["segtrain.channel_order"] == '"bgr"':
                image = image[..., ::-1]
        image = numpy.ascontiguousarray(image.transpose(2, 0, 1)[None])
        logits = session.run(None, {port.name: image})[0]
        mask = logits[0].argmax(0)
        ours = numpy.asarray(Image.open(pathlib.Path(folder) / f"{path.stem}.png"))
        equal += int((mask == ours).sum())
        count += mask.size
share = equal / count
print(f"{len(options.pictures)} pictures, {count} pixels, {count - equal} differ: {share:.6f} equal")
raise SystemExit(0 if share >= options.limit else f"expected at least {options.limit}")
