"""PyTorch's side of scripts/bench_loader_vs_pytorch.py: times one DataLoader and prints one JSON line.

usage: python3 scripts/torch_reference/loader_side.py < JOB

The job, a JSON document, has `pairs` (paths of image and label), `ids` (class of each stored label value, or null), `data` and `augment`
of a resolved run config, `transforms` ("pil": torchvision's functions on PIL pictures; "v2": torchvision.transforms.v2 on
uint8 tensors), `batch`, `workers`, `prefetch`, `warm`, `batches`. Transforms come in segtrain's order. Resizing goes over
whole pictures, as these libraries do it.
"""

import json
import random
import sys
import time

import numpy as np
import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as pil
from torchvision.transforms.v2 import functional as v2

BILINEAR, NEAREST = InterpolationMode.BILINEAR, InterpolationMode.NEAREST


class Pictures(Dataset):
    """The pairs again and again, until there are as many as the measurement takes."""

    def __init__(self, job, length):
        self.job, self.length = job, length
        self.data, self.augment = job["data"], job["augment"] or {}
        self.functions = pil if job["transforms"] == "pil" else v2
        self.padding = [round(255 * level) for level in self.data["mean"]]

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        image, label = self.decode(*self.job["pairs"][index % len(self.job["pairs"])])
        image, label = self.transform(image, label)
        if self.job["transforms"] == "pil":
            image = pil.to_tensor(image)
            label = torch.from_numpy(np.array(label))
        else:
            image = v2.to_dtype(image, torch.float32, scale=True)
            label = label[0]
        # Nobody else reads the tensor.
        return self.functions.normalize(image, self.data["mean"], self.data["std"], inplace=True), label

    def decode(self, image, label):
        image, label = Image.open(image), Image.open(label)
        if image.mode != "RGB":
            image = image.convert("RGB")
        if self.job["ids"]:
            label = label.point(self.job["ids"])
        if self.job["transforms"] == "pil":
            return image, label
        return v2.pil_to_tensor(image), v2.pil_to_tensor(label)

    def size(self, image):
        return (image.height, image.width) if self.job["transforms"] == "pil" else tuple(image.shape[-2:])

    def resized(self, image, label, size):
        if size == self.size(image):
            return image, label
        f = self.functions
        return f.resize(image, size, BILINEAR, antialias=True), f.resize(label, size, NEAREST)

    def transform(self, image, label):
        f, augment = self.functions, self.augment
        if self.data["size"]:
            image, label = self.resized(image, label, tuple(self.data["size"]))
        if jitter := augment.get("color_jitter"):
            for name, adjust in (("brightness", f.adjust_brightness), ("contrast", f.adjust_contrast),
                                 ("saturation", f.adjust_saturation)):
                image = adjust(image, random.uniform(max(0, 1 - jitter[name]), 1 + jitter[name]))
        height, width = self.size(image)
        if augment.get("scale_range"):
            factor = random.uniform(*augment["scale_range"])
            image, label = self.resized(image, label, (round(factor * height), round(factor * width)))
        if augment.get("scale_list"):
            factor = random.choice(augment["scale_list"])
            image, label = self.resized(image, label, (int(factor * height), int(factor * width)))
        if augment.get("crop_size"):
            image, label = self.crop(image, label, *augment["crop_size"])
        if random.random() < augment.get("flip", 0):
            image, label = f.hflip(image), f.hflip(label)
        return image, label

    def crop(self, image, label, height, width):
        f = self.functions
        h, w = self.size(image)
        if (h < height or w < width) and self.augment["small_images"] == "enlarge":
            factor = width / w if w < h else height / h
            h, w = int(factor * h + 1), int(factor * w + 1)
            image, label = self.resized(image, label, (h, w))
        # What is cropped before is not padded.
        top, left = random.randint(0, max(0, h - height)), random.randint(0, max(0, w - width))
        part = (top, left, min(h, height), min(w, width))
        image, label = f.crop(image, *part), f.crop(label, *part)
        if h < height or w < width:
            margin = [0, 0, max(0, width - w), max(0, height - h)]
            color = tuple(self.padding) if self.job["transforms"] == "pil" else self.padding
            image = f.pad(image, margin, fill=color)
            label = f.pad(label, margin, fill=self.data["ignore_index"])
        return image, label


def one_thread(_):
    torch.set_num_threads(1)


def main():
    job = json.load(sys.stdin)
    torch.set_num_threads(1)
    # The last batches find the workers as busy as the others.
    ahead = job["workers"] * job["prefetch"]
    count = job["warm"] + job["batches"] + ahead
    loader = DataLoader(
        Pictures(job, count * job["batch"]), batch_size=job["batch"], shuffle=True, drop_last=True,
        num_workers=job["workers"], prefetch_factor=job["prefetch"], persistent_workers=True, pin_memory=False,
        worker_init_fn=one_thread)
    batches = iter(loader)
    for _ in range(max(job["warm"], ahead)):
        next(batches)
    begin = time.perf_counter()
    for _ in range(job["batches"]):
        images, labels = next(batches)
    seconds = time.perf_counter() - begin
    print(json.dumps({
        "images_per_second": job["batches"] * job["batch"] / seconds, "shape": list(images.shape),
        "labels": list(labels.shape), "torch": torch.__version__, "torchvision": torchvision.__version__,
        "pillow": Image.__version__}))


if __name__ == "__main__":
    main()
