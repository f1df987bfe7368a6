#!/usr/bin/env bash
# The plots of docs/ are those of the figures in bench/results: drawn again, byte for byte.
set -euo pipefail
cd "$(dirname "$0")/.."
drawn=$(mktemp -d)
trap 'rm -rf "$drawn"' EXIT
python3 bench/scale.py --rows "" --csv bench/results/scale.csv --plots "$drawn"
python3 bench/encoders.py --plots "$drawn"
passed=0 failed=0
for plot in "$drawn"/*.svg; do
    if cmp "$plot" "docs/$(basename "$plot")"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
