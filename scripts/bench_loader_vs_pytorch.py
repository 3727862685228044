"""Times segtrain's input pipeline and PyTorch's DataLoader on the same pictures, transforms and cores, in turns.

usage: python3 scripts/bench_loader_vs_pytorch.py [--camvid FOLDER] [--cityscapes FOLDER] [--rows camvid,...|all]
         [--rounds 5] [--workers 2] [--markdown] [--json FILE] [--segtrain .build/release/segtrain]

A row is a shipped config; both sides take its resolved keys. A round runs segtrain, and PyTorch with torchvision's
functions on PIL pictures ("pil") and on uint8 tensors ("v2"), each in a process of its own and one after the other; every
second round in the opposite order. Each process takes batches that do not count, until its workers are ahead, then the
measured ones, and does nothing else with them. PyTorch's faster transforms count. Printed are medians of the rounds,
their ratio (segtrain over PyTorch: how many times as many images a second), and in brackets its smallest and largest in a
single round. Files are read before, so that all sides find them in the page cache.
"""

import argparse
import dataclasses
import os
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts" / "torch_reference"))

from side_by_side import chosen, environment, in_turns, report, run  # noqa: E402

TRANSFORMS = ("pil", "v2")
BATCH = 4
# Of PyTorch: batches each worker is ahead. segtrain's are fixed.
PREFETCH = 4


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    title: str
    layout: str
    config: str
    batches: int


ROWS = (
    Row("camvid", "CamVid 480x360 to 320x240, flip", "camvid", "camvid-cross-entropy", 150),
    Row("camvid-crop", "CamVid 480x360 to 320x240, scale, crop 320x240, flip", "camvid", "camvid-sgd", 150),
    Row("cityscapes-small", "Cityscapes 2048x1024 to 512x256, scale, crop 384x256, flip", "cityscapes",
        "cityscapes-small", 30),
    Row("cityscapes-paper", "Cityscapes 2048x1024, jitter, scale, crop 769x769, flip", "cityscapes",
        "cityscapes-recall-paper", 15),
)

# Ids as stored -> the 19 classes that are trained.
CITYSCAPES = {7: 0, 8: 1, 11: 2, 12: 3, 13: 4, 17: 5, 19: 6, 20: 7, 21: 8, 22: 9, 23: 10, 24: 11, 25: 12, 26: 13,
              27: 14, 28: 15, 31: 16, 32: 17, 33: 18}


def pairs(layout, root):
    """Paths of images and labels of the training split."""
    if layout == "camvid":
        return [(str(path), str(root / "trainannot" / path.name)) for path in sorted((root / "train").glob("*.png"))]
    images = sorted((root / "leftImg8bit" / "train").glob("*/*_leftImg8bit.png"))
    return [(str(path), str(path).replace("leftImg8bit", "gtFine").replace("_gtFine.png", "_gtFine_labelIds.png"))
            for path in images]


def ids(layout, ignore):
    """Class of each stored value."""
    if layout == "camvid":
        return [value if value < 11 else ignore for value in range(256)]
    return [CITYSCAPES.get(value, ignore) for value in range(256)]


def arguments(row, root, options):
    sets = [f"data.root={root}", f"data.workers={options.workers}", f"training.batch_size={BATCH}"]
    return ["--config", ROOT / "configs" / f"{row.config}.json", *(part for s in sets for part in ("--set", s))]


def measure(row, options):
    """{side: [result of each round]} with sides "segtrain" and PyTorch's transforms."""
    root = getattr(options, row.layout).resolve()
    files = pairs(row.layout, root)
    for path in {path for pair in files for path in pair}:
        Path(path).read_bytes()
    command = arguments(row, root, options)
    config = run([options.segtrain, "config", "show", *command])
    job = {"pairs": files, "ids": ids(row.layout, config["data"]["ignore_index"]), "data": config["data"],
           "augment": config["augment"], "batch": BATCH, "workers": options.workers, "prefetch": PREFETCH,
           "warm": 2 * options.workers * PREFETCH, "batches": row.batches}

    def once(side, number):
        if side == "segtrain":
            # Several times as many: a measurement of less than a second says little.
            result = run([options.segtrain, "bench", "--loader", "--json", "--steps", 3 * row.batches, *command])
        else:
            script = ROOT / "scripts" / "torch_reference" / "loader_side.py"
            result = run([sys.executable, script], job | {"transforms": side})
        print(f"{row.name} round {number + 1}/{options.rounds} {side}: {result['images_per_second']:.1f} images/s",
              file=sys.stderr, flush=True)
        return result

    return in_turns(("segtrain", *TRANSFORMS), options.rounds, once)


def rates(rounds):
    return [result["images_per_second"] for result in rounds]


HEADER = ["input pipeline", "segtrain images/s", "ms of the processor an image", "PyTorch images/s", "ratio",
          "of single rounds"]


def cells(row, results):
    ours = rates(results["segtrain"])
    best = max(TRANSFORMS, key=lambda name: statistics.median(rates(results[name])))
    theirs = rates(results[best])
    single = [a / b for a, b in zip(ours, theirs)]
    processor = statistics.median(result["processor_seconds_per_image"] for result in results["segtrain"])
    return [row.title, f"{statistics.median(ours):.1f}", f"{1000 * processor:.2f}",
            f"{statistics.median(theirs):.1f} ({best})", f"{statistics.median(ours) / statistics.median(theirs):.2f}",
            f"{min(single):.2f} to {max(single):.2f}"]


def machine(options, everything):
    """What the numbers depend on, in two lines."""
    doctor = run([options.segtrain, "doctor", "--json"])
    about = next(iter(everything.values()))["pil"][0]
    return (f"{doctor['processor']}, {doctor['cores']} cores, {options.workers} workers; segtrain {doctor['segtrain']} "
            f"({doctor['png']}); "
            f"torch {about['torch']}, torchvision {about['torchvision']}, Pillow {about['pillow']}\n{environment()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--camvid", type=Path, help="folder with train and trainannot")
    parser.add_argument("--cityscapes", type=Path, help="folder with leftImg8bit and gtFine")
    parser.add_argument("--rows", default="all", help="all, or names with commas")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--json", type=Path, help="where to write every measured number")
    parser.add_argument("--segtrain", type=Path, default=ROOT / ".build" / "release" / "segtrain")
    options = parser.parse_args()
    rows = [row for row in chosen(ROWS, ("all",), options.rows) if getattr(options, row.layout)]
    if not rows:
        raise SystemExit("give --camvid or --cityscapes: the folder of pictures that the rows are timed on")
    everything = {row: measure(row, options) for row in rows}
    print(machine(options, everything))
    print(f"{options.rounds} rounds\n")
    report(HEADER, [cells(row, results) for row, results in everything.items()], everything, options)


if __name__ == "__main__":
    main()
