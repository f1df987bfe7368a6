# What the test scripts share: each check runs with its output in build/test/NAME.log, one line tells how it went, and the
# last line of all is "N passed, N failed". A check whose own last line has that form counts with those numbers.
# shellcheck shell=bash
export EDGEWISE_WEIGHTS= # no deep encoder, whatever lies in the cache
passed=0
failed=0
logs=build/test
mkdir -p "$logs"

check() { # NAME COMMAND...
    local name=$1 begun=$SECONDS code=0 tally good=1 bad=0
    shift
    local log=$logs/${name// /-}.log
    "$@" >"$log" 2>&1 </dev/null || code=$?
    tally=$(tail -n 1 "$log" | sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p')
    if [ "$tally" ]; then
        good=${tally% *}
        bad=${tally#* }
    elif [ "$code" -ne 0 ]; then
        good=0
    fi
    if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ "$((good + bad))" -eq 0 ]; then # it had nothing to run, and the line before says why
        skip "$name" "$(tail -n 2 "$log" | head -n 1)"
        return
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    if [ "$bad" -eq 0 ]; then
        printf '✓ %-14s %4d passed  %3d s\n' "$name" "$good" $((SECONDS - begun))
    else
        printf '✗ %-14s %4d passed, %d failed (exit %d)  %3d s: %s\n' "$name" "$good" "$bad" "$code" $((SECONDS - begun)) "$log"
        grep -nE 'FAIL|Error|ERROR|error:|✗|Assertion' "$log" | tail -n 15 | sed 's/^/    /' || true
        tail -n 10 "$log" | sed 's/^/    /'
    fi
}

skip() { # NAME WHY: outside CI something may be missing; in CI nothing may
    if [ "${CI:-}" = true ]; then
        failed=$((failed + 1))
        printf '✗ %-14s not run: %s\n' "$1" "$2"
    else
        printf '– %-14s skipped: %s\n' "$1" "$2"
    fi
}

verdict() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
