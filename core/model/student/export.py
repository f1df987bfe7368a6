"""export.py TRAINED.npz OUT.safetensors: the trained network in int8, each row with a scale of its own."""
import json
import struct
import sys

import numpy as np
from safetensors.numpy import load_file

import data
import net

MASK = (1 << 64) - 1


def fold(a, b):
    x = a * b
    return (x >> 64) ^ (x & MASK)


def digest(raw):
    """The 64 bits by which the engine names files (core/base/hash.c)."""
    h = (0xa0761d6478bd642f + len(raw) * 0xe7037ed1a0b428db) & MASK
    body = (len(raw) - 1) // 16 * 16 if len(raw) > 16 else 0
    for a, b in struct.iter_unpack("<QQ", raw[:body]):
        h = fold(a ^ 0x8ebc6af09c88c6e3, b ^ h)
    a, b = struct.unpack("<QQ", raw[body:].ljust(16, b"\0"))
    h = fold(a ^ 0x589965cc75374cc3, b ^ h)
    return f"{fold(h ^ 0xa0761d6478bd642f, h ^ len(raw) ^ 0x1d8e4e27c47d124f):016x}"


def rounded(rows):
    scales = np.maximum(np.abs(rows).max(1), 1e-12).astype(np.float32) / 127
    return np.clip(np.rint(rows / scales[:, None]), -127, 127).astype(np.int8), scales


def whole(p):
    """What a variant leaves out is zero: the engine's network is the full one."""
    hidden, zeros = len(p["first_bias"]), lambda *shape: np.zeros(shape, np.float32)
    p = {"second": zeros(net.SECOND, hidden), "second_bias": zeros(net.SECOND), "heed": zeros(net.POOLS, hidden),
         "whole": zeros(net.SECOND, hidden), "pooled": zeros(net.INNER, net.SECOND)} | p
    if len(p["first"]) == hidden: # the piece alone
        p["first"] = np.vstack([zeros(*p["first"].shape), p["first"], zeros(*p["first"].shape)])
    return p


def network(p):
    """{name: (int8 rows, scales, bias or None)} as core/vectors/student_open.c reads them."""
    zeros = np.zeros(len(p["heed"]), np.float32)
    layers = {"first": (p["first"], None), "second": (np.vstack([p["second"], p["heed"]]), np.concatenate([p["second_bias"], zeros])),
              "whole": (p["whole"], None), "mean": (p["mean"], None), "pooled": (p["pooled"], None),
              "static": (p["static"], p["static_bias"]), "down": (p["down"], None), "skip": (p["skip"], None)}
    return {name: (*rounded(w), bias) for name, (w, bias) in layers.items()}


def tensors(p):
    own, scales = rounded(p["own"])
    scales[~data.kept_pieces()] = 0
    out = {"own": own, "own.scales": scales, "first.bias": p["first_bias"].astype(np.float32)}
    for name, (rows, scales, bias) in network(p).items():
        out |= {name: rows, name + ".scales": scales}
        if bias is not None:
            out[name + ".bias"] = bias.astype(np.float32)
    return out


def write(path, found, notes):
    order = sorted(found, key=lambda name: (found[name].dtype == np.int8, name))  # floats first: at multiples of four bytes
    header, at = {"__metadata__": notes}, 0
    for name in order:
        kind = "I8" if found[name].dtype == np.int8 else "F32"
        header[name] = {"dtype": kind, "shape": list(found[name].shape), "data_offsets": [at, at + found[name].nbytes]}
        at += found[name].nbytes
    raw = b"".join(np.ascontiguousarray(found[name]).tobytes() for name in order)
    notes["sum"] = digest(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 64 + 56)  # the data begin at a multiple of 64
    with open(path, "wb") as stream:
        stream.write(struct.pack("<Q", len(text)) + text + raw)


def main():
    trained, path = sys.argv[1:]
    p = whole({k: np.asarray(v, np.float32) for k, v in np.load(trained).items()})
    with open(data.STATIC, "rb") as stream:
        static = digest(stream.read())
    write(path, tensors(p), {"student": "1", "static": static, "sum": ""})
    if load_file(path)["own"].shape != p["own"].shape:
        raise SystemExit("the file does not read back")


if __name__ == "__main__":
    main()
