#!/usr/bin/env bash
# Installs the Debian packages segtrain needs and lacks: OpenBLAS and libdeflate (loaded at run time), libpng, libjpeg and
# zlib headers, pkg-config. Swift itself is expected.
set -euo pipefail

if ! command -v swift > /dev/null; then
  echo "swift was not found: install Swift 6.3 from https://www.swift.org/install/linux" >&2
  exit 1
fi
missing=()
for package in libopenblas0-pthread libdeflate0 libpng-dev libjpeg62-turbo-dev zlib1g-dev pkg-config; do
  dpkg-query -W -f='${Status}' "$package" 2> /dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing ${missing[*]}" >&2
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get update -q >&2
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -yq --no-install-recommends "${missing[@]}" >&2
