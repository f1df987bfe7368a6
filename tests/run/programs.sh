#!/usr/bin/env bash
# Runs every program made from a folder of tests with a main of its own: exit code 0 is a pass.
#   tests/run/programs.sh build/tsan tests/stress
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
build=${1:?usage: tests/run/programs.sh BUILD FOLDER}
folder=${2:?usage: tests/run/programs.sh BUILD FOLDER}
passed=0
failed=0
for source in "$folder"/*.c; do
    if timeout 900 "$build/${source%.c}"; then
        echo "ok   $source"
        passed=$((passed + 1))
    else
        echo "FAIL $source (exit $?)"
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
