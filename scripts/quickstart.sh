#!/usr/bin/env bash
# Installs what is missing, builds, and runs the main job end to end: draws a data set, trains, evaluates, predicts.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install.sh
swift build -c release --product segtrain
segtrain=.build/release/segtrain
config=configs/streets-quickstart.json
run=runs/streets-quickstart

$segtrain data make-streets --out runs/streets-data
if [ -d "$run" ]; then
  $segtrain train --config $config --resume
else
  $segtrain train --config $config
fi
$segtrain eval --checkpoint $run --split test
$segtrain predict --checkpoint $run --out $run/predictions --save index,color,overlay,confidence \
  runs/streets-data/test
echo "look at $run/predictions/*_overlay.png and $run/report.html"
