#!/usr/bin/env bash
# The report in a browser: Chromium, driven by the tests of tests/browser. Node is the system's from version 20.11 on, else
# the one in build/venv.
set -euo pipefail
cd "$(dirname "$0")/../.."
fit='const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 11) ? 0 : 1)'
if ! node -e "$fit" 2>/dev/null; then PATH=$PWD/build/venv/bin:$PATH; fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cd tests/browser
npm ci --no-audit --no-fund --silent
code=0
npm test --silent 2>&1 | tee "$log" || code=$?
tally() { sed -nE "s/^(# |ℹ )$1 ([0-9]+)\$/\\2/p" "$log" | tail -n 1; }
echo "$(tally pass) passed, $(tally fail) failed"
exit "$code"
