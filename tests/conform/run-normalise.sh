#!/usr/bin/env bash
# Normalisation against Python's Unicode Character Database.
#   tests/conform/run-normalise.sh build/release
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
build=${1:?usage: tests/conform/run-normalise.sh BUILD}
mkdir -p "$build/tests/conform"
if ${CC:-gcc} -std=c11 -O2 tests/conform/normalise.c "$build/libedgewise.a" -lopenblas -lutf8proc -lzstd -lz -lsqlite3 -lm -pthread \
    -o "$build/tests/conform/normalise" && python3 tests/conform/normalise.py "$build/tests/conform/normalise"; then
    echo "1 passed, 0 failed"
else
    echo "0 passed, 1 failed"
    exit 1
fi
