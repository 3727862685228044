"""Says which goldens were written by other versions of the scripts than the ones here (needs no PyTorch).

usage: python3 scripts/golden/check.py
"""

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

stale = []
for path in sorted((ROOT / "Tests" / "Golden").glob("*.json")):
    about = json.loads(path.read_text())["metadata"]
    changed = [script for script, digest in about["sha256"].items()
               if hashlib.sha256((ROOT / script).read_bytes()).hexdigest() != digest]
    if changed:
        stale.append(f"{path.name}: {', '.join(changed)} changed since; run {about['script']}")
print("\n".join(stale) or "all goldens are current")
raise SystemExit(bool(stale))
