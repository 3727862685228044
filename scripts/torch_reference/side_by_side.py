"""What the scripts that time segtrain next to PyTorch share: runs in turns, tables, and what the numbers depend on."""

import dataclasses
import json
import os
import subprocess


def run(command, given=None):
    """The JSON document a command prints, given another on standard input."""
    text = None if given is None else json.dumps(given)
    done = subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(str(part) for part in command)}\nexit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def in_turns(sides, rounds, measure):
    """{side: [result of each round]}; `measure(side, number)` runs one side, every second round in the opposite order."""
    results = {side: [] for side in sides}
    for number in range(rounds):
        for side in sides if number % 2 == 0 else sides[::-1]:
            results[side].append(measure(side, number))
    return results


def table(header, lines, markdown):
    if markdown:
        rows = [header, ["---"] * len(header), *lines]
        return "\n".join("| " + " | ".join(line) + " |" for line in rows)
    widths = [max(len(line[i]) for line in [header, *lines]) for i in range(len(header))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
                     for line in [header, *lines])


def report(header, lines, everything, options):
    """Prints the table and, where asked for, writes {row: what it is, with every measured number}."""
    print(table(header, lines, options.markdown))
    if options.json:
        options.json.write_text(json.dumps(
            {row.name: dataclasses.asdict(row) | {"results": results} for row, results in everything.items()},
            indent=1))


def chosen(rows, groups, names):
    """The rows of a group ("all" has every one), or those named with commas."""
    found = [row for row in rows if names == "all" or getattr(row, "group", None) == names]
    if found:
        return found
    known = {row.name: row for row in rows}
    unknown = [name for name in names.split(",") if name not in known]
    if unknown:
        raise SystemExit(f"--rows: expected {', '.join(groups)} or some of {', '.join(known)}, found {unknown[0]!r}")
    return [known[name] for name in names.split(",")]


def environment():
    """The variables both sides see that change how fast they are."""
    prefixes = ("OPENBLAS_", "OMP_", "MKL_", "DNNL_", "ONEDNN_", "KMP_", "GOMP_", "SEGTRAIN_", "MALLOC_", "LD_PRELOAD")
    found = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith(prefixes)]
    return f"environment: {' '.join(found) or 'nothing that matters is set'}"
