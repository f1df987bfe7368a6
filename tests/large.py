#!/usr/bin/env python3
"""The generator of large corpora keeps its word: the same bytes for any number of threads, packed or plain; records that parse; ids,
labels and planted needs that fit each other; the shares its README states.

    tests/large.py build/release/corpora/large/generate
"""
import collections
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile

ROWS = 20000
results = []


def check(what, good):
    results.append(bool(good))
    if not good:
        print(f"FAIL: {what}")


def make(program, folder, name, *more):
    path = os.path.join(folder, name)
    subprocess.run([program, "--rows", str(ROWS), "-o", path, *more], check=True)
    return path


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def labels_of(path):
    with open(path, "rb") as file:
        data = file.read()
    check("header of .npy", data[:8] == b"\x93NUMPY\x01\x00" and b"'<i4'" in data[:128] and f"({ROWS},)".encode() in data[:128])
    return struct.unpack(f"<{ROWS}i", data[128:])


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        one, three = make(program, folder, "one.jsonl.zst", "--threads", "1"), make(program, folder, "three.jsonl.zst", "--threads", "3")
        plain, other = make(program, folder, "plain.jsonl"), make(program, folder, "other.jsonl", "--seed", "2")
        check("same bytes for one thread and three", digest(one) == digest(three))
        for part in ("gold.jsonl", "labels.npy"):
            stem = os.path.join(folder, "one."), os.path.join(folder, "plain.")
            check(f"same {part}, packed or plain", digest(stem[0] + part) == digest(stem[1] + part))
        unpacked = subprocess.run(["zstd", "-dc", one], check=True, capture_output=True).stdout
        with open(plain, "rb") as file:
            check("packed is plain, packed", file.read() == unpacked)
        check("another seed is another corpus", digest(plain) != digest(other))
        rows = [json.loads(line) for line in unpacked.decode().splitlines()]
        check("rows", len(rows) == ROWS and len({row["id"] for row in rows}) == ROWS)
        labels = labels_of(os.path.join(folder, "one.labels.npy"))
        themes = collections.Counter(label for label in labels if label >= 0)
        check("many themes of very unequal size", len(themes) > 1500 and themes.most_common(1)[0][1] > 500 and min(themes.values()) == 1)
        place = {row["id"]: i for i, row in enumerate(rows)}
        with open(os.path.join(folder, "one.gold.jsonl"), encoding="utf-8") as lines:
            gold = [json.loads(line) for line in lines]
        check("planted needs", len(gold) == 12 and {need["kind"] for need in gold} == {"latent", "expressed"})
        check("their sizes", all(4 <= len(need["comments"]) <= 40 for need in gold))
        check("their comments are in no theme", all(labels[place[one]] == -1 for need in gold for one in need["comments"]))
        texts = collections.Counter(row["text"] for row in rows)
        check("copies", .02 < sum(n - 1 for n in texts.values() if n > 1) / ROWS < .09)
        bad = subprocess.run([program, "--rows", "0", "-o", plain], capture_output=True)
        check("no rows is an error", bad.returncode == 2 and b"--rows takes a number" in bad.stderr)
        lost = subprocess.run([program, "-o", os.path.join(folder, "no/such/folder.jsonl")], capture_output=True)
        check("no folder is an error", lost.returncode == 2 and b"cannot be written" in lost.stderr)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
