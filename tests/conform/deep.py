#!/usr/bin/env python3
"""`edgewise embed --encoder deep` against a plain forward pass of the same weights in NumPy, on texts of the sample corpus and on
odd ones. The cosine has to be at least .99 in the mean and .95 at worst; threads and instruction sets have to give the same bytes.
With floats (deep.c) it has to be .9999 at worst.

    tests/conform/deep.py build/release/edgewise WEIGHTS [--floats DEEP] [--texts 120]     (needs pip install tokenizers numpy)
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from math import erf
from pathlib import Path

import numpy as np
from tokenizers import BertWordPieceTokenizer

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "build" / "sample" / "quarter.jsonl"
ODD = ["a", "?", "word " * 400, "x" * 300, "\u65e5\u672c\u8a9e", "\U0001f600 fine", "ALL CAPS!!!", "1 2 3 4 5 6 7 8 9", "\u00e9t\u00e9 na\u00efve"]


def safetensors(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    return {name: np.frombuffer(data, "<f4", int(np.prod(t["shape"])), 8 + size + t["data_offsets"][0]).reshape(t["shape"])
            for name, t in header.items() if t["dtype"] == "F32"}


class Reference:
    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        self.weights = safetensors(folder / "model.safetensors")
        self.tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=True)
        self.longest = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
        steps = np.linspace(-12, 12, 200001)                      # erf by interpolation: error below 1e-8
        self.erf = steps, np.array([erf(x) for x in steps])

    def dense(self, x, name):
        return x @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12) * self.weights[name + ".weight"] + self.weights[name + ".bias"]

    def ids(self, text):
        ids = self.tokenizer.encode(text).ids
        return ids if len(ids) <= self.longest else ids[:self.longest - 1] + ids[-1:]

    def embed(self, text):
        ids = self.ids(text)
        table = {name: self.weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")}
        x = self.norm(table["word"][ids] + table["position"][:len(ids)] + table["token_type"][0], "embeddings.LayerNorm")
        heads = self.config["num_attention_heads"]
        for layer in range(self.config["num_hidden_layers"]):
            at = f"encoder.layer.{layer}."
            q, k, v = (self.dense(x, f"{at}attention.self.{part}").reshape(len(ids), heads, -1).transpose(1, 0, 2)
                       for part in ("query", "key", "value"))
            score = np.exp(q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1]))
            mixed = (score / score.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(x.shape)
            x = self.norm(self.dense(mixed, at + "attention.output.dense") + x, at + "attention.output.LayerNorm")
            wide = self.dense(x, at + "intermediate.dense")
            wide = (wide * 0.5 * (1 + np.interp(wide * 2 ** -0.5, *self.erf))).astype(np.float32)
            x = self.norm(self.dense(wide, at + "output.dense") + x, at + "output.LayerNorm")
        mean = x.mean(0)
        return mean / np.linalg.norm(mean)


def ours(program, weights, source, out, threads, isa=""):
    command = [program, "embed", source, "-o", out, "--encoder", "deep", "--weights", weights, "--threads", threads, "--quiet"]
    subprocess.run([str(word) for word in command], check=True, env=os.environ | ({"EDGEWISE_ISA": isa} if isa else {}))
    return np.load(out), out.read_bytes()


def of_floats(program, weights, lists, folder):
    """Vectors of lists of ids with [CLS] and [SEP], by deep.c."""
    source, out = folder / "ids.bin", folder / "floats.f32"
    starts = np.concatenate([[0], np.cumsum([len(ids) - 2 for ids in lists])])
    source.write_bytes(np.concatenate([[len(lists)], starts]).astype("<u8").tobytes() +
                       np.concatenate([ids[1:-1] for ids in lists]).astype("<u4").tobytes())
    subprocess.run([program, weights, source, out], check=True)
    return np.fromfile(out, np.float32).reshape(len(lists), -1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("weights", type=Path)
    parser.add_argument("--floats", type=Path, help="deep.c, compiled")
    parser.add_argument("--texts", type=int, default=120)
    options = parser.parse_args()
    with SAMPLE.open(encoding="utf-8") as lines:
        texts = [text for text in (json.loads(line).get("text", "") for line in lines) if text][:options.texts] + ODD
    reference = Reference(options.weights)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "in.jsonl"
        source.write_text("".join(json.dumps({"id": str(i), "text": text}) + "\n" for i, text in enumerate(texts)))
        got, first = ours(options.program, options.weights, source, folder / "1.npy", 1)
        same = [ours(options.program, options.weights, source, folder / "2.npy", *how)[1] == first
                for how in ((2,), (3,), (1, "avx2"), (1, "avx512"))]
        whole = options.floats and of_floats(options.floats, options.weights, [reference.ids(text) for text in texts], folder)
    right = [reference.embed(text) for text in texts]
    cosine = np.array([a @ b for a, b in zip(got, right)])
    print(f"cosine to the reference over {len(texts)} texts: mean {cosine.mean():.5f}, worst {cosine.min():.5f}")
    checks = [cosine.mean() >= .99, cosine.min() >= .95, all(same)]
    if options.floats:
        worst = min(a @ b for a, b in zip(whole, right))
        print(f"with floats: worst {worst:.6f}")
        checks.append(worst >= .9999)
    print(f"{sum(checks)} passed, {len(checks) - sum(checks)} failed")
    return 0 if all(checks) else 1


if __name__ == "__main__":
    sys.exit(main())
