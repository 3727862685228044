"""Scores of made-up pictures by the official Cityscapes evaluator (needs cityscapesscripts and numpy < 2; no PyTorch).

writes Tests/Golden/cityscapes_official.json; `CityscapesOfficialTests.swift` has the twin of `picture`.
"""

import hashlib
import json
import re
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
from cityscapesscripts.evaluation import evalPixelLevelSemanticLabeling as official
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
PICTURES, HEIGHT, WIDTH = 3, 30, 44


def picture(n):
    """Label ids, instance ids and a prediction of tiles of 4x5 pixels; about every fourth pixel is wrong."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    tile = y // 5 * (WIDTH // 4) + x // 4
    label = (7 * tile + 11 * n) % 34
    single = (label >= 24) & (tile % 7 != 0)
    instance = np.where(single, 1000 * label + tile % 5, label)
    wrong = (3 * x + 5 * y + n) % 4 == 0
    prediction = np.where(wrong, (label + x + y) % 34, label)
    return label.astype(np.uint8), instance.astype(np.uint16), prediction.astype(np.uint8)


def main():
    with tempfile.TemporaryDirectory() as folder:
        pairs = []
        for n in range(PICTURES):
            label, instance, prediction = picture(n)
            truth = f"{folder}/a_000000_{n:06}_gtFine_labelIds.png"
            Image.fromarray(label).save(truth)
            Image.fromarray(instance).save(truth.replace("labelIds", "instanceIds"))
            Image.fromarray(prediction).save(f"{folder}/p_{n}.png")
            pairs.append((f"{folder}/p_{n}.png", truth))
        official.args.quiet = True
        official.args.exportFile = f"{folder}/result.json"
        official.evaluateImgLists([p for p, _ in pairs], [t for _, t in pairs], official.args)
        text = Path(official.args.exportFile).read_text()
    script = Path(__file__).resolve().relative_to(ROOT).as_posix()
    golden = {
        "metadata": {
            "script": script,
            "sha256": {script: hashlib.sha256(Path(__file__).read_bytes()).hexdigest()},
            "cityscapesscripts": version("cityscapesscripts"), "numpy": np.__version__,
        },
        "result": json.loads(re.sub(r"\bNaN\b", "null", text)),
    }
    path = ROOT / "Tests" / "Golden" / "cityscapes_official.json"
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
