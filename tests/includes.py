#!/usr/bin/env python3
"""Includes go one way: a stage of core/ may see core/base, core/kernels and the stages above it; all else sees the public
header only. Also a list of the stages, in the order in which data flows."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ORDER = ["edgewise.h", "base", "kernels", "read", "text", "tokens", "vectors", "neighbours", "themes", "needs", "context", "store",
         "report", "engine"]
INSIDE = {"tests/unit", "tests/fuzz", "tests/stress", "tests/conform"}  # tests that may see internals
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)


def stage(path: Path) -> str:
    """The place of a file of core/ in ORDER: its folder, or for a file beside the folders its own name."""
    parts = path.relative_to(ROOT / "core").parts
    return parts[0] if len(parts) > 1 else "edgewise.h" if parts[0] == "edgewise.h" else "engine"


def target(path: Path, name: str) -> Path | None:
    for folder in (path.parent, ROOT, ROOT / "core"):
        found = (folder / name).resolve()
        if found.exists():
            return found
    return None


def problem(path: Path, name: str) -> str | None:
    found = target(path, name)
    if found is None:
        return f"includes '{name}', which is not there"
    try:
        seen = stage(found)
    except ValueError:
        return None                                              # its own folder's header, outside core/
    place = path.relative_to(ROOT)
    if place.parts[0] != "core":
        if found.name == "edgewise.h" or "/".join(place.parts[:2]) in INSIDE:
            return None
        return f"includes '{name}'; outside core/ there is only core/edgewise.h"
    own = stage(path)
    for one in (own, seen):
        if one not in ORDER:
            return f"lies in or includes core/{one}, which the order of stages does not know"
    if ORDER.index(seen) > ORDER.index(own):
        return f"includes '{name}': {own} must not know {seen}, which is below it"
    return None


def main() -> int:
    files = [p for folder in ("core", "cli", "bindings", "bench", "tests") for p in sorted((ROOT / folder).rglob("*.[ch]"))
             if "node_modules" not in p.parts and "build" not in p.parts]
    problems, seen = [], 0
    for path in files:
        for name in INCLUDE.findall(path.read_text(encoding="utf-8")):
            seen += 1
            if what := problem(path, name):
                problems.append(f"{path.relative_to(ROOT)}: {what}")
    print("\n".join(problems) or f"{seen} includes of {len(files)} files go the right way")
    return bool(problems) or not seen


if __name__ == "__main__":
    sys.exit(main())
