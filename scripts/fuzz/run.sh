#!/usr/bin/env bash
# Coverage-guided fuzzing of what reads files from elsewhere, with the libFuzzer of the Swift toolchain:
#   scripts/fuzz/run.sh [SECONDS [torch|safetensors|config]...]      default: 600 seconds each
# Fails on a crash, an input that takes more than a second of processor time, or memory beyond 64 MB over what the fuzzer itself
# needs. Found inputs are kept in work/<subject> of the build folder (SEGTRAIN_FUZZ_BUILD, by default .build/fuzz); good ones go
# on from run to run.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${SEGTRAIN_FUZZ_BUILD:-$PWD/.build/fuzz}
seconds=${1:-600}
shift || true
subjects=("$@")
[ ${#subjects[@]} -gt 0 ] || subjects=(torch safetensors config)

SEGTRAIN_FUZZ=1 swift build -c release --scratch-path "$build" --product SegFuzz -Xswiftc -sanitize=fuzzer
fuzz=$build/release/SegFuzz

for subject in "${subjects[@]}"; do
  work=$build/work/$subject
  mkdir -p "$work/seeds" "$work/corpus"
  export SEGTRAIN_FUZZ=$subject
  SEGTRAIN_SEEDS=$work/seeds "$fuzz"
  if [ "$subject" = config ]; then cp configs/*.json "$work/seeds/"; fi
  # Every key and word of the configs, for the fuzzer to put together.
  grep -oh '"[a-z_0-9]*"' configs/*.json | sort -u >"$work/words"
  # Time on the wall (-timeout) is for true hangs: others may stop the machine for a while.
  # An empty process first: its memory is what the fuzzer needs for itself.
  "$fuzz" -runs=1000 -max_len=65536 -artifact_prefix="$work/" "$work/corpus" "$work/seeds" >"$work/log" 2>&1
  own=$(grep -o 'rss: [0-9]*' "$work/log" | tail -1 | cut -d' ' -f2)
  echo "$subject: $seconds s, memory limit $((own + 64)) MB"
  # The timeout is on the wall and for true hangs: what takes more than a second of processor time ends itself.
  "$fuzz" -max_total_time="$seconds" -timeout=300 -rss_limit_mb=$((own + 64)) -malloc_limit_mb=64 -max_len=65536 \
    -dict="$work/words" -artifact_prefix="$work/" -print_final_stats=1 "$work/corpus" "$work/seeds" 2>&1 |
    tee "$work/log" | grep -E 'ERROR|SUMMARY|DONE|stat::|Test unit' || true
  if grep -qE 'ERROR|SUMMARY' "$work/log"; then exit 1; fi
done
