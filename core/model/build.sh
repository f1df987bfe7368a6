#!/usr/bin/env bash
# Builds the default model: core/model/build.sh [--text] [--out FILE]. A quarter of an hour or more the first time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$here/../../build/model
venv=$work/venv
mkdir -p "$work"
if [ ! -e "$venv/ready" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --no-deps -r "$here/requirements.txt"
    touch "$venv/ready"
fi
# One thread and one kind of kernel: the order of every sum is then the same on every machine.
export OPENBLAS_NUM_THREADS=1 OPENBLAS_CORETYPE=Haswell PYTHONHASHSEED=0
exec "$venv/bin/python" "$here/build.py" "$@"
