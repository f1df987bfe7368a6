#!/usr/bin/env python3
"""Imported models against the reference: models of every kind are made here from small vocabularies, saved by model2vec, and
given to `edgewise tokens` and `edgewise embed`. Ids have to be identical, vectors to have a cosine of .999 or more, for texts of
the sample corpus, made strings, hostile ones, and code points of all blocks.

    tests/conform/models.py build/release/edgewise [--texts 10000] [--seed 1] [--only NAME]
        (needs pip install tokenizers model2vec)
"""
import argparse
import json
import random
import struct
import subprocess
import sys
import tempfile
from array import array
from base64 import b64encode
from pathlib import Path

import numpy as np
from model2vec import StaticModel
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from tokens import MARKS, ODD, REPEATED, SAMPLE, any_point, is_scalar

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ALPHABET = [chr(p) for low, high in ((33, 127), (0xA1, 0x180), (0x391, 0x3CA), (0x410, 0x450)) for p in range(low, high)
            if chr(p).isprintable()]
GPT4 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
EXTRA = ["\u2581", "\u2581\u2581", "<s>", "</s>", "<unk>", "<mask>", " <mask>", "<mask> ", "<tag>", "a<tag>b", "TAG", "tag",
         "\u00a0", "\u0120", "\u010a", "don't", "WE'LL", "\u017f", "I\u2019ve", "1234567", "x\u00b2", "\u2460", "\u2167", "\r\n",
         "\n\n", "   ", "\t\t", "\uff21\uff42", "\ufb03", "\u212b", "e\u0301\u0323", "\u0323\u0301", "\u1e9b\u0323", "\u0958",
         "\u09c7\u09be", "\uac00\u11a8", "\u1100\u1161", "\u0d4a", "\u200b", "\u200d", "\ufeff", "\U0001f468\u200d\U0001f469",
         "\U0001f1e9\U0001f1ea", "\u0e01\u0e33", "\u0915\u094d\u0937", "<0x41>", "##", "##a", "\x85", "\x1c", "\u180e", "\u2028"]


def charsmap(rules):
    """A sentencepiece map of characters: a double-array trie of the keys, then the replacements."""
    blob, starts = b"", {}
    for value in rules.values():
        if value not in starts:
            starts[value] = len(blob)
            blob += value.encode() + b"\0"
    tree = {}
    for key, value in rules.items():
        node = tree
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node[0] = starts[value]
    units, free = [0] * (1 << 15), [True] * (1 << 15)
    free[0] = False

    def place(node, at):
        """The children of `node`, whose unit stands at `at`."""
        bytes_of = sorted(node)
        base = next(b for b in range(1, len(units)) if b ^ at and all(free[b ^ c] for c in bytes_of) and (b ^ at) < 1 << 21)
        offset = base ^ at
        units[at] |= offset << 10 | (1 << 8 if 0 in node else 0)
        for byte in bytes_of:
            free[base ^ byte] = False
        for byte in bytes_of:
            if byte == 0:
                units[base] = 1 << 31 | node[0]
            else:
                units[base ^ byte] |= byte
                place(node[byte], base ^ byte)

    place(tree, 0)
    packed = struct.pack(f"<{len(units)}I", *units)
    return b64encode(struct.pack("<I", len(packed)) + packed + blob).decode()


def trained(model, trainer, texts, normalizer=None, pre=None):
    tokenizer = Tokenizer(model)
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    if pre is not None:
        tokenizer.pre_tokenizer = pre
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def edited(tokenizer, change):
    tree = json.loads(tokenizer.to_str())
    change(tree)
    return Tokenizer.from_str(json.dumps(tree))


def wordpiece(texts, lower, accents, pre=None):
    trainer = trainers.WordPieceTrainer(vocab_size=3000, special_tokens=SPECIAL, initial_alphabet=ALPHABET, show_progress=False)
    return trained(models.WordPiece(unk_token="[UNK]"), trainer, texts,
                   normalizers.BertNormalizer(lowercase=lower, strip_accents=accents), pre or pre_tokenizers.BertPreTokenizer())


def unigram(texts, normalizer, pre, fallback=False, unknown="<unk>"):
    special = ["<s>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(vocab_size=3000, special_tokens=special, unk_token=unknown, initial_alphabet=ALPHABET,
                                      show_progress=False)
    tokenizer = trained(models.Unigram(), trainer, texts, normalizer, pre)
    if fallback:
        def change(tree):
            tree["model"]["byte_fallback"] = True
            tree["model"]["vocab"] += [[f"<0x{b:02X}>", -20.0 - b / 64] for b in range(256)]
        tokenizer = edited(tokenizer, change)
    return tokenizer


def bpe(texts, normalizer, pre, **options):
    alphabet = pre_tokenizers.ByteLevel.alphabet() if options.pop("byte_level", False) else ALPHABET
    special = options.pop("special", [])
    trainer = trainers.BpeTrainer(vocab_size=3000, special_tokens=special, initial_alphabet=alphabet, show_progress=False,
                                  **{k: options[k] for k in ("continuing_subword_prefix", "end_of_word_suffix") if k in options})
    return trained(models.BPE(**options), trainer, texts, normalizer, pre)


def old_merges(tree):
    tree["model"]["merges"] = [" ".join(pair) for pair in tree["model"]["merges"]]


def with_added(tokenizer):
    tokenizer.add_tokens([AddedToken("<tag>", single_word=True), AddedToken("TAG", normalized=True), AddedToken("refund please")])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, rstrip=True)])
    return tokenizer


def byte_pieces(tree):
    vocabulary = tree["model"]["vocab"]
    for byte in range(256):
        vocabulary.setdefault(f"<0x{byte:02X}>", len(vocabulary))
    tree["model"]["byte_fallback"] = True


def make_models(texts):
    """Name, tokenizer, type of the table, whether the vocabulary is quantised."""
    texts = texts[:3000]
    n, p = normalizers, pre_tokenizers
    accents = {chr(c): chr(b) for c, b in [(0xE9, 0x65), (0xE8, 0x65), (0xFC, 0x75), (0xFF21, 0x41), (0x2460, 0x31)]}
    spm = charsmap({**accents, "\ufb03": "ffi", "\u00a0": " ", "\u3000": " ", "e\u0301": "\u00e9", "\u00ad": "", "\u200b": "",
                    "\u2122": "TM", "\u304b\u3099": "\u304c", "\t": " ", "\n": " "})
    metaspace = p.Metaspace(prepend_scheme="always")
    yield "wordpiece-uncased", wordpiece(texts, True, None), np.float32, False
    split = p.Sequence([p.BertPreTokenizer(), p.Digits(True)])
    yield "wordpiece-cased", with_added(wordpiece(texts, False, False, split)), np.float16, False
    nfkc = n.Sequence([n.NFKC(), n.Replace(Regex(" {2,}"), " ")])
    yield "unigram-nfkc", with_added(unigram(texts, nfkc, metaspace)), np.float32, True
    yield "unigram-precompiled", edited(unigram(texts, None, metaspace), lambda tree: tree.update(normalizer={
        "type": "Sequence", "normalizers": [{"type": "Precompiled", "precompiled_charsmap": spm},
                                            {"type": "Strip", "strip_left": True, "strip_right": True}]})), np.float32, False
    plain = n.Sequence([n.Nmt(), n.NFKD(), n.StripAccents(), n.Lowercase(), n.Replace("\u2581", "_")])
    whole = unigram(texts, plain, metaspace, True)
    whole.pre_tokenizer = p.Metaspace(prepend_scheme="first", split=False)
    yield "unigram-whole", whole, np.int8, False
    yield "bpe-bytes", with_added(bpe(texts, None, p.ByteLevel(add_prefix_space=False), byte_level=True)), np.float32, False
    yield "bpe-gpt4", edited(bpe(texts, n.NFC(), p.Sequence([p.Split(Regex(GPT4), "isolated"), p.ByteLevel(add_prefix_space=False,
                             use_regex=False)]), byte_level=True, special=["<|endoftext|>"]), old_merges), np.float64, False
    marks = n.Sequence([n.Prepend("\u2581"), n.Replace(" ", "\u2581")])
    yield "bpe-metaspace", edited(bpe(texts, marks, None, unk_token="<unk>", fuse_unk=True, special=["<unk>", "<s>", "</s>"]),
                                  byte_pieces), np.float32, False
    yield "bpe-suffix", bpe(texts, n.Sequence([n.NFD(), n.Lowercase(), n.StripAccents(), n.Strip()]),
                            p.Sequence([p.WhitespaceSplit(), p.Punctuation("contiguous"), p.Digits(False)]), unk_token="[UNK]",
                            special=["[UNK]"], end_of_word_suffix="</w>"), np.float32, True
    trainer = trainers.WordLevelTrainer(vocab_size=3000, special_tokens=["[UNK]"], show_progress=False)
    level = trained(models.WordLevel(unk_token="[UNK]"), trainer, texts, n.Lowercase(), p.Whitespace())
    yield "wordlevel", level, np.float32, False


def save(folder, tokenizer, dtype, quantised, seed):
    dice = np.random.default_rng(seed)
    size = tokenizer.get_vocab_size()
    rows, d = (size // 3, 50) if quantised else (size, 64)
    table = dice.standard_normal((rows, d)) * (1 + dice.random((rows, 1)) * 5) / np.arange(1, d + 1) ** .3
    table = (table * 20).clip(-127, 127).astype(np.int8) if dtype == np.int8 else table.astype(dtype)
    extra = {"weights": dice.random(size).astype(np.float32), "token_mapping": dice.integers(0, rows, size)} if quantised else {}
    model = StaticModel(table, tokenizer, normalize=True, max_length=None, **extra)
    model.save_pretrained(folder)
    return StaticModel.from_pretrained(folder)


def strings(n, seed, pieces):
    dice = random.Random(seed)
    odd = ODD + EXTRA

    def word():
        return dice.choice(pieces)

    makers = [
        lambda k: "".join(any_point(dice) for _ in range(k)),
        lambda k: "".join(dice.choice(dice.choice([odd, MARKS, pieces, "abcde\xe9 .'1"])) for _ in range(k)),
        lambda k: "".join(dice.choice([word(), " ", dice.choice(MARKS)]) for _ in range(k)),
        lambda k: dice.choice(REPEATED + EXTRA) * dice.randrange(30, 112) + dice.choice(["", " x", "!"]) + word(),
        lambda k: " ".join(word().upper() for _ in range(k)),
        lambda k: "".join(dice.choice(["", "  ", "\u200b", "\n", " "]) + word() for _ in range(k)),
        lambda k: " ".join(dice.choice([word(), dice.choice(odd)]) for _ in range(k)),
    ]
    for _ in range(n):
        yield dice.choice(makers)(dice.randrange(30))


def points():
    """One code point in 61, seventeen to a text."""
    scalars = [chr(p) for p in range(1, 0x110000) if is_scalar(p)]
    for at in range(0, len(scalars), 997):
        yield " ".join(f"un{c}able" for c in scalars[at:at + 997:61])


def run(program, verb, source, out, folder):
    subprocess.run([program, verb, str(source), "-o", str(out), "--model", str(folder), "--quiet"], check=True)


def compare(name, model, texts, program, folder, work):
    source, ids_file, rows_file, packed = work / "in.jsonl", work / "ids.bin", work / "rows.npy", work / f"{name}.edgewise"
    with source.open("w", encoding="utf-8") as file:
        for i, text in enumerate(texts):
            print(json.dumps({"id": str(i), "text": text}, ensure_ascii=i % 2 == 0), file=file)
    subprocess.run([program, "model", "import", str(folder), "-o", str(packed), "--quiet"], check=True)
    run(program, "tokens", source, ids_file, folder)
    ids, offsets = array("I", ids_file.read_bytes()), array("Q", ids_file.with_name("ids.offsets.bin").read_bytes())
    got = [ids[a:b].tolist() for a, b in zip(offsets, offsets[1:])]
    model.tokenizer.no_truncation()
    wanted = [e.ids for e in model.tokenizer.encode_batch(texts, add_special_tokens=False)]
    wrong = [i for i in range(len(texts)) if got[i] != wanted[i]]
    for i in wrong[:3]:
        print(f"  {ascii(texts[i][:80])}: {got[i][:12]}, not {wanted[i][:12]}")
    run(program, "embed", source, rows_file, packed)
    mine, theirs = np.load(rows_file), model.encode(texts, max_length=None, normalize=True).astype(np.float32)
    theirs /= np.maximum(np.linalg.norm(theirs, axis=1, keepdims=True), 1e-12)
    empty = np.linalg.norm(theirs, axis=1) < .5
    cosines = np.where(empty, 1 - np.linalg.norm(mine, axis=1), (mine * theirs).sum(1))
    print(f"{name}: {len(texts)} texts, {len(wrong)} differ, least cosine {cosines.min():.5f}")
    return bool(wrong) or len(got) != len(texts) or mine.shape != theirs.shape or not cosines.min() >= .999


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--texts", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only")
    parser.add_argument("--keep", type=Path, help="write the models here too")
    options = parser.parse_args()
    with SAMPLE.open(encoding="utf-8") as lines:
        sample = [text for text in (json.loads(line).get("text") for line in lines) if text]
    failed = passed = 0
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name, tokenizer, dtype, quantised in make_models(sample):
            if options.only and options.only != name:
                continue
            at = (options.keep or work) / name
            model = save(at, tokenizer, dtype, quantised, options.seed)
            pieces = [piece.replace("\u2581", " ").replace("\u0120", " ") for piece in sorted(tokenizer.get_vocab())]
            texts = [*sample[:options.texts // 5], *points()]
            texts += strings(options.texts - len(texts), options.seed, pieces)
            bad = compare(name, model, texts, options.program, at, work)
            failed += bad
            passed += not bad
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
