#!/usr/bin/env bash
# Imported models of every kind against the reference libraries.
#   tests/conform/run-models.sh build/release
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
build=${1:?usage: tests/conform/run-models.sh BUILD}
for python in build/venv/bin/python python3; do
    if "$python" -c 'import model2vec, tokenizers' 2>/dev/null; then exec "$python" tests/conform/models.py "$build/edgewise"; fi
done
echo "no Python with the packages 'model2vec' and 'tokenizers' (tests/requirements.txt)"
if [ "${CI:-}" = true ]; then
    echo "0 passed, 1 failed"
    exit 1
fi
echo "0 passed, 0 failed"
