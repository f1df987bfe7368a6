#!/usr/bin/env bash
# Builds the student: core/model/student/build.sh [--text] [--out FILE] [OPTIONS of train.py]
# Half an hour or more on two cores the first time; what is in build/model already is not made again. --text: up to the shards,
# without training. The engine is that of build/release (or EDGEWISE), as its deep encoder is the teacher.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=$root/build/model/student
venv=$work/venv
program=${EDGEWISE:-$root/build/release/edgewise}
out=$here/student.safetensors
text=
while [ $# -gt 0 ]; do
    case $1 in
        --text) text=1 && shift ;;
        --out) out=$2 && shift 2 ;;
        *) break ;;
    esac
done
mkdir -p "$work/shards"
# One thread and one kind of kernel for what numpy adds up; train.py sees to jax.
export OPENBLAS_NUM_THREADS=1 OPENBLAS_CORETYPE=Haswell PYTHONHASHSEED=0

if [ ! -e "$venv/ready" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --no-deps -r "$here/requirements.txt"
    touch "$venv/ready"
fi
"$root/tools/model-deep.sh" "$work/teacher"
if [ ! -e "$work/text/ready" ]; then
    "$here/../build.sh" --text
    "$work/../venv/bin/python" "$here/text.py" "$work/text" # by the table's Python: it is the table's recipe
    for kind in sentences comments; do
        split -l 40000 -d -a 2 --additional-suffix=.jsonl "$work/text/$kind.jsonl" "$work/shards/$kind-"
    done
    touch "$work/text/ready"
fi
for texts in "$work"/shards/*.jsonl; do
    name=${texts%.jsonl}
    if [ ! -e "$name.npy" ]; then # written last, and whole
        "$program" tokens "$texts" -o "$name.ids.bin" --quiet
        "$program" embed "$texts" -o "$work/part.npy" --encoder deep --weights "$work/teacher" --corpus-part off --quiet
        mv "$work/part.npy" "$name.npy"
    fi
done
[ -z "$text" ] || exit 0
"$venv/bin/python" "$here/train.py" "$work/shards" "$work/trained.npz" --steps 3600 --rate 1e-3 --seed 3 "$@"
"$venv/bin/python" "$here/export.py" "$work/trained.npz" "$out"
