#!/usr/bin/env bash
# Runs every fuzz target for a fixed number of runs from a fixed seed, beginning with its seeds (tests/fuzz/seeds/NAME).
#   tests/run/fuzz.sh build/fuzz 20000
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
build=${1:?usage: tests/run/fuzz.sh BUILD RUNS}
runs=${2:?usage: tests/run/fuzz.sh BUILD RUNS}
passed=0
failed=0
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    corpus=$(mktemp -d)
    if [ -d "tests/fuzz/seeds/${name#fuzz_}" ]; then cp -r "tests/fuzz/seeds/${name#fuzz_}/." "$corpus"; fi
    mkdir -p "$build/crashes"
    if timeout 600 "$build/tests/fuzz/$name" -runs="$runs" -max_total_time=60 -seed=1 -max_len=4096 -timeout=20 -rss_limit_mb=3000 \
        -artifact_prefix="$build/crashes/$name-" "$corpus" >"$build/$name.log" 2>&1; then
        echo "ok   $name"
        passed=$((passed + 1))
    else
        echo "FAIL $name (exit $?); the input is in $build/crashes"
        grep -vE '^(#[0-9]+|INFO:|"|\\)' "$build/$name.log" | tail -n 40
        failed=$((failed + 1))
    fi
    rm -rf "$corpus"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
