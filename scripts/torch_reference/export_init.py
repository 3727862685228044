"""Writes a network as torchvision initialises it, as .safetensors with torchvision's names.

usage: python3 scripts/torch_reference/export_init.py --out FILE [--architecture deeplabv3] [--classes 11]
         [--aux] [--seed 1]
"""

import argparse

import torch
import torchvision
from safetensors.torch import save_file

import networks


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--architecture", choices=networks.ARCHITECTURES, default="deeplabv3")
    parser.add_argument("--classes", type=int, default=11)
    parser.add_argument("--aux", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    net = networks.network(options.architecture, options.classes, aux=options.aux)
    state = {name: value.contiguous() for name, value in net.state_dict().items()}
    about = {"architecture": options.architecture, "seed": str(options.seed),
             "torch": torch.__version__.split("+")[0],
             "torchvision": torchvision.__version__.split("+")[0]}
    save_file(state, options.out, metadata=about)
    print(f"{options.out}: {len(state)} tensors, {sum(v.numel() for v in state.values())} elements")


if __name__ == "__main__":
    main()
