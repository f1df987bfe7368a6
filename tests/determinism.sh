#!/usr/bin/env bash
# The same bytes from every number of threads and every instruction set this machine has, for all files of a run and of the
# stages alone.
#   tests/determinism.sh build/release [INPUT]
set -euo pipefail
export EDGEWISE_WEIGHTS= # whatever lies in the cache
cd "$(dirname "$0")/.."
build=${1:?usage: tests/determinism.sh BUILD [INPUT]}
input=${2:-build/sample/quarter.jsonl.zst}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

run() { # NAME THREADS
    mkdir -p "$work/$1"
    local stage
    "$build/edgewise" mine "$input" --catalogue build/sample/catalogue.csv --competitors build/sample/competitors.csv --quiet \
        --max-rejected 1000000 --threads "$2" -o "$work/$1/run" >"$work/$1/table"
    sed 's/"text": *"/&* /' build/sample/quarter.jsonl | "$build/edgewise" assign "$work/$1/run" - --quiet --threads "$2" --max-rejected 1000000 \
        -o "$work/$1/assign.jsonl"
    for stage in tokens embed families signals; do
        "$build/edgewise" "$stage" "$input" --quiet --threads "$2" -o "$work/$1/$stage.out"
    done
    "$build/edgewise" neighbours "$work/$1/embed.out" --quiet --threads "$2" -o "$work/$1/neighbours.npy"
    "$build/edgewise" cluster "$work/$1/embed.out" --quiet --threads "$2" -o "$work/$1/cluster.npy"
}
same() { # NAME WHAT
    if diff -rq "$work/threads-1" "$work/$1"; then
        echo "ok   $2"
        passed=$((passed + 1))
    else
        echo "FAIL $2 differs from one thread"
        failed=$((failed + 1))
    fi
    rm -rf "${work:?}/$1"
}

run threads-1 1
for threads in 2 3 8; do
    run "threads-$threads" "$threads"
    same "threads-$threads" "$threads threads"
done
sets=(serial)
for set in avx2 avx512bw:avx512; do
    if grep -qw "${set%:*}" /proc/cpuinfo; then sets+=("${set#*:}"); fi
done
for set in "${sets[@]}"; do
    EDGEWISE_ISA=$set run "isa-$set" 2
    same "isa-$set" "EDGEWISE_ISA=$set"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
