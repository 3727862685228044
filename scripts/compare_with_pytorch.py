"""Every network in PyTorch and in segtrain's binary, from the same random weights: logits, masks, and every gradient.

PyTorch builds the network (scripts/torch_reference/networks.py) and writes its weights; `segtrain predict` gives logits and
masks, and one step of `segtrain train` with momentum leaves every gradient in optimizer.safetensors. Both are
compared with PyTorch in float64:
  logits     largest difference over the largest logit, at most 1e-4
  masks      share of pixels with the same class, at least 0.9999
  gradients  largest difference over the tensor's largest entry, at most 1e-3
and so is PyTorch's own float32, beside it.

Two things make gradients of a deep network with random weights unfit for a comparison, in PyTorch as here, and both are kept away,
by what PyTorch's own two precisions tell alone:
1. Batch norms pass a rounding error on enlarged, block after block. In a ResNet-101 with centred rectifiers as below it has grown
   three thousand times at layer4, to a hundredth of a standard deviation, and PyTorch's float32 gradients are wrong by per cents.
   Float64 that does no more than round the outputs of convolutions to float32 is beyond the bound already. So the last batch
   norm of every residual block has the weight RESIDUAL in place of 1: branches then add less to the trunk than it carries.
   `--residual 1` shows the network without that.
2. Where the input of a rectifier, or the lead of a pooling window's largest value, is smaller than float32 can tell, its sign is a
   matter of rounding. Every channel of a batch norm gets the bias that puts 0 into the middle of the widest gap between the inputs
   of the rectifier behind it, near where they have their middle, and pictures are drawn again until no sign is in doubt.
`clearance` is the smallest such distance over PyTorch's float32 error in that layer (below 1, signs may differ, and a
difference says nothing), `clipped` the share of inputs below 0. Gradients that are nearly 0 as a whole (a shift in front of a
normalisation) are compared with a millionth of the largest.

usage: python3 scripts/compare_with_pytorch.py [--binary PATH] [--size 97 129] [--only NAME]... [--part logits] [--residual W]
           [--json] [--list]
Without --only the logits of all networks are compared, and the gradients of a few of every kind (GRADIENTS).
"""

import argparse
import copy
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch.nn import functional as F
from torchvision.models.resnet import BasicBlock, Bottleneck

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts" / "torch_reference"))
import networks

CLASSES, IGNORE, AUX_WEIGHT, BATCH = 11, 255, 0.5, 4
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BACKBONES = networks.BASIC_BACKBONES + networks.BOTTLENECK_BACKBONES + tuple(networks.MULTI_GRID_BACKBONES)
# name: architecture, backbone, output stride, auxiliary head
CASES = {
    f"{architecture}_{backbone}_os{output_stride}" + ("_aux" if aux else ""): (architecture, backbone, output_stride, aux)
    for architecture in networks.ARCHITECTURES for backbone in BACKBONES
    for output_stride in networks.STAGE_DILATION for aux in (False, True)
}
# One backbone and stride of each kind; the three of which every gradient has to be right come first.
GRADIENTS = (
    "deeplabv3_resnet101_os8_aux", "fcn_resnet101_os8_aux", "deeplabv3plus_resnet18_bottleneck_os16",
    "deeplabv3_resnet18_os16", "deeplabv3_resnet34_os32_aux", "deeplabv3_resnet50_os8_aux", "fcn_resnet34_os8_aux",
    "fcn_resnet50_os8", "deeplabv3plus_resnet18_os8_aux", "deeplabv3plus_resnet18_bottleneck_os8",
    "fcn_resnet18_bottleneck_os16_aux",
)
# Sets of pictures tried, and the clearance that is enough: errors here may be that many times PyTorch's.
DRAWS, ENOUGH = 16, 2.0
RESIDUAL = 0.25
PREDICTED = 2


def pictures(folder, size, seed=3):
    """BATCH pictures of coloured patches with noise and their masks, as PNG files; returns them as PyTorch sees them."""
    rng = np.random.default_rng(seed)
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


def build(case):
    """The network with PyTorch's random weights."""
    architecture, backbone, output_stride, aux = case
    torch.manual_seed(1)
    return networks.network(architecture, CLASSES, output_stride, aux, dropout=0.0, backbone_name=backbone)


def weigh_branches(net, weight):
    """Gives the last batch norm of every residual block one weight."""
    for block in net.modules():
        if isinstance(block, Bottleneck):
            torch.nn.init.constant_(block.bn3.weight, weight)
        elif isinstance(block, BasicBlock):
            torch.nn.init.constant_(block.bn2.weight, weight)


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
    net = build(case)
    weights = folder / f"{name}.safetensors"
    save_file({k: v.contiguous() for k, v in net.state_dict().items()}, weights)
    out = folder / f"{name}_out"
    images = images[:PREDICTED]
    run(binary, "predict", "--checkpoint", weights, "--config", config(folder, name, case, weights), "--out", out,
        "--save", "index,logits", *(folder / "images" / "train" / f"{i}.png" for i in range(PREDICTED)))
    with torch.no_grad():
        single = net.eval()(images.float())["out"].double()
        expected = net.double()(images)["out"]
    found = torch.stack([load_file(out / f"{i}_logits.safetensors")["logits"] for i in range(PREDICTED)]).double()
    masks = torch.from_numpy(np.stack([np.array(Image.open(out / f"{i}.png")) for i in range(PREDICTED)]))
    errors = [((x - expected).abs().max() / expected.abs().max()).item() for x in (found, single)]
    same = [(x == expected.argmax(1)).double().mean().item() for x in (masks, single.argmax(1))]
    return {"logits": errors[0], "pytorch_logits": errors[1], "masks": same[0], "pytorch_masks": same[1],
            "classes_seen": int(expected.argmax(1).unique().numel())}


def forward(net, images, stem_only):
    """Runs the network, or its part up to the pooling alone."""
    net.train()
    if stem_only:
        net = net.backbone
        return net.maxpool(net.relu(net.bn1(net.conv1(images))))
    return net(images)


def widest_gap(values):
    """For every channel of [N, C, H, W] the middle of the widest gap between values of the middle half."""
    flat = values.transpose(0, 1).flatten(1).sort(1).values
    # The pooled branch has one value a picture: of so few, any gap will do.
    cut = flat.shape[1] // 4 if flat.shape[1] > 4 * BATCH else 0
    middle = flat[:, cut:flat.shape[1] - cut]
    index = (middle[:, 1:] - middle[:, :-1]).argmax(1, keepdim=True)
    return ((middle.gather(1, index) + middle.gather(1, index + 1)) / 2)[:, 0]


@torch.no_grad()
def clear_rectifiers(net, images, stem_only=False):
    """Sets the biases of batch norms, layer after layer, so that no rectifier's input is near 0."""
    exact, last = copy.deepcopy(net).double(), []
    own = dict(net.named_modules())

    def rectified(_, inputs):
        name, layer = last[-1]
        shift = -widest_gap(inputs[0])
        layer.bias += shift
        own[name].bias.copy_(layer.bias)
        # What float32 keeps of it.
        layer.bias.copy_(own[name].bias)
        return (inputs[0] + shift.view(1, -1, 1, 1),)

    for name, layer in exact.named_modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            # The last one before a rectifier feeds it, alone or together with a shortcut.
            layer.register_forward_hook(lambda *_, name=name, layer=layer: last.append((name, layer)))
        elif isinstance(layer, torch.nn.ReLU):
            layer.register_forward_pre_hook(rectified)
    forward(exact, images, stem_only)


@torch.no_grad()
def kinks(net, images, stem_only):
    """Inputs of every rectifier, and windows of the max-pooling, in the order of execution."""
    seen = []

    def pooled(_, inputs):
        x = F.pad(inputs[0].double(), (1, 1, 1, 1), value=float("-inf"))
        seen.append(x.unfold(2, 3, 2).unfold(3, 3, 2).flatten(-2))

    for layer in net.modules():
        if isinstance(layer, torch.nn.MaxPool2d):
            layer.register_forward_pre_hook(pooled)
        elif isinstance(layer, torch.nn.ReLU):
            layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].double().clone()))
    forward(net, images, stem_only)
    return seen


def clearance(net, images, stem_only=False):
    """(smallest distance to a kink over PyTorch's float32 error in that layer, share of rectifiers' inputs below 0)."""
    exact, single = (kinks(copy.deepcopy(net).to(x.dtype), x, stem_only) for x in (images, images.float()))
    found, clipped, count = float("inf"), 0, 0
    for reference, other in zip(exact, single):
        error = (other - reference)[torch.isfinite(reference)].abs().max()
        if reference.dim() == 5:
            top = reference.topk(2, dim=-1).values
            # Windows of nothing but clipped zeros pass no gradient on, whichever of them is taken.
            distance = (top[..., 0] - top[..., 1])[top[..., 0] > 0].min()
        else:
            distance = reference.abs().min()
            clipped, count = clipped + (reference < 0).sum().item(), count + reference.numel()
        found = min(found, (distance / error).item())
    return found, clipped / count


def build_clear(case, folder, size, residual):
    """The network, and pictures and labels that leave no sign in doubt or the fewest, with what is known of them."""
    def drawn(seed, stem_only=False):
        net, (images, labels) = build(case), pictures(folder, size, seed)
        weigh_branches(net, residual)
        clear_rectifiers(net, images, stem_only)
        clear, clipped = clearance(net, images, stem_only)
        return net, images, labels, {"clearance": clear, "clipped": clipped}
    best = (False, 0.0, 0)
    for seed in range(3, 3 + DRAWS):
        clear = drawn(seed, stem_only=True)[-1]["clearance"]
        # Most sets fail in the pooling, behind the first convolution.
        pooled = clear >= ENOUGH
        if pooled:
            found = drawn(seed)
            clear = found[-1]["clearance"]
            if clear >= ENOUGH:
                return found
        best = max(best, (pooled, clear, seed))
    return drawn(best[2])


def step(net, case, images, labels):
    """Loss and gradients of one step."""
    outputs = net.train()(images)
    loss = F.cross_entropy(outputs["out"], labels, ignore_index=IGNORE)
    if case[3]:
        loss = loss + AUX_WEIGHT * F.cross_entropy(outputs["aux"], labels, ignore_index=IGNORE)
    loss.backward()
    return loss, {k: p.grad for k, p in net.named_parameters()}


def compare_gradients(binary, folder, name, case, size, residual):
    net, images, labels, about = build_clear(case, folder, size, residual)
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
    ours, pytorch, worst = max(rows)
    statistics = max(((model[k].double() - v).abs().max() / v.abs().max()).item()
                     for k, v in net.state_dict().items() if ".running_" in k)
    return about | {
        "gradients": ours, "pytorch_gradients": max(row[1] for row in rows), "worst": worst, "tensors": len(rows),
        "beyond": sum(row[0] > 1e-3 for row in rows), "pytorch_beyond": sum(row[1] > 1e-3 for row in rows),
        "loss": abs(event["loss"] / loss.item() - 1), "statistics": statistics}


COLUMNS = {
    "logits": ("logits", "pytorch_logits", "masks", "pytorch_masks", "classes_seen"),
    "gradients": ("gradients", "pytorch_gradients", "beyond", "pytorch_beyond", "tensors", "clearance", "clipped",
                  "loss", "statistics", "worst"),
}


def row(columns, name, values):
    """A line of a Markdown table."""
    def text(key):
        value = values[key]
        return f"{value:.6f}" if "masks" in key else f"{value:.2g}" if isinstance(value, float) else str(value)
    return f"| {name} | " + " | ".join(text(key) for key in columns) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", type=Path, default=ROOT / ".build" / "release" / "segtrain")
    parser.add_argument("--size", type=int, nargs=2, default=(97, 129), metavar=("H", "W"))
    parser.add_argument("--only", action="append", choices=CASES, metavar="NAME")
    parser.add_argument("--part", choices=("logits", "gradients"), help="one of the two comparisons alone")
    parser.add_argument("--residual", type=float, default=RESIDUAL, metavar="W",
                        help="weight of the last batch norm of residual blocks, for gradients (%(default)s)")
    parser.add_argument("--json", action="store_true", help="a JSON object a line instead of tables")
    parser.add_argument("--list", action="store_true", help="print the names of the networks")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(CASES))
        return
    torch.set_num_threads(2)
    failed = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for part in [arguments.part] if arguments.part else COLUMNS:
            columns = COLUMNS[part]
            size = tuple(arguments.size)
            images = pictures(folder, size)[0]
            if not arguments.json:
                print(f"| network | {' | '.join(columns)} |\n|---|" + "---|" * len(columns))
            for name in arguments.only or (CASES if part == "logits" else GRADIENTS):
                case = CASES[name]
                if part == "logits":
                    result = compare_forward(arguments.binary, folder, name, case, images)
                    passed = result["logits"] <= 1e-4 and result["masks"] >= 0.9999
                else:
                    result = compare_gradients(arguments.binary, folder, name, case, size, arguments.residual)
                    passed = result["beyond"] == 0
                failed += [] if passed else [f"{name} ({part})"]
                print(json.dumps({"network": name, "passed": passed} | result) if arguments.json
                      else row(columns, name, result), flush=True)
                for path in folder.glob(f"{name}*"):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
    if failed:
        raise SystemExit("beyond the bounds: " + ", ".join(failed))


if __name__ == "__main__":
    main()
