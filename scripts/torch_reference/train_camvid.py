"""Trains DeepLabV3-ResNet18 on CamVid with PyTorch, as a yardstick for the same run in segtrain.

usage: python3 scripts/torch_reference/train_camvid.py --root CAMVID --loss cross_entropy|recall [options]

Adam, constant learning rate, horizontal flip as the only augmentation, ImageNet mean and deviation. Images are
resized to --size first (PIL, antialiased bilinear; labels nearest). Prints one JSON line a logged step and one an
evaluation: at the training size ("input") and with the logits brought to the labels' own size ("original").
"""

import argparse
import json
import time

import torch
from torch.nn import functional as F

import camvid
import networks


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", required=True)
    parser.add_argument("--loss", choices=("cross_entropy", "recall"), default="cross_entropy")
    parser.add_argument("--variant", choices=("paper", "recall_code"), default="paper")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--iterations", type=int, default=600)
    parser.add_argument("--size", type=int, nargs=2, default=(240, 320), metavar=("H", "W"))
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--flip", type=float, default=0.5)
    parser.add_argument("--output-stride", type=int, choices=(8, 16, 32), default=16)
    parser.add_argument("--dropout", type=float, help="torchvision's 0.5 when not given")
    parser.add_argument("--weights", help=".safetensors to start from (export_init.py)")
    parser.add_argument("--save", help="where to write the final .safetensors")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--eval-every", type=int, default=0, help="0: only at the end")
    parser.add_argument("--eval-images", type=int, help="only the first images of the validation split")
    parser.add_argument("--log-every", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def recall_loss(logits, target, variant):
    """Cross entropy weighted by the batch's false-negative rate of the pixel's class."""
    classes, valid = logits.shape[1], target != camvid.IGNORE
    wrong = valid & (logits.detach().argmax(1) != target)
    truth, missed = (torch.bincount(target[m], minlength=classes).float() for m in (valid, wrong))
    if variant == "recall_code":
        missed = missed.clamp(min=1)
    weight = missed / truth.clamp(min=1)
    pixel = F.cross_entropy(logits, target, ignore_index=camvid.IGNORE, reduction="none")
    total = (weight[torch.where(valid, target, 0)] * pixel)[valid].sum()
    return total / (valid.sum() if variant == "paper" else valid.numel())


def batches(dataset, size, flip, generator):
    """Endless batches: a new permutation every epoch, the incomplete last batch dropped."""
    while True:
        order = torch.randperm(len(dataset), generator=generator).tolist()
        for start in range(0, len(order) - size + 1, size):
            samples = [dataset[i] for i in order[start:start + size]]
            mirrored = torch.rand(size, generator=generator) < flip
            samples = [(x.flip(-1), y.flip(-1)) if m else (x, y) for (x, y), m in zip(samples, mirrored)]
            yield tuple(torch.stack(part) for part in zip(*samples))


@torch.no_grad()
def evaluate(net, dataset, limit):
    net.eval()
    classes = len(camvid.CLASSES)
    confusion = torch.zeros(classes, classes, dtype=torch.int64)
    for index in range(min(limit or len(dataset), len(dataset))):
        image, target = dataset[index]
        logits = net(image[None])["out"]
        if logits.shape[-2:] != target.shape:
            logits = F.interpolate(logits, size=target.shape, mode="bilinear", align_corners=False)
        valid = target != camvid.IGNORE
        pairs = target[valid] * classes + logits[0].argmax(0)[valid]
        confusion += torch.bincount(pairs, minlength=classes**2).view(classes, classes)
    net.train()
    hit, truth, predicted = confusion.diag().double(), confusion.sum(1), confusion.sum(0)
    present = truth > 0
    recall, union = hit / truth, truth + predicted - hit
    scored = union > 0
    return {
        "mean_iou": (hit[scored] / union[scored]).mean().item(),
        "mean_accuracy": recall[present].mean().item(),
        "pixel_accuracy": (hit.sum() / truth.sum()).item(),
        "recall": {name: round(value, 4) for name, value, there
                   in zip(camvid.CLASSES, recall.tolist(), present.tolist()) if there},
    }


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    size = tuple(options.size)
    net = networks.network("deeplabv3", len(camvid.CLASSES), options.output_stride, dropout=options.dropout)
    if options.weights:
        from safetensors.torch import load_file
        net.load_state_dict(load_file(options.weights), strict=True)
    if options.channels_last:
        net = net.to(memory_format=torch.channels_last)
    net.train()
    optimizer = torch.optim.Adam(net.parameters(), lr=options.lr)
    training = camvid.CamVid(options.root, "train", size)
    validation = {"input": camvid.CamVid(options.root, "val", size),
                  "original": camvid.CamVid(options.root, "val", size, original_labels=True)}
    source = batches(training, options.batch, options.flip, torch.Generator().manual_seed(options.seed))
    for step in range(1, options.iterations + 1):
        images, target = next(source)
        if options.channels_last:
            images = images.contiguous(memory_format=torch.channels_last)
        begin = time.perf_counter()
        logits = net(images)["out"]
        if options.loss == "recall":
            loss = recall_loss(logits, target, options.variant)
        else:
            loss = F.cross_entropy(logits, target, ignore_index=camvid.IGNORE)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seconds = time.perf_counter() - begin
        if step % options.log_every == 0 or step == 1:
            print(json.dumps({"event": "train", "step": step, "loss": loss.item(),
                              "seconds": round(seconds, 4)}), flush=True)
        if step == options.iterations or (options.eval_every and step % options.eval_every == 0):
            for name, dataset in validation.items():
                result = evaluate(net, dataset, options.eval_images)
                print(json.dumps({"event": "eval", "step": step, "size": name} | result), flush=True)
    if options.save:
        from safetensors.torch import save_file
        save_file({k: v.contiguous() for k, v in net.state_dict().items()}, options.save)


if __name__ == "__main__":
    main()
