#!/usr/bin/env bash
# The Python of the tests, in build/venv, with the versions of tests/requirements.txt; also Node for the browser tests where
# the system's is older than 20. Made again only when the list changes.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=build/venv
stamp=$venv/made-from
if ! cmp -s tests/requirements.txt "$stamp"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check -r tests/requirements.txt
    cp tests/requirements.txt "$stamp"
fi
