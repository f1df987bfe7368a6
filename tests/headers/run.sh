#!/usr/bin/env bash
# The public header as strict C99 and C++17, every header of the library alone, and the names the shared library exports.
#   tests/headers/run.sh build/release
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:?usage: tests/headers/run.sh BUILD}
strict=(-pedantic-errors -Wall -Wextra -Wconversion -Wshadow -Werror -fsyntax-only -Icore)
"${CC:-gcc}" -std=c99 -Wstrict-prototypes "${strict[@]}" tests/headers/alone.c
"${CXX:-g++}" -std=c++17 -x c++ -Wold-style-cast "${strict[@]}" tests/headers/alone.c
echo "ok   edgewise.h as C99 and C++17"
for header in core/*/*.h cli/*.h; do
    echo "#include \"$header\"" | "${CC:-gcc}" -std=c11 -Wall -Wextra -Werror -Wno-unused-function -fsyntax-only -I. -x c - ||
        { echo "FAIL $header does not compile alone" && exit 1; }
done
echo "ok   every other header compiles alone"

declared() { "${CC:-gcc}" -E core/edgewise.h | tr -d '\n' | tr ';' '\n' | sed -nE 's/.*visibility\("default"\).*[ *](ew_[a-z_]+)\(.*/\1/p' | sort -u; }
listed() { tr ';' '\n' <core/edgewise.sym | grep -oE 'ew_[a-z_]+' | sort; }
exported() { nm -D --defined-only "$build/libedgewise.so" | awk '$2 ~ /[A-Z]/ {print $3}' | sort; }
diff <(declared) <(listed) || { echo "FAIL core/edgewise.h (<) and core/edgewise.sym (>) name different functions" && exit 1; }
diff <(listed) <(exported) || { echo "FAIL core/edgewise.sym (<) and what libedgewise.so exports (>) differ" && exit 1; }
echo "ok   $(listed | wc -l) exported names, as the header declares them"
# what a static link could clash with: every global name of the archive begins with ew_
foreign=$(nm --defined-only "$build/libedgewise.a" 2>/dev/null | awk '$2 ~ /[TDBRC]/ && $3 !~ /^ew_/ {print $3}' | sort -u)
[ -z "$foreign" ] || { echo "FAIL names without ew_ in libedgewise.a: $foreign" && exit 1; }
echo "4 passed, 0 failed"
