#!/usr/bin/env bash
# What edgewise is built, tested and checked with: looks for each part, says ✓ or ✗ with the package that has it, and as root
# installs what is missing. With everything there it is over in a moment.
#   tools/setup.sh build|demo|test|ci [--check]      --check: look only; the exit code says whether anything is missing
set -euo pipefail
cd "$(dirname "$0")/.."
group=${1:?usage: tools/setup.sh build|demo|test|ci [--check]}
check=${2:-}
missing=()

told() { # PACKAGE WHAT FOUND
    local mark='✓'
    if [ "$3" = no ]; then
        mark='✗'
        missing+=("$1")
    fi
    if [ "$check" ]; then printf '  %s %-22s %s\n' "$mark" "$2" "$([ "$3" = no ] && echo "package $1")"; fi
}
program() { if command -v "$1" >/dev/null; then told "$2" "$1" yes; else told "$2" "$1" no; fi; }
header() {
    if echo "#include <$1>" | "${CC:-gcc}" -E -x c - >/dev/null 2>&1; then told "$2" "$1" yes; else told "$2" "$1" no; fi
}
file() { if [ -e "$1" ]; then told "$2" "$1" yes; else told "$2" "$1" no; fi; }

for_build() {
    program gcc gcc
    file /usr/include/stdio.h libc6-dev
    program make make
    header cblas.h libopenblas-dev
    header utf8proc.h libutf8proc-dev
    header zstd.h libzstd-dev
    header zlib.h zlib1g-dev
    header sqlite3.h libsqlite3-dev
    program zstd zstd
    program python3 python3
}
for_demo() { # pip, by which the deep encoder's weights come
    if python3 -c 'import ensurepip' 2>/dev/null; then told python3-venv python3-venv yes; else told python3-venv python3-venv no; fi
}
for_test() {
    program g++ g++
    program pkg-config pkg-config
    header criterion/criterion.h libcriterion-dev
    if ls /usr/include/python3*/Python.h >/dev/null 2>&1; then told python3-dev Python.h yes; else told python3-dev Python.h no; fi
    program sqlite3 sqlite3
    program chromium chromium
    file /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf fonts-dejavu-core
}
for_ci() {
    program clang-19 clang-19
    if ls /usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.fuzzer-* >/dev/null 2>&1; then
        told libclang-rt-19-dev libFuzzer yes
    else
        told libclang-rt-19-dev libFuzzer no
    fi
    program valgrind valgrind
    program shellcheck shellcheck
    program cppcheck cppcheck
}

case $group in
build) for_build ;;
demo) for_build && for_demo ;;
test) for_build && for_demo && for_test ;;
ci) for_build && for_demo && for_test && for_ci ;;
*) echo "setup: no group '$group'; it is build, demo, test or ci" >&2 && exit 2 ;;
esac

if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
line="apt-get install -y --no-install-recommends ${missing[*]}"
if [ "$check" ]; then
    echo "missing; as root: apt-get update && $line"
    exit 1
fi
if [ "$(id -u)" != 0 ]; then
    echo "setup: missing: ${missing[*]}; type: sudo apt-get update && sudo $line" >&2
    exit 1
fi
if ! command -v apt-get >/dev/null; then
    echo "setup: missing (Debian's names): ${missing[*]}; install them with this system's package manager" >&2
    exit 1
fi
echo "setup: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null
$line -q >/dev/null
# a second look: what apt-get installed has to be found now
exec tools/setup.sh "$group" --check >/dev/null
