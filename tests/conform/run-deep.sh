#!/usr/bin/env bash
# The deep encoder with its real weights against the reference; skipped where nobody has fetched them (make model-deep),
# except that CI fetches them.
#   tests/conform/run-deep.sh build/release
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
build=${1:?usage: tests/conform/run-deep.sh BUILD}
weights=${EDGEWISE_DEEP:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/edgewise/all-MiniLM-L6-v2}
if [ ! -f "$weights/model.safetensors" ] && [ "${CI:-}" = true ]; then
    tools/model-deep.sh "$weights" || { echo "0 passed, 1 failed" && exit 1; }
fi
if [ ! -f "$weights/model.safetensors" ]; then
    echo "no weights in $weights (make model-deep)"
    echo "0 passed, 0 failed"
    exit 0
fi
mkdir -p "$build/tests/conform"
if ! ${CC:-gcc} -std=c11 -O2 tests/conform/deep.c "$build/libedgewise.a" -lopenblas -lutf8proc -lzstd -lz -lsqlite3 -lm -pthread \
    -o "$build/tests/conform/deep"; then
    echo "0 passed, 1 failed"
    exit 1
fi
for python in build/venv/bin/python python3; do
    if "$python" -c 'import numpy, tokenizers' 2>/dev/null; then
        exec "$python" tests/conform/deep.py "$build/edgewise" "$weights" --floats "$build/tests/conform/deep"
    fi
done
echo "no Python with the packages 'numpy' and 'tokenizers' (tests/requirements.txt)"
if [ "${CI:-}" = true ]; then
    echo "0 passed, 1 failed"
    exit 1
fi
echo "0 passed, 0 failed"
