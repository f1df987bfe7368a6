#!/usr/bin/env python3
"""The text path against what the machine can do: read, tokens, embed, the whole of them, and families.

    bench/text.py [FILE.jsonl.zst...] [--rows 12000,100000] [--rounds 5] [--threads 1,2] [--csv bench/results/text.csv]

Answers are compared first: every instruction set and number of threads must give the bytes of the serial one. `seconds` is the median
of the rounds, `limit` what limits.c measures on the same file (docs/performance.md), `share` limit / seconds: 1 is as fast as can be.
On a machine with other work look at `cpu_share`: the same with the CPU seconds of the stage (those of the process, shared out as the
wall is) in place of its wall seconds.
"""
import argparse
import csv
import datetime
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile

from common import commit, machine, sample, timed

COLUMNS = ["machine", "date", "commit", "file", "rows", "stage", "threads", "seconds", "limit", "share", "cpu_share", "peak_bytes"]
# stage -> the verb that is run, and the keys of its --timings
STAGES = {"read": ("tokens", ["read"]), "tokens": ("tokens", ["tokens"]), "embed": ("embed", ["embed"]),
          "path": ("embed", ["read", "tokens", "embed"]), "families": ("families", ["families"])}


def digest(*paths):
    found = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                found.update(block)
    return found.hexdigest()


def answer(program, verb, source, out, threads, isa):
    timed(program, verb, source, out, threads, {"EDGEWISE_ISA": isa})
    return digest(out, *([out.replace(".bin", ".offsets.bin")] if verb == "tokens" else []))


def check(program, source, folder, threads, verbs):
    """Ends the bench where an answer depends on the instruction set or on the threads."""
    sets = json.loads(subprocess.run([program, "doctor", "--json"], check=True, capture_output=True).stdout)["instruction_sets"].split()
    for verb in verbs:
        out = os.path.join(folder, "answer.bin")
        right = answer(program, verb, source, out, 1, "serial")
        for isa, n in [(name, 1) for name in sets if name != "serial"] + [(sets[-1], n) for n in threads if n > 1]:
            if answer(program, verb, source, out, n, isa) != right:
                sys.exit(f"{verb} {source}: {isa} with {n} threads gives another answer than serial with one")


def limits(tool, source, ids, threads):
    return json.loads(subprocess.run([tool, source, ids, *map(str, threads)], check=True, capture_output=True).stdout)


def least(a, b):
    """The lower of two measurements, figure by figure."""
    return {key: least(value, b[key]) if isinstance(value, dict) else min(value, b[key]) for key, value in a.items()}


def measure(args, source, folder):
    threads = [int(n) for n in args.threads.split(",")]
    verbs = args.verbs.split(",")
    check(args.program, source, folder, threads, verbs)
    ids = os.path.join(folder, "ids.bin")
    timed(args.program, "tokens", source, ids, 1)
    bound, seen = None, {}
    for _ in range(args.rounds):
        found = limits(args.limits, source, ids, threads)
        bound = least(bound, found) if bound else found
        for n in threads:
            for verb in verbs:
                seen.setdefault((verb, n), []).append(timed(args.program, verb, source, os.path.join(folder, "answer.bin"), n))
    for n in threads:
        alone, most = bound["threads"][str(threads[0])]["limit"], dict(bound["threads"][str(n)]["limit"])
        most = {stage: min(value, alone[stage]) for stage, value in most.items()}  # a second thread that found no core makes nothing slower
        most["path"] = most["total"]
        for stage, (verb, keys) in STAGES.items():
            runs = seen.get((verb, n))
            if not runs or not all(key in runs[0] for key in keys):
                continue
            walls = [sum(run[key] for key in keys) for run in runs]
            cpus = [wall / run["total"] * run["cpu"] / n for wall, run in zip(walls, runs)]
            row = {"file": os.path.basename(source), "rows": bound["comments"], "stage": stage, "threads": n,
                   "seconds": round(statistics.median(walls), 4), "peak_bytes": max(run["peak_rss_bytes"] for run in runs)}
            if stage in most:
                row |= {"limit": round(most[stage], 4), "share": round(most[stage] / statistics.median(walls), 3),
                        "cpu_share": round(most[stage] / statistics.median(cpus), 3)}
            yield row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--program", default="build/release/edgewise")
    parser.add_argument("--limits", default="build/release/bench/limits")
    parser.add_argument("--rows", default="", help="sizes of the sample to make and measure")
    parser.add_argument("--verbs", default="tokens,embed,families")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--csv", help="append to this file, too")
    parser.add_argument("--work", default="build/bench")
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    about = {"machine": machine(), "date": datetime.date.today().isoformat(), "commit": commit()}
    files = args.files + [sample(int(rows), args.work) for rows in args.rows.split(",") if rows]
    out = csv.DictWriter(sys.stdout, COLUMNS)
    out.writeheader()
    with tempfile.TemporaryDirectory() as folder:
        for source in files:
            rows = [about | row for row in measure(args, source, folder)]
            out.writerows(rows)
            if args.csv:
                new = not os.path.exists(args.csv)
                with open(args.csv, "a", newline="", encoding="utf-8") as file:
                    kept = csv.DictWriter(file, COLUMNS, lineterminator="\n")
                    if new:
                        kept.writeheader()
                    kept.writerows(rows)


if __name__ == "__main__":
    main()
