#!/usr/bin/env python3
"""Hostile inputs at three sizes (1, 2, 4 times): is the CPU time linear, does memory stay within its bound, does nothing crash?

    bench/hostile.py [--program build/release/edgewise] [--verbs tokens,embed,...] [--inputs words,...] [--scale 1] [--csv FILE]

One CSV line a (verb, input): CPU seconds and peak memory at each size, the exponent of growth between the first and the last (of what
is spent beyond an empty run), and what is wrong: `slow` an exponent above 1.15 (mine: 2.1 where the rows grow, as exact neighbours are
quadratic in them), `large` memory beyond the bound, `crash`, `late`. A case is measured again before it is called slow. Exit code 1
if anything is wrong. --scale 10 brings words of 10 MB, ten million distinct words, a million empty texts.
"""
import argparse
import csv
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile

from common import cost

EXPONENT, EXPONENT_MINE = 1.15, 2.1
LEAST = .15                            # CPU seconds beyond an empty run under which growth is noise
FIXED, RECORDS = 150 << 20, 24         # bytes; times the longest record
A_ROW = {"tokens": 0, "embed": 0, "pack": 0, "signals": 400, "families": 600, "mine": 20000}
VERBS = ("tokens", "embed", "families", "signals", "mine", "pack")
LONGEST = 15 << 20                     # of a record: --max-line is 16 MiB


def line(text):
    return b'{"text":"' + text + b'"}\n'


def in_rows(unit, size, width=1 << 20):
    """`size` bytes of `unit` again and again, in rows of `width`."""
    row = line(unit * (width // len(unit)))
    return row * max(1, size // width)


def one(unit, size):
    return line(unit * (min(size, LONGEST) // len(unit)))


def distinct(n, dice):
    """n words that hardly any other text has, fifty a row."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(dice.choices(letters, k=9)) for _ in range(n)]
    return b"".join(line(" ".join(words[i:i + 50]).encode()) for i in range(0, n, 50))


def half_shared(n, dice):
    """Rows whose first half is the same and whose second half is their own."""
    start = " ".join(f"shared{i}" for i in range(15))
    return b"".join(line((start + " " + " ".join(f"own{dice.randrange(10 ** 9)}" for _ in range(15))).encode()) for _ in range(n))


def clauses(n, dice):
    """Rows put together from a few hundred clauses, as canned answers are: many share much, few are copies."""
    pool = [" ".join(f"{dice.choice('bcdfgl')}{dice.choice('aeiou')}{dice.randrange(60)}" for _ in range(7)) for _ in range(300)]
    return b"".join(line(". ".join(dice.choices(pool, k=dice.randrange(2, 6))).encode()) for _ in range(n))


def fields(n, _):
    return b"".join(b'{"text":"The lid leaks.",' + b",".join(b'"k%d":[{"a":{"b":[[]]}}]' % i for i in range(40)) + b"}\n" for _ in range(n // 40))


MB = 1 << 20
# name -> (bytes of `size` units of it, size at scale 1, do its rows grow with the size?)
INPUTS = {
    "word": (lambda n, dice: line("".join(dice.choices("abcdefghijklmnop", k=min(n, LONGEST))).encode()), 3 * MB, False),
    "words": (distinct, 250000, True),
    "combining": (lambda n, _: in_rows("\u0301".encode(), n), 2 * MB, False),
    "combining_one": (lambda n, _: one("\u0301".encode(), n), 3 * MB, False),
    "dots": (lambda n, _: one(b".", n), 3 * MB, False),
    "blanks": (lambda n, _: one(b" ", n), 3 * MB, False),
    "letter": (lambda n, _: one(b"a", n), 3 * MB, False),
    "breaks": (lambda n, _: one(b"\\n", n), 3 * MB, False),
    "quotes": (lambda n, _: one(b"> ", n), 3 * MB, False),
    "quoted_lines": (lambda n, _: one(b"> a\\n", n), 3 * MB, False),
    "addresses": (lambda n, _: one(b"a@b.c/", n), 3 * MB, False),
    "digits": (lambda n, _: one(b"1234 ", n), 3 * MB, False),
    "sentences": (lambda n, _: one(b"I wish. ", n), 3 * MB, False),
    "cue_words": (lambda n, _: one(b"i have to ", n), 3 * MB, False),
    "cjk": (lambda n, _: one("\u6f0f".encode(), n), 3 * MB, False),
    "invalid": (lambda n, dice: in_rows(bytes(b for b in dice.randbytes(4096) if b > 127), n), 4 * MB, False),
    "zeros": (lambda n, _: in_rows(b"\\u0000", n), 4 * MB, False),
    "surrogates": (lambda n, _: in_rows(b"\\ud800\\ud800\\udc00", n), 4 * MB, False),
    "deep": (lambda n, _: b'{"text":"The lid leaks.","x":' + b"[" * min(n, LONGEST) + b"]}\n" + line(b"fine"), 3 * MB, False),
    "fields": (fields, 200000, True),
    "empty": (lambda n, _: line(b"") * n, 100000, False),
    "identical": (lambda n, _: line(b"The lid leaks every morning and I wipe the counter.") * n, 100000, False),
    "half_shared": (half_shared, 5000, True),
    "clauses": (clauses, 10000, True),
    "endless_line": (lambda n, _: b'{"text":"' + b"a" * n, 16 * MB, False),
    "csv_quote": (lambda n, _: b'id,text\n1,"' + b"never closed, " * (n // 14), 8 * MB, False),
    "csv_commas": (lambda n, _: b"id,text\n" + b"," * n + b"\n", 8 * MB, False),
    "json_array": (lambda n, _: b"[" + b'{"text":"a"},' * (n // 13), 4 * MB, False),
}
FEW_ROWS = {"words": 25000, "half_shared": 500, "clauses": 500, "fields": 20000}  # for mine


def suffix(name):
    return ".csv" if name.startswith("csv") else ".json" if name == "json_array" else ".jsonl"


def run(program, verb, source, folder, limit):
    out = os.path.join(folder, "out")
    code, cpu, peak, said = cost([program, verb, source, "-o", out, "--threads", "1", "--quiet"] + (["--decoys", "1"] if verb == "mine" else []),
                                 limit=limit)
    for name in os.listdir(folder):
        if name.startswith("out"):
            path = os.path.join(folder, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
    return code, cpu, peak, said


def case(args, verb, name, folder, idle):
    make, size, rows_grow = INPUTS[name]
    size = FEW_ROWS.get(name, size) if verb == "mine" else size
    wrong, seconds, peaks, said = set(), [], [], ""
    for times in (1, 2, 4):
        data = make(int(size * args.scale * times), random.Random(1))
        source = os.path.join(folder, "in" + suffix(name))
        with open(source, "wb") as file:
            file.write(data)
        longest, rows = max(map(len, data.split(b"\n"))), data.count(b"\n")
        del data
        code, cpu, peak, said = run(args.program, verb, source, folder, args.limit)
        if times == 4 and growth(seconds[0], cpu, idle) > EXPONENT:  # noise? the least of three, at both ends
            cpu = min([cpu] + [run(args.program, verb, source, folder, args.limit)[1] for _ in range(2)])
        seconds.append(cpu)
        peaks.append(peak)
        if code is None:
            wrong.add("late")
            break
        if code < 0 or code == 5:
            wrong.add("crash")
        if peak > FIXED + RECORDS * min(longest, 16 * MB) + A_ROW[verb] * rows:
            wrong.add("large")
    exponent = growth(seconds[0], seconds[-1], idle) if len(seconds) == 3 else math.nan
    if exponent > (EXPONENT_MINE if verb == "mine" and rows_grow else EXPONENT):
        wrong.add("slow")
    return [verb, name, *(round(s, 3) for s in seconds + [math.nan] * (3 - len(seconds))), round(exponent, 2), max(peaks) >> 20,
            " ".join(sorted(wrong)), said[:80] if wrong else ""]


def growth(first, last, idle):
    """The exponent between sizes 1 and 4, of what is beyond an empty run; 1 where that is too little to tell."""
    if last - idle < LEAST:
        return 1
    return math.log((last - idle) / max(first - idle, LEAST / 8), 4)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/edgewise")
    parser.add_argument("--verbs", default=",".join(VERBS))
    parser.add_argument("--inputs", default=",".join(INPUTS))
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--limit", type=float, default=120, help="seconds of wall clock a run may take")
    parser.add_argument("--csv", help="write the table here, too")
    args = parser.parse_args()
    known = subprocess.run([args.program, "help"], capture_output=True, text=True).stdout
    rows, bad = [["verb", "input", "cpu_1", "cpu_2", "cpu_4", "exponent", "peak_mib", "wrong", "said"]], 0
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(rows[0])
    with tempfile.TemporaryDirectory() as folder:
        tiny = os.path.join(folder, "tiny.jsonl")
        with open(tiny, "wb") as file:
            file.write(line(b"The lid leaks."))
        for verb in args.verbs.split(","):
            if f"  {verb} " not in known:
                print(f"{verb}: this program has no such verb", file=sys.stderr)
                continue
            idle = min(run(args.program, verb, tiny, folder, args.limit)[1] for _ in range(3))
            for name in args.inputs.split(","):
                rows.append(case(args, verb, name, folder, idle))
                bad += bool(rows[-1][7])
                out.writerow(rows[-1])
                sys.stdout.flush()
    if args.csv:
        with open(args.csv, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
