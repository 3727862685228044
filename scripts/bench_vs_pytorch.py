"""Times segtrain and PyTorch on the same networks, shapes and threads, in turns.

usage: python3 scripts/bench_vs_pytorch.py [--rows os16,os8,...|table|linear|all] [--rounds 5] [--threads 2]
         [--steps 5] [--ours-only] [--markdown] [--json FILE] [--segtrain .build/release/segtrain]

A round runs segtrain and PyTorch in both memory layouts, each in a process of its own and one after the other; every
second round in the opposite order. Each process takes a few steps that do not count, then the measured ones. PyTorch's
faster layout counts, and for memory its smaller one. Printed are the medians over all steps, their ratio (PyTorch over
segtrain: how many times faster segtrain is), and in brackets the smallest and largest ratio of a single round.
The environment is passed on as it is and named in the output.
"""

import argparse
import dataclasses
import json
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts" / "torch_reference"))

from side_by_side import chosen, environment, in_turns, report, run  # noqa: E402

LAYOUTS = ("contiguous", "channels_last")
GROUPS = ("all", "table", "linear")
WARM = 2


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    title: str
    work: str = "train"  # train, inference or stack
    architecture: str = "deeplabv3"
    backbone: str = "resnet18"
    output_stride: int = 16
    height: int = 384
    width: int = 768
    batch: int = 4
    # SYNTHIA has 16 classes, CamVid 11.
    classes: int = 16
    group: str = "table"


ROWS = (
    Row("os16", "train, DeepLabV3-ResNet18, OS 16, 384x768, batch 4"),
    Row("os8", "train, DeepLabV3-ResNet18, OS 8, 384x768, batch 4", output_stride=8),
    Row("fcn", "train, FCN-ResNet18, OS 16, 240x320, batch 4", architecture="fcn", height=240, width=320,
        classes=11),
    Row("deeplab", "train, DeepLabV3-ResNet18, OS 16, 240x320, batch 4", height=240, width=320, classes=11),
    Row("inference", "inference, DeepLabV3-ResNet18, OS 16, one 384x768 image", work="inference", batch=1),
    Row("stack", "train, stages 3 and 4 of ResNet101, OS 8, 60x60, batch 2", work="stack", backbone="resnet101",
        height=60, width=60, batch=2),
    *(Row(f"{name}101", f"train, {title}-ResNet101, OS 8, 480x480, batch 2", architecture=name, backbone="resnet101",
          output_stride=8, height=480, width=480, batch=2, classes=21, group="zoo")
      for name, title in (("deeplabv3", "DeepLabV3"), ("fcn", "FCN"))),
    # DeepLabV3 cannot train with a batch of 1: its pooled branch would normalise single values.
    *(Row(f"batch{n}", f"train, FCN-ResNet18, OS 16, 384x768, batch {n}", architecture="fcn", batch=n,
          group="linear") for n in (1, 2, 4, 8)),
    *(Row(f"size{h}", f"train, FCN-ResNet18, OS 16, {h}x{2 * h}, batch 2", architecture="fcn", height=h,
          width=2 * h, batch=2, group="linear") for h in (192, 384, 768)),
)


def config(row, threads):
    colors = [{"name": f"class{i}", "color": [i, i, i]} for i in range(row.classes)]
    return {
        "name": "benchmark",
        "data": {"layout": "folders", "root": "none", "size": [row.height, row.width], "classes": colors},
        "model": {"architecture": row.architecture, "backbone": row.backbone, "output_stride": row.output_stride},
        "loss": {"terms": [{"type": "cross_entropy"}]},
        "optimizer": {"type": "adam", "lr": 1e-3},
        "training": {"iterations": 1, "batch_size": row.batch},
        "engine": {"threads": threads},
    }


def ours(row, options):
    """{"seconds", "peak_bytes"} of one process of segtrain."""
    command = [options.segtrain, "bench", "--json", "--steps", options.steps, "--threads", options.threads]
    if row.work == "stack":
        result = run(command + ["--stack", row.backbone])["train"]
        return {"seconds": result["seconds_per_step"], "peak_bytes": result["peak_rss_bytes"]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "benchmark.json"
        path.write_text(json.dumps(config(row, options.threads)))
        result = run(command + ["--config", path, "--only", row.work])[row.work]
    seconds = result["seconds_per_image" if row.work == "inference" else "seconds_per_step"]
    return {"seconds": seconds, "peak_bytes": result["peak_rss_bytes"]}


def theirs(row, layout, options):
    job = dataclasses.asdict(row) | {"layout": layout, "threads": options.threads, "warm": WARM,
                                     "steps": options.steps}
    side = ROOT / "scripts" / "torch_reference" / "benchmark_side.py"
    return run([sys.executable, side, "--job", json.dumps(job)])


def measure(row, options):
    """{side: [result of each round]} with sides "segtrain" and PyTorch's layouts."""
    sides = ["segtrain"] + ([] if options.ours_only else list(LAYOUTS))

    def once(side, number):
        result = ours(row, options) if side == "segtrain" else theirs(row, side, options)
        print(f"{row.name} round {number + 1}/{options.rounds} {side}: "
              f"{statistics.median(result['seconds']):.3f} s, {result['peak_bytes'] / 1e6:.0f} MB",
              file=sys.stderr, flush=True)
        return result

    return in_turns(sides, options.rounds, once)


def median(rounds):
    return statistics.median(second for result in rounds for second in result["seconds"])


def spread(theirs, ours):
    ratios = [statistics.median(a["seconds"]) / statistics.median(b["seconds"]) for a, b in zip(theirs, ours)]
    return f"{min(ratios):.2f} to {max(ratios):.2f}"


def cells(row, results):
    """The row's cells under `HEADER`; "" where only segtrain was timed."""
    mine = results["segtrain"]
    # Memory differs little between rounds; the largest counts on both sides.
    memory = max(r["peak_bytes"] for r in mine)
    line = [row.title, f"{median(mine):.3f}", f"{median(mine) / row.batch:.3f}", f"{memory / 1e6:.0f}"]
    layouts = [name for name in LAYOUTS if name in results]
    if not layouts:
        return line + [""] * (len(HEADER) - len(line))
    best = min(layouts, key=lambda name: median(results[name]))
    other = min(max(r["peak_bytes"] for r in results[name]) for name in layouts)
    time = median(results[best])
    return line + [
        f"{time:.3f} ({best})", f"{other / 1e6:.0f}", f"{time / median(mine):.2f}",
        spread(results[best], mine), f"{other / memory:.2f}"]


HEADER = ["work", "segtrain s", "s an image", "peak MB", "PyTorch s", "peak MB", "time ratio", "of single rounds",
          "memory ratio"]


def machine(options, everything):
    """What the numbers depend on, in two lines."""
    doctor = run([options.segtrain, "doctor", "--json"])
    text = (f"{doctor['processor']}, {doctor['cores']} cores, {options.threads} threads; segtrain {doctor['segtrain']} "
            f"({doctor['vector_variant']}, {doctor['blas']})")
    for results in everything.values():
        about = next((results[name][0] for name in LAYOUTS if name in results), None)
        if about:
            text += (f"; torch {about['torch']}, torchvision {about['torchvision']} ({about['cpu_capability']}, "
                     f"{about['threads']} threads)")
            break
    return f"{text}\n{environment()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", default="table", help="all, table, linear, or names with commas")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=5, help="measured steps of each process")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ours-only", action="store_true", help="without PyTorch")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--json", type=Path, help="where to write every measured number")
    parser.add_argument("--segtrain", type=Path, default=ROOT / ".build" / "release" / "segtrain")
    options = parser.parse_args()
    everything = {row: measure(row, options) for row in chosen(ROWS, GROUPS, options.rows)}
    print(machine(options, everything))
    print(f"{options.rounds} rounds of {options.steps} steps after {WARM}\n")
    report(HEADER, [cells(row, results) for row, results in everything.items()], everything, options)


if __name__ == "__main__":
    main()
