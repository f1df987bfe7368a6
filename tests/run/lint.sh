#!/usr/bin/env bash
# Static checks: warnings are errors, cppcheck, shellcheck, Python that compiles, lines that fit, no leftovers.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/run/lib.sh
. tests/run/lib.sh

warnings() { make --no-print-directory -j"$(nproc)" CONFIG=lint CFLAGS='-O3 -D_FORTIFY_SOURCE=3 -Werror' build/lint/libedgewise.a build/lint/edgewise; }
scripts() { find tools tests corpora bench bindings .ci -name node_modules -prune -o -type f -print | while read -r file; do
    case $(head -c 30 "$file" | head -n 1 | tr -d '\0') in '#!'*sh) echo "$file" ;; esac
done; }
shells() { scripts | xargs shellcheck -x; }
pythons() { find tests corpora bench bindings core -name node_modules -prune -o -name '*.py' -print0 | xargs -0 -n 50 python3 -c '
import ast, sys
for path in sys.argv[1:]:
    ast.parse(open(path, encoding="utf-8").read(), path)'; }
wide() { ! grep -nHE '^.{131,}$' core/*.[ch] core/*/*.[ch] cli/*.[ch] tests/*/*.[ch]; }
leftovers() { ! grep -rnwE 'TODO|FIXME|XXX|HACK' core cli tests bindings corpora bench docs Makefile ./*.md \
    --include='*.[chS]' --include='*.py' --include='*.sh' --include='*.md' --include=Makefile --exclude=lint.sh --exclude-dir=node_modules; }
analysis() { cppcheck --quiet --std=c11 -j "$(nproc)" --enable=warning,portability --inline-suppr --error-exitcode=1 \
    --suppress=missingIncludeSystem --suppress=unknownMacro --suppress=comparePointers --suppress=internalAstError -DNDEBUG cli core; }

check warnings warnings
if command -v cppcheck >/dev/null; then check cppcheck analysis; else skip cppcheck "no cppcheck"; fi
if command -v shellcheck >/dev/null; then check shellcheck shells; else skip shellcheck "no shellcheck"; fi
check python pythons
check width wide
check leftovers leftovers
verdict
