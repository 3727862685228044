"""How goldens are written: their folder, their metadata, and numbers with a stated precision."""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torchvision

import formula

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = ROOT / "Tests" / "Golden"
sys.path.insert(0, str(ROOT / "scripts" / "torch_reference"))
MAXIMUM_BYTES = 150_000


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def metadata(script, *used):
    """Where a golden comes from: script and what it uses with their digests, versions, seed."""
    files = [Path(script).resolve(), Path(formula.__file__).resolve(), *(Path(u).resolve() for u in used)]
    return {
        "script": str(files[0].relative_to(ROOT)),
        "sha256": {str(f.relative_to(ROOT)): digest(f) for f in files},
        "torch": torch.__version__.split("+")[0],
        "torchvision": torchvision.__version__.split("+")[0],
        "numpy": np.__version__,
        "seed": formula.SEED,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
    }


def short(values, digits=9):
    """Numbers rounded to `digits` significant digits (9 keep every float32)."""
    flat = values.detach().cpu().double().numpy() if isinstance(values, torch.Tensor) else values
    return [float(f"{v:.{digits}g}") for v in np.asarray(flat, np.float64).reshape(-1)]


def tensor(values, digits=9):
    """{"shape", "values"} in row-major order."""
    return {"shape": list(values.shape), "values": short(values, digits)}


def _lines(value, depth):
    """JSON with one line for every object or list that holds no further object, so that diffs stay small."""
    items = list(value.values()) if isinstance(value, dict) else value
    nested = isinstance(value, (dict, list)) and "{" in json.dumps(items)
    if not nested:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    pad, end = " " * (depth + 1), " " * depth
    if isinstance(value, dict):
        body = (f"{pad}{json.dumps(k)}: {_lines(v, depth + 1)}" for k, v in value.items())
        return "{\n" + ",\n".join(body) + "\n" + end + "}"
    return "[\n" + ",\n".join(pad + _lines(v, depth + 1) for v in value) + "\n" + end + "]"


def write(name, document):
    """Writes Tests/Golden/<name>.json; refuses a file that is too large to keep in the repository."""
    text = _lines(document, 0) + "\n"
    if len(text) > MAXIMUM_BYTES:
        raise SystemExit(f"{name}.json: {len(text)} bytes, at most {MAXIMUM_BYTES}")
    GOLDENS.mkdir(parents=True, exist_ok=True)
    (GOLDENS / f"{name}.json").write_text(text)
    print(f"{name}.json: {len(text)} bytes")
