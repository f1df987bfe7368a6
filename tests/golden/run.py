#!/usr/bin/env python3
"""Runs the command line and compares exit code, stdout and stderr byte for byte.

A case is one file of cases/: shell lines, then what they have to give. Each runs in a fresh copy of corpus/ with `edgewise`
on the PATH, 80 columns, no colour. `--update` rewrites what is expected; read the diff before you believe it.

    # what this is about
    edgewise plan small.jsonl
    ---- exit 0
    ---- stdout
    ...
    ---- stderr
    ...
"""
import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FORM = re.compile(rb"(.*?)^---- exit (-?\d+)\n---- stdout\n(.*?)^---- stderr\n(.*)", re.S | re.M)
NO_NEWLINE = b"\n---- (no newline)\n"                          # marks output whose last line is not ended


def shown(output: bytes) -> bytes:
    return output + NO_NEWLINE if output and not output.endswith(b"\n") else output


def run(case: Path, program: Path) -> tuple[bytes, bytes]:
    """What the case file is, and what it would be after this run."""
    text = case.read_bytes()
    form = FORM.fullmatch(text)
    commands = form[1] if form else text
    with tempfile.TemporaryDirectory(prefix="edgewise-golden-") as folder:
        work = Path(folder) / "work"
        shutil.copytree(HERE / "corpus", work)
        bin_folder = Path(folder) / "bin"
        bin_folder.mkdir()
        (bin_folder / "edgewise").symlink_to(program)
        env = {"PATH": f"{bin_folder}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "COLUMNS": "80", "HOME": folder, "TERM": "dumb",
               "NO_COLOR": "1", "TMPDIR": folder, "OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1",
               "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}
        try:
            done = subprocess.run(["bash", "-c", commands.decode()], cwd=work, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=120)
            code, out, err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            code, out, err = 124, b"", b"more than 120 seconds\n"
    return text, b"%s---- exit %d\n---- stdout\n%s---- stderr\n%s" % (commands, code, shown(out), shown(err))


def difference(name: str, want: bytes, got: bytes) -> str:
    import difflib
    lines = [text.decode(errors="replace").splitlines() for text in (want, got)]
    return "\n".join(difflib.unified_diff(*lines, f"{name} (expected)", f"{name} (now)", lineterm="", n=1))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", type=Path, default=HERE.parents[1] / "build/release/edgewise")
    parser.add_argument("--update", action="store_true", help="rewrite what is expected")
    parser.add_argument("only", nargs="*", help="parts of the names of cases")
    args = parser.parse_args()
    cases = [c for c in sorted((HERE / "cases").glob("*.case")) if not args.only or any(part in c.stem for part in args.only)]
    if not cases or not args.program.exists():
        print("no cases" if not cases else f"no program {args.program}: type make first", file=sys.stderr)
        return 1
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for case, (want, got) in zip(cases, pool.map(lambda c: run(c, args.program.resolve()), cases)):
            if want == got:
                continue
            if args.update:
                case.write_bytes(got)
                print(f"updated {case.stem}")
            else:
                failed += 1
                print(f"FAIL {case.stem}\n{difference(case.stem, want, got)}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
