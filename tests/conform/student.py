#!/usr/bin/env python3
"""`edgewise embed --encoder student` against a plain forward pass of the same weights in NumPy floats, on texts of the sample corpus and
on odd ones. The cosine has to be at least .998 in the mean and .99 at worst; threads and instruction sets give the same bytes.

    tests/conform/student.py build/release/edgewise [--texts 300]     (needs pip install tokenizers numpy)
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from tokenizers import BertWordPieceTokenizer

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "core" / "model"
SAMPLE = ROOT / "build" / "sample" / "quarter.jsonl"
ODD = ["a", "word " * 400, "x" * 300, "not good is it", "it is not good", "ALL CAPS!!!", "1 2 3 4 5", "\u00e9t\u00e9 na\u00efve", "..."]
LONGEST, POOLS, STEEPEST = 256, 16, 10


def tensors(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    found = {}
    for name, t in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            kind = {"I8": "<i1", "F32": "<f4"}[t["dtype"]]
            found[name] = np.frombuffer(data, kind, int(np.prod(t["shape"])), 8 + size + t["data_offsets"][0]).reshape(t["shape"])
    return found


def unit(x):
    return x / max(float(np.linalg.norm(x)), 1e-12)


class Reference:
    def __init__(self):
        t = tensors(MODEL / "student" / "student.safetensors")
        self.w = {name: t[name] * t[name + ".scales"][:, None] for name in t if name + ".scales" in t}
        self.bias = {name[:-5]: t[name] for name in t if name.endswith(".bias")}
        self.counts = t["own.scales"] > 0
        table = tensors(MODEL / "default.safetensors")
        self.table = table["embeddings"] * table["scales"][:, None]
        self.tokenizer = BertWordPieceTokenizer(str(MODEL / "vocab.txt"), lowercase=True)

    def embed(self, text):
        ids = [i for i in self.tokenizer.encode(text, add_special_tokens=False).ids if self.counts[i]][:LONGEST]
        if not ids:
            return np.zeros(self.table.shape[1])
        w = self.w
        left, centre, right = np.split(w["own"][ids] @ w["first"].T, 3, 1)
        h = centre + self.bias["first"]
        h[1:] += left[:-1]
        h[:-1] += right[1:]
        h = np.maximum(h, 0)
        mean, static = h.mean(0), unit(self.table[ids].sum(0))
        second = w["whole"].shape[0]
        z = h @ w["second"].T + self.bias["second"]
        weights = np.exp(np.clip(z[:, second:], -STEEPEST, STEEPEST))
        weights /= weights.sum(0)
        z = np.maximum(z[:, :second] + w["whole"] @ mean, 0).reshape(len(ids), POOLS, -1)
        pooled = (z * weights[:, :, None]).sum(0).reshape(-1)
        u = np.maximum(w["mean"] @ mean + w["static"] @ static + self.bias["static"] + w["pooled"] @ pooled, 0)
        return unit(w["skip"] @ static + w["down"] @ u)


def run(program, corpus, out, threads, isa=None):
    environment = dict(os.environ, **({"EDGEWISE_ISA": isa} if isa else {}))
    subprocess.run([program, "embed", corpus, "-o", out, "--encoder", "student", "--threads", str(threads), "--quiet"], check=True,
                   env=environment)
    return Path(out).read_bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--texts", type=int, default=300)
    opt = parser.parse_args()
    with open(SAMPLE, encoding="utf-8") as stream:
        texts = [json.loads(next(stream))["text"] for _ in range(opt.texts)] + ODD
    results = []
    with tempfile.TemporaryDirectory() as folder:
        corpus, out = os.path.join(folder, "corpus.jsonl"), os.path.join(folder, "out.npy")
        with open(corpus, "w", encoding="utf-8") as stream:
            stream.writelines(json.dumps({"id": str(i), "text": text}) + "\n" for i, text in enumerate(texts))
        first = run(opt.program, corpus, out, 1)
        have = np.load(out)
        reference = Reference()
        want = np.array([reference.embed(text) for text in texts])
        empty = np.linalg.norm(want, axis=1) == 0
        cosine = (have * want).sum(1)[~empty]
        print(f"cosine to the reference: mean {cosine.mean():.5f}, worst {cosine.min():.5f}")
        results.append(("cosine", cosine.mean() >= .998 and cosine.min() >= .99))
        results.append(("texts without a word", not np.abs(have[empty]).any()))
        results.append(("threads", all(run(opt.program, corpus, out, n) == first for n in (2, 3, 8))))
        names = subprocess.run([opt.program, "doctor"], check=True, capture_output=True, text=True).stdout
        isas = next(line for line in names.splitlines() if line.startswith("instruction sets")).split()[2:]
        results.append(("instruction sets", all(run(opt.program, corpus, out, 2, isa) == first for isa in isas)))
    failed = [name for name, good in results if not good]
    for name in failed:
        print(f"FAIL {name}")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
