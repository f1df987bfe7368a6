#!/usr/bin/env python3
"""Side by side with the fastest that a Python programmer can install, stage by stage, on the same file and the same cores.

    bench/peers.py [FILE.jsonl.zst] [--rows 60000] [--stages read,tokens,embed,families] [--rounds 3] [--threads 1] [--csv FILE]

Contenders take turns, each in a process of its own, pinned to --threads cores. Imports, models and the texts (but for `read`) are
loaded before a peer's clock starts, and its answer may stay in the form it likes best; edgewise's seconds are its own --timings, so
process start, model and writing of files are left out for both. The CPU seconds of a stage are those of the process, shared out as its
wall is. `times` is the median over rounds of peer / edgewise, CPU to CPU: believe it, not the seconds. Answers are compared:
`agrees` is the share of texts with the same text (read), the same ids (tokens), a cosine above .999 (embed), the same answer to
"is it in a family?" (families). Peers are installed into build/bench-venv from requirements.txt.
"""
import argparse
import csv
import json
import os
import re
import statistics
import struct
import subprocess
import sys
import time

from common import cost, sample

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL, VOCAB = (os.path.join(HERE, "../core/model", name) for name in ("default.safetensors", "vocab.txt"))
KEYS = {"read": ("tokens", ["read"]), "tokens": ("tokens", ["tokens"]), "embed": ("embed", ["tokens", "embed"]),
        "families": ("families", ["families"])}
PERMUTATIONS, BANDS, SAME = 128, 16, .8


# ---- the peers: each gets what it needs and returns (the timed call, how to make its answer comparable) ----

def texts_of(path):
    import orjson
    import zstandard
    with open(path, "rb") as file:
        data = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read()
    return [orjson.loads(one)["text"] for one in data.splitlines() if one]


def tokenizer():
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
    with open(VOCAB, encoding="utf-8") as lines:
        numbers = {piece.rstrip("\n"): i for i, piece in enumerate(lines)}
    out = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=100))
    out.normalizer, out.pre_tokenizer = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    out.decoder = decoders.WordPiece()
    return out


def tokenizer_file(work):
    path = os.path.join(work, "tokenizer.json")
    tokenizer().save(path)
    return path


def table():
    """The default model's rows as floats; that of [UNK] is nothing, as edgewise has it."""
    import numpy as np
    with open(MODEL, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        head = json.loads(file.read(size))
        data = file.read()
    parts = {name: np.frombuffer(data[slice(*about["data_offsets"])], {"I8": np.int8, "F32": np.float32}[about["dtype"]]).reshape(about["shape"])
             for name, about in head.items() if name != "__metadata__"}
    rows = parts["embeddings"].astype(np.float32) * parts["scales"][:, None]
    rows[tokenizer().token_to_id("[UNK]")] = 0
    return rows


def read_pyarrow(path, work, threads):
    import pyarrow
    import pyarrow.json
    only = pyarrow.json.ParseOptions(explicit_schema=pyarrow.schema([("text", pyarrow.string())]), unexpected_field_behavior="ignore")

    def timed():
        with pyarrow.input_stream(path, compression="zstd") as stream:
            return pyarrow.json.read_json(stream, pyarrow.json.ReadOptions(use_threads=threads > 1, block_size=4 << 20), only)["text"]
    return timed, lambda column: column.to_pylist()


def read_polars(path, work, threads):
    import polars
    return (lambda: polars.scan_ndjson(path, schema={"text": polars.String}).collect()["text"]), lambda column: column.to_list()


def tokens_hf(path, work, threads):
    texts, own = texts_of(path), tokenizer()
    return (lambda: own.encode_batch_fast(texts, add_special_tokens=False)), lambda rows: [row.ids for row in rows]


def tokens_nanotoken(path, work, threads):
    import nanotoken
    texts, own = texts_of(path), nanotoken.Tokenizer(tokenizer_file(work))
    return (lambda: own.encode_batch(texts, add_special_tokens=False)), ragged


def ragged(rows):
    ids, at = rows.ids.tolist(), rows.offsets.tolist()
    return [ids[a:b] for a, b in zip(at, at[1:])]


def embed_model2vec(path, work, threads):
    from model2vec import StaticModel
    texts, own = texts_of(path), StaticModel(table(), tokenizer(), normalize=True)
    own.encode(texts[:100])
    return (lambda: own.encode(texts, max_length=None, use_multiprocessing=threads > 1)), lambda rows: rows


def embed_assembled(path, work, threads):
    """The best of parts: nanotoken's ids, a sparse product by SciPy, one norm."""
    import nanotoken
    import numpy as np
    import scipy.sparse
    texts, rows, own = texts_of(path), table(), nanotoken.Tokenizer(tokenizer_file(work))

    def timed():
        found = own.encode_batch(texts, add_special_tokens=False)
        which = scipy.sparse.csr_matrix((np.ones(len(found.ids), np.float32), found.ids.astype(np.int32), found.offsets),
                                        shape=(len(texts), len(rows)))
        sums = which @ rows
        return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return timed, lambda vectors: vectors


def shingles(text):
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[i:i + 3]) for i in range(max(1, len(words) - 2))]


def families_rensa(path, work, threads):
    from rensa import RMinHash, RMinHashLSH
    texts = texts_of(path)

    def timed():
        sketches = RMinHash.from_token_sets([shingles(text) for text in texts], PERMUTATIONS, 1)
        index = RMinHashLSH(SAME, PERMUTATIONS, BANDS)
        index.insert_many(sketches)
        above = list(range(len(texts)))

        def top(row):
            while above[row] != row:
                above[row] = row = above[above[row]]
            return row
        for row, others in enumerate(index.query_all(sketches)):
            for other in others:
                if other < row and top(other) != top(row) and sketches[row].jaccard(sketches[other]) >= SAME:
                    above[top(row)] = top(other)
        return [top(row) for row in range(len(texts))]
    return timed, in_family


def in_family(tops):
    size = {}
    for one in tops:
        size[one] = size.get(one, 0) + 1
    return [size[one] > 1 for one in tops]


PEERS = {"read": {"pyarrow": read_pyarrow, "polars": read_polars},
         "tokens": {"tokenizers": tokens_hf, "nanotoken": tokens_nanotoken},
         "embed": {"model2vec": embed_model2vec, "nanotoken+scipy": embed_assembled},
         "families": {"rensa": families_rensa}}


# ---- edgewise, and what it says beside what a peer says ----

def ours(program, stage, path, work, threads):
    out, timings = os.path.join(work, "ours." + stage), os.path.join(work, "timings.json")
    verb, keys = KEYS[stage]
    code, cpu, _, said = cost([program, verb, path, "-o", out, "--threads", str(threads), "--quiet", "--timings", timings], threads)
    if code != 0:
        sys.exit(f"edgewise {verb}: {said}")
    with open(timings, encoding="utf-8") as file:
        found = json.load(file)
    wall = sum(found[key] for key in keys)
    return {"wall": wall, "cpu": cpu * wall / found["total"]}


def agreement(stage, answer, path, work):
    import numpy as np
    out = os.path.join(work, "ours." + stage)
    if stage == "read":
        right = texts_of(path)
    elif stage == "tokens":
        ids, at = np.fromfile(out, "<u4").tolist(), np.fromfile(out + ".offsets.bin", "<u8").tolist()
        right = [ids[a:b] for a, b in zip(at, at[1:])]
    elif stage == "embed":
        right = np.load(out)
        same = (right * answer).sum(1) > .999
        return float((same | ((right == 0).all(1) & (abs(answer) < 1e-6).all(1))).mean())
    else:
        right = [False] * len(answer)
        with open(out, encoding="utf-8") as lines:
            for row in (row for one in lines for row in json.loads(one)["rows"]):
                right[row] = True
    return sum(a == b for a, b in zip(right, answer)) / max(len(right), len(answer), 1)


def work_as_peer(stage, name, path, work, threads):
    timed, comparable = PEERS[stage][name](path, work, threads)
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    answer = timed()
    spent = {"wall": time.perf_counter() - wall, "cpu": sum(os.times()[:4]) - cpu}
    print(json.dumps(spent | {"agrees": round(agreement(stage, comparable(answer), path, work), 5)}), flush=True)
    os._exit(0)  # no tear-down of runtimes


def venv():
    path, wanted = "build/bench-venv", os.path.join(HERE, "requirements.txt")
    python, stamp = os.path.join(path, "bin/python"), os.path.join(path, "made-from")
    with open(wanted, encoding="utf-8") as file:
        text = file.read()
    if not os.path.exists(stamp) or open(stamp, encoding="utf-8").read() != text:
        subprocess.run([sys.executable, "-m", "venv", "--clear", path], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "--disable-pip-version-check", "-r", wanted], check=True)
        with open(stamp, "w", encoding="utf-8") as file:
            file.write(text)
    return python


def peer(python, stage, name, path, work, threads):
    names = ("OMP", "OPENBLAS", "RAYON", "POLARS_MAX", "ARROW_IO")
    env = {("POLARS_MAX_THREADS" if n == "POLARS_MAX" else f"{n}_NUM_THREADS"): str(threads) for n in names}
    env |= {"TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false", "OMP_WAIT_POLICY": "passive"}
    cores = sorted(os.sched_getaffinity(0))[:threads]
    done = subprocess.run([python, os.path.abspath(__file__), path, "--as-peer", f"{stage}/{name}", "--work", work, "--threads", str(threads)],
                          env=dict(os.environ, **env), capture_output=True, text=True, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    if done.returncode != 0:
        sys.exit(f"{name}: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?")
    parser.add_argument("--program", default="build/release/edgewise")
    parser.add_argument("--rows", type=int, default=60000, help="of the sample, where no file is given")
    parser.add_argument("--stages", default=",".join(PEERS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--python", help="one that has the peers; none: build/bench-venv is made")
    parser.add_argument("--csv", help="write the table here, too")
    parser.add_argument("--work", default="build/bench")
    parser.add_argument("--as-peer", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.as_peer:
        work_as_peer(*args.as_peer.split("/", 1), args.file, args.work, args.threads)
    os.makedirs(args.work, exist_ok=True)
    python, path = args.python or venv(), args.file or sample(args.rows, args.work)
    table_rows = [["stage", "contender", "threads", "cpu", "wall", "times", "agrees"]]
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(table_rows[0])
    for stage in args.stages.split(","):
        runs = {"edgewise": []} | {name: [] for name in PEERS[stage]}
        for _ in range(args.rounds):
            for name, seen in runs.items():
                seen.append(ours(args.program, stage, path, args.work, args.threads) if name == "edgewise" else
                            peer(python, stage, name, path, args.work, args.threads))
        for name, seen in runs.items():
            ratio = statistics.median(run["cpu"] / own["cpu"] for run, own in zip(seen, runs["edgewise"]))
            row = [stage, name, args.threads, *(round(statistics.median(run[key] for run in seen), 4) for key in ("cpu", "wall")),
                   round(ratio, 2), min(run["agrees"] for run in seen) if name != "edgewise" else ""]
            table_rows.append(row)
            out.writerow(row)
            sys.stdout.flush()
    if args.csv:
        with open(args.csv, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(table_rows)


if __name__ == "__main__":
    main()
