"""CamVid folders `<root>/<split>/*.png` with labels in `<root>/<split>annot/`, read with PIL."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

CLASSES = ("sky", "building", "pole", "road", "pavement", "tree", "sign_symbol", "fence", "car",
           "pedestrian", "bicyclist")
VOID = 11
IGNORE = 255
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


class CamVid(torch.utils.data.Dataset):
    """Normalised float32 image [3, H, W] and int64 label [H, W] with 255 ignored.

    `size` is (height, width): images are resized with PIL's antialiased bilinear filter, labels (unless
    `original_labels`) with the nearest pixel. None keeps both as stored.
    """

    def __init__(self, root, split, size=None, original_labels=False):
        self.images = sorted((Path(root) / split).glob("*.png"))
        self.labels = [Path(root) / f"{split}annot" / path.name for path in self.images]
        missing = [path for path in self.labels if not path.exists()]
        if missing or not self.images:
            raise SystemExit(f"{root}/{split}: {len(self.images)} images, {len(missing)} without a label")
        self.size, self.original_labels = size, original_labels

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = Image.open(self.images[index]).convert("RGB")
        label = Image.open(self.labels[index])
        if self.size is not None:
            height, width = self.size
            image = image.resize((width, height), Image.Resampling.BILINEAR)
            if not self.original_labels:
                label = label.resize((width, height), Image.Resampling.NEAREST)
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255
        target = torch.from_numpy(np.array(label).astype(np.int64))
        target[target == VOID] = IGNORE
        return (pixels - MEAN) / STD, target
