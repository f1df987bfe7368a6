#!/usr/bin/env python3
"""Checks what the sample quarter promises. Exit 0 and one line a promise, or 1 and what is broken.

    check.py DIR [--rows 12000] [--seed 1]      DIR holds the output of generate.py with the same rows and seed
"""
import argparse
import csv
import filecmp
import json
import os
import re
import subprocess
import sys
import tempfile

from grammar import read_lines, read_parts

HERE = os.path.dirname(os.path.abspath(__file__))
NEEDS = os.path.join(HERE, "words", "needs")
COLUMNS = ["id", "text", "time", "rating", "product", "customer", "segment", "source", "lang"]
ASKS = re.compile(r"please|wish|should|would (be|love|like)|could you|add a|feature|option|if only|suggest|request|allow|hope", re.I)
BROKEN = []


def promise(title, faults):
    faults = list(faults)
    print(("ok   " if not faults else "FAIL ") + title)
    for fault in faults[:5]:
        print("     " + str(fault)[:300])
    BROKEN.extend(faults)


def load(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def shape(rows, count):
    yield from [f"{len(rows)} rows, not {count}"] if len(rows) != count else []
    last = ""
    for n, row in enumerate(rows):
        if list(row) != [c for c in COLUMNS if c in row]:
            yield f"{row['id']}: columns {list(row)}"
        if row["id"] != f"q{n + 1:06d}" or row["time"] < last:
            yield f"{row['id']}: out of order"
        if not "2026-07-01" <= row["time"] < "2026-10-01":
            yield f"{row['id']}: time {row['time']}"
        if ("rating" in row) and (row["source"] == "ticket" or row["rating"] not in (1, 2, 3, 4, 5)):
            yield f"{row['id']}: rating {row['rating']} in a {row['source']}"
        if row["source"] not in ("ticket", "review", "survey"):
            yield f"{row['id']}: source {row['source']}"
        last = row["time"]


def listed(by_id, gold):
    """Sizes, people, sorts, time."""
    latent = [g for g in gold if g["kind"] == "latent"]
    wishes = [g for g in gold if g["kind"] == "expressed"]
    if (len(latent), len(wishes)) != (12, 6):
        yield f"{len(latent)} latent needs and {len(wishes)} wishes, not 12 and 6"
    if [g["need"] for g in gold if g["emerging"]] != ["family-feed"]:
        yield "not exactly one emerging need"
    for sort in ("workaround", "effort", "resignation", "worry", "misuse"):
        if not any(g["sort"] == sort for g in latent):
            yield f"no latent need of the sort {sort}"
    seen = {}
    for g in gold:
        low, high = (6, 40) if g["kind"] == "latent" else (8, 30)
        if not low <= len(g["comments"]) <= high:
            yield f"{g['need']}: {len(g['comments'])} comments"
        missing = [c for c in g["comments"] if c not in by_id]
        if missing:
            yield f"{g['need']}: no such comment {missing}"
            continue
        people = [by_id[c].get("customer") for c in g["comments"]]
        if None in people or sorted(people) != sorted(dict.fromkeys(people)):
            yield f"{g['need']}: customers are not all different"
        for c in g["comments"]:
            if c in seen:
                yield f"{c}: in {seen[c]} and {g['need']}"
            seen[c] = g["need"]
        days = [by_id[c]["time"] for c in g["comments"]]
        if g["emerging"] and min(days) < "2026-09-03":
            yield f"{g['need']}: emerging, but heard on {min(days)}"
        if not g["emerging"] and int(max(days)[5:7]) == int(min(days)[5:7]):
            yield f"{g['need']}: not spread over the quarter"


def letters_only(text):
    return re.sub(r"[^a-z]", "", text.lower())


def spoken(by_id, gold):
    """Each gold comment carries a phrasing of its need, and no phrasing is used twice."""
    for g in gold:
        says = read_parts(os.path.join(NEEDS, g["need"].replace("-", "_") + ".txt"))[1]["say"]
        used = {}
        for c in g["comments"]:
            text = letters_only(by_id[c]["text"])
            got = [s for s in says if letters_only(s) in text]
            if not got:       # a slip of the finger: the nearest phrasing by shared words
                words = by_id[c]["text"].lower().split()
                got = [max(says, key=lambda s: sum(w in words for w in s.lower().split()) / len(s.split()))]
                if sum(w in words for w in got[0].lower().split()) < .6 * len(got[0].split()):
                    yield f"{c}: says nothing of {g['need']}"
            if got[0] in used:
                yield f"{g['need']}: {c} and {used[got[0]]} use one phrasing"
            used[got[0]] = c
            if g["kind"] == "latent" and ASKS.search(by_id[c]["text"]):
                yield f"{c} ({g['need']}) asks: {ASKS.search(by_id[c]['text']).group()}"


def banks():
    """The hand-written phrasings: enough, different, of a length, without a frame, the latent ones never asking."""
    for name in sorted(os.listdir(NEEDS)):
        header, parts, _ = read_parts(os.path.join(NEEDS, name))
        says, latent = parts["say"], header["kind"] == "latent"
        least = 15 if latent else int(header["size"])
        if len(dict.fromkeys(letters_only(s) for s in says)) < max(least, int(header["size"])):
            yield f"{name}: {len(says)} phrasings"
        grams = {}
        for n, say in enumerate(says):
            words = re.findall(r"[a-z']+", say.lower())
            if latent and not 8 <= len(say.split()) <= 40:
                yield f"{name}: {len(words)} words: {say}"
            if latent and ASKS.search(say):
                yield f"{name}: asks: {say}"
            for i in range(len(words) - 3):
                grams.setdefault(" ".join(words[i:i + 4]), {})[n] = True
        for gram, where in grams.items():
            if len(where) > 3:
                yield f"{name}: {len(where)} phrasings share '{gram}'"


def head(rows, gold):
    """No text of some length again and again, unless it is the campaign; macros and copies are there."""
    planted = {c: True for g in gold for c in g["comments"]}
    count = {}
    for row in rows:
        if row["id"] not in planted and len(row["text"].split()) >= 6:
            key = letters_only(row["text"])
            count[key] = count.get(key, 0) + 1
    for key, n in count.items():
        if n > 3:
            yield f"{n} times: {key[:80]}"
    for line in read_lines(os.path.join(HERE, "words", "macros.txt")):
        n = sum(line.split(" | ", 1)[1][:40] in row["text"] for row in rows)
        if n < 100 * len(rows) // 12000:
            yield f"a macro in only {n} tickets"
    n = sum("hollenbeck" in row["text"].lower() for row in rows)
    if n != 40:
        yield f"{n} campaign copies, not 40"


def tables(folder):
    for name, header in (("catalogue.csv", ["product", "name", "category", "launched"]), ("competitors.csv", ["name", "aliases"])):
        with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
            got = list(csv.reader(file))
        if got[0] != header or any(len(row) != len(header) for row in got) or len(got) < 4:
            yield f"{name}: not a table of {header}"


def twice(folder, rows, seed):
    with tempfile.TemporaryDirectory() as again:
        subprocess.run([sys.executable, os.path.join(HERE, "generate.py"), again, "--rows", str(rows), "--seed", str(seed)],
                       check=True, env=dict(os.environ, PYTHONHASHSEED="12345", LC_ALL="C"))
        for name in ("quarter.jsonl", "gold.jsonl", "catalogue.csv", "competitors.csv"):
            if not filecmp.cmp(os.path.join(folder, name), os.path.join(again, name), shallow=False):
                yield f"{name} differs between two runs"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dir")
    parser.add_argument("--rows", type=int, default=12000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rows = load(os.path.join(args.dir, "quarter.jsonl"))
    gold = load(os.path.join(args.dir, "gold.jsonl"))
    by_id = {row["id"]: row for row in rows}
    promise("rows, order and columns", shape(rows, args.rows))
    promise("needs: sizes, different people, spread in time", listed(by_id, gold))
    promise("each gold comment says its need, no phrasing twice, latent ones never ask", spoken(by_id, gold))
    promise("phrasings: at least 15 a need, no common frame, 8 to 40 words", banks())
    promise("the head does not repeat itself; macros and the campaign are there", head(rows, gold))
    promise("catalogue and competitors", tables(args.dir))
    promise("the same bytes again", twice(args.dir, args.rows, args.seed))
    if BROKEN:
        sys.exit(f"check.py: {len(BROKEN)} broken promises in {args.dir}")


if __name__ == "__main__":
    main()
