#!/usr/bin/env bash
# `make test`: sets up what is missing, builds, runs every test. Outside CI a part whose tools are missing is skipped with a
# word; with CI=true it fails.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/run/lib.sh
. tests/run/lib.sh
export OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-Haswell}
build=build/release
jobs=${JOBS:-$(nproc)}

tools/setup.sh test || exit 1
make --no-print-directory -j"$jobs" all man sample unit-programs "$build/corpora/large/generate" || { echo "0 passed, 1 failed" && exit 1; }

check includes python3 tests/includes.py
check model-text python3 tests/model_text.py
check large tests/large.py "$build/corpora/large/generate"
check plots tests/plots.sh
check headers tests/headers/run.sh "$build"
check unit tests/run/unit.sh "$build"
check golden tests/golden/run.py --program "$build/edgewise"
check determinism tests/determinism.sh "$build"
check conservation tests/conservation.py "$build/edgewise" build/sample/quarter.jsonl
sample_needs() {
    "$build/edgewise" mine build/sample/quarter.jsonl.zst --catalogue build/sample/catalogue.csv \
        --competitors build/sample/competitors.csv -o build/test/sample-run --quiet && tests/sample.py build/test/sample-run build/sample/gold.jsonl
}
check sample sample_needs
check install tests/install.sh
if tools/venv.sh >build/test/venv.log 2>&1; then
    for script in tests/conform/run*; do
        if [ -x "$script" ]; then check "conform$(basename "$script" | sed -E 's/^run|\..*$//g')" "$script" "$build"; fi
    done
    check python tests/run/python.sh
    check browser tests/run/browser.sh
else
    skip conform "no packages for Python (build/test/venv.log)"
    skip python "no packages for Python (build/test/venv.log)"
    skip browser "no packages for Python (build/test/venv.log)"
fi
check docs tests/docs.py "$build"
verdict
