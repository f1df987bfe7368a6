#!/usr/bin/env bash
# The Python package: built and installed into build/venv with the pinned packages of its tests, then its tests, its types, its
# stubs against the native module, and its notebook.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/run/lib.sh
. tests/run/lib.sh
root=$PWD
python=$root/build/venv/bin/python
package=$root/bindings/python
export PYTHONDONTWRITEBYTECODE=1 IPYTHONDIR=$root/build/ipython OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-Haswell}

prepare() {
    tools/venv.sh || return
    if ! cmp -s "$package/requirements-test.txt" build/venv/made-for-package; then
        "$python" -m pip install -q --disable-pip-version-check -r "$package/requirements-test.txt" || return
        cp "$package/requirements-test.txt" build/venv/made-for-package
    fi
    make --no-print-directory -j"$(nproc)" all sample &&
        "$python" -m pip install -q --disable-pip-version-check --no-build-isolation --force-reinstall --no-deps "$package"
}
tests() {
    local log=$logs/pytest.out code=0 good bad
    (cd "$package" && "$python" -m pytest -q -p no:cacheprovider --durations=5 tests) >"$log" 2>&1 || code=$?
    cat "$log"
    good=$(sed -nE 's/.*\b([0-9]+) passed.*/\1/p' "$log" | tail -n 1)
    bad=$(tail -n 1 "$log" | grep -oE '[0-9]+ (failed|error)' | awk '{n += $1} END {print n + 0}')
    echo "${good:-0} passed, $bad failed"
    return "$code"
}
types() (cd "$package" && "$python" -m mypy --cache-dir "$root/build/mypy")
stubs() (cd "$root/build" && "$python" -m mypy.stubtest edgewise --mypy-config-file "$package/pyproject.toml")
notebook() (cd "$package" && "$python" -m pytest -q -p no:cacheprovider --nbmake --nbmake-timeout=150 notebooks)

if ! prepare; then
    echo "the package could not be built"
    echo "0 passed, 1 failed"
    exit 1
fi
check pytest tests
check types types
check stubs stubs
check notebook notebook
verdict
