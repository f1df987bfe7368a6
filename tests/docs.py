#!/usr/bin/env python3
"""Runs the commands of README.md and docs/*.md: every block that begins with ```sh (blocks of ```console and others are for
reading only). The blocks of a page run in order, in one shell per block, in a scratch copy of what git tracks or would track,
with the built program on the PATH. A block before which `<!-- not run: why -->` stands is left out, and said to be.

    tests/docs.py build/release
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(?:<!-- not run: ([^>]*) -->\n)?^```sh\n(.*?)^```$", re.S | re.M)
SLOW = re.compile(r"^\s*(sudo|make (demo|test|setup|asan|tsan|fuzz|install))\b", re.M)   # tests of their own, or of the whole machine


def scratch(folder: Path) -> None:
    """The project as a checkout has it, with what was built already."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for built in ("build/release", "build/sample", "build/demo"):
        if (ROOT / built).exists():
            shutil.copytree(ROOT / built, folder / built, symlinks=True)


def main() -> int:
    build = (ROOT / sys.argv[1]).resolve()
    passed = failed = 0
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    env = os.environ | {"PATH": f"{build}:{ROOT}/build/venv/bin:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "NO_COLOR": "1",
                         "EDGEWISE_WEIGHTS": ""}
    for page in filter(Path.exists, pages):
        blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
        if not blocks:
            continue
        with tempfile.TemporaryDirectory(prefix="edgewise-docs-") as folder:
            scratch(Path(folder))
            for number, (why, text) in enumerate(blocks, 1):
                name = f"{page.relative_to(ROOT)} block {number}"
                if why or SLOW.search(text):
                    print(f"–    {name}: not run: {why or 'a test of its own'}")
                    continue
                done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                                      capture_output=True, text=True, errors="replace", timeout=300)
                good = done.returncode == 0
                passed, failed = passed + good, failed + (not good)
                print(f"ok   {name}" if good else f"FAIL {name}: exit {done.returncode}\n{text}{done.stdout[-1000:]}{done.stderr[-2000:]}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0 or not passed


if __name__ == "__main__":
    sys.exit(main())
