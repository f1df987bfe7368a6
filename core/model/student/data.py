"""Shards of texts with their pieces and the teacher's vectors; batches of near-equal length."""
import glob
import os
import re

import numpy as np
from safetensors.numpy import load_file

HERE = os.path.dirname(os.path.abspath(__file__))
STATIC = os.path.join(HERE, "..", "default.safetensors")
LENGTHS = (6, 9, 14, 21, 31, 45, 64)  # of batches; longer texts are cut
BATCH = 8192                          # pieces, blanks included
OUT = 256


def unit(x):
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-9)


def kept_pieces():
    """bool [V]: pieces with a letter or digit. The others, and [UNK] and its like, are left out before anything else."""
    with open(os.path.join(HERE, "..", "vocab.txt"), encoding="utf-8") as stream:
        pieces = [line.rstrip("\n") for line in stream]
    return np.array([any(c.isalnum() for c in piece) and not re.fullmatch(r"\[.+\]", piece) for piece in pieces])


def static_table():
    model = load_file(STATIC)
    return model["embeddings"].astype(np.float32) * model["scales"][:, None]


def sums(table, ids, starts):
    """Unit vectors float16 [n, OUT] of the sums of rows of each list; lists without a piece give zeros."""
    out = np.zeros((len(starts) - 1, table.shape[1]), np.float16)
    for at in range(0, len(out), 5000):
        end = min(at + 5000, len(out))
        some = np.flatnonzero(starts[at + 1:end + 1] > starts[at:end])
        rows = table[ids[starts[at]:starts[end]]]
        out[at + some] = unit(np.add.reduceat(rows, starts[at + some] - starts[at], axis=0)) if len(some) else 0
    return out


class Texts:
    def __init__(self, folder, names=None, columns=None):
        """names: of shards, all where None; columns [384, OUT]: directions that replace the teacher's, from its vectors if None."""
        names = names or sorted(os.path.basename(p)[:-len(".ids.bin")] for p in glob.glob(os.path.join(folder, "*.ids.bin")))
        keep, ids, lengths, target = kept_pieces(), [], [], []
        for name in names:
            path = os.path.join(folder, name)
            all_ids = np.fromfile(path + ".ids.bin", np.uint32).astype(np.int32)
            starts = np.fromfile(path + ".ids.offsets.bin", np.uint64).astype(np.int64)
            before = np.concatenate([[0], np.cumsum(keep[all_ids])])
            lengths.append(np.diff(before[starts]))
            ids.append(all_ids[keep[all_ids]])
            target.append(np.load(path + ".npy").astype(np.float16))
        self.ids, self.lengths, target = np.concatenate(ids), np.concatenate(lengths), np.concatenate(target)
        self.starts = np.concatenate([[0], np.cumsum(self.lengths)])
        self.static = sums(static_table(), self.ids, self.starts)
        if columns is None:
            parts = (target[at:at + 20000].astype(np.float32) for at in range(0, len(target), 20000))
            columns = np.linalg.eigh(sum(part.T @ part for part in parts))[1][:, ::-1][:, :OUT].astype(np.float32)
        self.columns = columns
        self.target = np.concatenate([unit(target[at:at + 20000].astype(np.float32) @ columns).astype(np.float16)
                                      for at in range(0, len(target), 20000)])

    def __len__(self):
        return len(self.lengths)

    def batch(self, rows, most):
        ids = np.zeros((len(rows), most), np.int32)
        mask = np.zeros((len(rows), most), np.float32)
        for k, i in enumerate(rows):
            n = min(self.lengths[i], most)
            ids[k, :n] = self.ids[self.starts[i]:self.starts[i] + n]
            mask[k, :n] = 1
        return ids, mask, self.static[rows].astype(np.float32), self.target[rows].astype(np.float32)

    def batches(self, rows, rng, pieces=BATCH):
        """Every row once, in batches of one length each; what does not fill a batch is left for another epoch."""
        rows = rng.permutation(rows)
        place = np.searchsorted(LENGTHS, np.minimum(self.lengths[rows], LENGTHS[-1]))
        found = []
        for k, most in enumerate(LENGTHS):
            here, size = rows[place == k], pieces // most
            found += [(here[at:at + size], most) for at in range(0, len(here) - size + 1, size)]
        return [found[i] for i in rng.permutation(len(found))]
