#!/usr/bin/env bash
# Installs what is missing, checks the format, builds with warnings as errors and undeclared imports refused, and runs
# all tests.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install.sh
swift format lint --strict --recursive Sources Tests Package.swift
swift build -c release --build-tests --explicit-target-dependency-import-check error
swift test -c release --skip-build "$@"
