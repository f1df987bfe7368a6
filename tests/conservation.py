#!/usr/bin/env python3
"""Nothing is lost: every record of the input is in run.json's counts and, unless rejected, on a line of comments.jsonl.

    tests/conservation.py build/release/edgewise build/sample/quarter.jsonl
"""
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

BROKEN = ['{"id": "cut", "text": "half a rec', "", "[1, 2]", '{"id": "no-text", "stars": 3}', '{"id": "empty", "text": ""}',
          '{"id": "dots", "text": "..."}', '{"id": "short", "text": "ok"}', '{"id": "bytes", "text": "\udcff\udcfe"}', "not json"]


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def counts_of(run: dict) -> dict:
    return run["counts"]


def check(program: str, source: Path, work: Path, broken: list[str]) -> list[str]:
    good = source.read_bytes().decode("utf-8").splitlines()[:4000]
    mixed = good[:50] + broken[:5] + good[50:] + broken[5:]
    corpus, out = work / "mixed.jsonl", work / "run"
    corpus.write_bytes("\n".join(mixed).encode("utf-8", "surrogateescape") + b"\n")
    done = subprocess.run([program, "mine", corpus, "-o", out, "--encoder", "static", "--quiet"], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        return [f"exit {done.returncode}: {done.stderr}"]
    counts, comments = counts_of(json.loads((out / "run.json").read_text())), lines(out / "comments.jsonl")
    needs, themes = lines(out / "needs.jsonl"), lines(out / "themes.jsonl")
    problems = []

    def same(what, a, b):
        if a != b:
            problems.append(f"{what}: {a} is not {b}")

    noise = Counter(c["noise"] for c in comments if c["noise"])
    in_themes = sum(c["theme"] is not None for c in comments)
    in_needs_only = sum(c["theme"] is None and c["need"] is not None for c in comments)
    records = sum(bool(line.strip()) for line in mixed)
    same("read", counts["read"], records)
    same("read = comments + rejected", counts["read"], len(comments) + counts["rejected"])
    same("in themes", counts["in_themes"], in_themes)
    same("in needs only", counts["in_needs_only"], in_needs_only)
    same("noise by type", {k: v for k, v in counts["noise"].items() if v}, dict(noise))
    same("read = all fates together", counts["read"], in_themes + in_needs_only + sum(noise.values()) + counts["rejected"])
    same("exactly one fate each", [c["id"] for c in comments if (c["theme"] is None and c["need"] is None) != bool(c["noise"])], [])
    same("ids are unique", len({c["id"] for c in comments}), len(comments))
    order = [json.loads(line)["id"] for line in good]
    same("input order", [c["id"] for c in comments if c["id"] in set(order)], order)
    same("exit code", done.returncode, 1 if counts["rejected"] else 0)

    of_need = {need["id"]: set(need["comments"]) for need in needs}
    claimed = {c["id"]: set(c["needs"] if "needs" in c else [c["need"]] if c["need"] else []) for c in comments}
    for need, members in of_need.items():
        same(f"comments of {need}", {c for c, mine in claimed.items() if need in mine}, members)
    same("needs named by comments exist", set().union(*claimed.values()) - set(of_need), set())
    same("themes named by comments exist", {c["theme"] for c in comments if c["theme"]} - {t["id"] for t in themes}, set())
    return problems


def main() -> int:
    program, source = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    failed = 0
    for name, broken in (("clean", []), ("with broken records", BROKEN)):
        with tempfile.TemporaryDirectory() as work:
            problems = check(str(program), source, Path(work), broken)
        print("\n".join([f"FAIL {name}"] + problems) if problems else f"ok   {name}")
        failed += bool(problems)
    print(f"{2 - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
