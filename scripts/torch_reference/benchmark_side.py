"""PyTorch's side of scripts/bench_vs_pytorch.py: times one row in one memory layout and prints one JSON line.

usage: python3 scripts/torch_reference/benchmark_side.py --job JSON

The job has the keys of `Row` and `layout` ("contiguous" or "channels_last"), `threads`, `warm`, `steps`. Works with any
PyTorch from 2.0 on.
"""

import argparse
import json
import time

import torch
import torchvision
from torch.nn import functional as F

import networks


def peak_bytes():
    """Largest resident size of this process so far."""
    with open("/proc/self/status") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def adam(net):
    """(optimiser, its name): the fused one where this PyTorch has it for CPUs, which is its fastest."""
    try:
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-6, fused=True)
        return optimizer, "fused"
    except (RuntimeError, TypeError):
        return torch.optim.Adam(net.parameters(), lr=1e-6), "plain"


def timed(work, job):
    """Seconds of the steps after those that warm up."""
    seconds = []
    for _ in range(job["warm"] + job["steps"]):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return seconds[job["warm"]:]


def prepare(job, net, inputs):
    if job["layout"] == "channels_last":
        net = net.to(memory_format=torch.channels_last)
        inputs = [x.contiguous(memory_format=torch.channels_last) for x in inputs]
    return net, inputs


def train(job):
    net = networks.network(job["architecture"], job["classes"], job["output_stride"],
                           backbone_name=job["backbone"])
    shape = (job["batch"], 3, job["height"], job["width"])
    net, (images,) = prepare(job, net, [torch.rand(shape) * 4 - 2])
    labels = torch.randint(job["classes"], (job["batch"], job["height"], job["width"]))
    net.train()
    optimizer, name = adam(net)

    def step():
        loss = F.cross_entropy(net(images)["out"], labels, ignore_index=255)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return timed(step, job), name


def stack(job):
    """Stages 3 and 4; a fixed random gradient comes back from where a head would be."""
    net = networks.stack(job["backbone"])
    shape = (job["batch"], 512, job["height"], job["width"])
    net, (features,) = prepare(job, net, [torch.rand(shape) * 4 - 2])
    net.train()
    optimizer, name = adam(net)
    with torch.no_grad():
        gradient = torch.rand_like(net(features)) * 4 - 2

    def step():
        output = net(features)
        optimizer.zero_grad(set_to_none=True)
        output.backward(gradient)
        optimizer.step()

    return timed(step, job), name


def inference(job):
    net = networks.network(job["architecture"], job["classes"], job["output_stride"],
                           backbone_name=job["backbone"])
    net, (image,) = prepare(job, net, [torch.rand(1, 3, job["height"], job["width"]) * 4 - 2])
    net.eval()

    def step():
        with torch.inference_mode():
            net(image)["out"]

    return timed(step, job), None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--job", required=True, type=json.loads)
    job = parser.parse_args().job
    torch.set_num_threads(job["threads"])
    torch.manual_seed(1)
    seconds, optimizer = {"train": train, "stack": stack, "inference": inference}[job["work"]](job)
    print(json.dumps({
        "seconds": seconds, "peak_bytes": peak_bytes(), "threads": torch.get_num_threads(), "adam": optimizer,
        "torch": torch.__version__, "torchvision": torchvision.__version__,
        "cpu_capability": torch.backends.cpu.get_cpu_capability()}))


if __name__ == "__main__":
    main()
