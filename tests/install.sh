#!/usr/bin/env bash
# `make install` into a folder of its own: the program runs from there, a C program builds by pkg-config against the header and
# the shared library, the manual page has no warnings; `make uninstall` leaves nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make --no-print-directory install PREFIX="$work/prefix" >/dev/null
"$work/prefix/bin/edgewise" --version | grep -qx "edgewise [0-9.]*"
cat >"$work/use.c" <<'C'
#include <edgewise.h>
#include <stdio.h>
#include <string.h>
int main(void) { return puts(ew_version()) < 0 || strcmp(ew_version(), EW_VERSION) != 0; }
C
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig
# shellcheck disable=SC2046
"${CC:-gcc}" "$work/use.c" $(pkg-config --cflags --libs edgewise) -o "$work/use"
LD_LIBRARY_PATH=$work/prefix/lib "$work/use" | grep -qx "$(pkg-config --modversion edgewise)"
if command -v groff >/dev/null; then
    warnings=$(groff -man -Tutf8 -ww "$work/prefix/share/man/man1/edgewise.1" 2>&1 >/dev/null)
    [ -z "$warnings" ] || { echo "FAIL the manual page: $warnings" && exit 1; }
fi
make --no-print-directory uninstall PREFIX="$work/prefix" >/dev/null
left=$(find "$work/prefix" ! -type d)
[ -z "$left" ] || { echo "FAIL uninstall left $left" && exit 1; }
echo "ok   install, use, uninstall"
