#!/usr/bin/env bash
# Runs every unit test program of a build folder and adds up what Criterion says.
#   tests/run/unit.sh build/release
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
build=${1:?usage: tests/run/unit.sh BUILD}
passed=0
failed=0
for source in tests/unit/test_*.c; do
    name=$(basename "$source" .c)
    out=$(timeout 300 "$build/tests/unit/$name" --jobs "$(nproc)" 2>&1)
    code=$?
    line=$(sed -nE 's/.*Tested: ([0-9]+) \| Passing: ([0-9]+) \| .*/\1 \2/p' <<<"$out" | tail -n 1)
    tested=${line% *}
    good=${line#* }
    bad=$((${tested:-0} - ${good:-0}))
    if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ "${tested:-0}" -eq 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    passed=$((passed + ${good:-0}))
    failed=$((failed + bad))
    if [ "$bad" -ne 0 ]; then
        echo "FAIL $name (exit $code)"
        grep -vE '^\[====\]|^\[----\] *$' <<<"$out" | tail -n 40
    else
        echo "ok   $name: $good"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
