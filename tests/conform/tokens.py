#!/usr/bin/env python3
"""`edgewise tokens` against the reference: the same ids for every code point, for hostile and ordinary strings made here, and for
the project's own sample corpus.

    tests/conform/tokens.py build/release/edgewise [--strings 200000] [--seed 1]     (needs pip install tokenizers)
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
from array import array
from pathlib import Path

from tokenizers import BertWordPieceTokenizer

ROOT = Path(__file__).resolve().parents[2]
VOCABULARY = ROOT / "core" / "model" / "vocab.txt"
SAMPLE = ROOT / "build" / "sample" / "quarter.jsonl"
MARKS = [chr(c) for c in range(0x300, 0x370)] + [chr(c) for c in (0x1D165, 0xA953, 0x302E, 0x8CA, 0x7FD, 0x1B44, 0xC3C, 0x1133B)]
ODD = ["\0", "\ufffd", "\u200d", "\xad", "\u0130", "\u0131", "\u03a3", "\u03c2", "\xdf", "\u1e9e", "[CLS]", "[UNK]", "[MASK]",
       "[SEP", "[PAD]", "[", "#", "##", "\u3000", "\x85", "\x0b", "\t", "\n", "\r", "\u2028", "\u2029", "\ue000", "\ufb01",
       "\ud55c", "\uac00\u11a8", "\u65e5", "\U00020000", "\U0002b820", "\U0002ceaf", "\uf900", "\U0002f800", "\U0001f600",
       "\U0001f469\u200d\U0001f52c", "\u0378", "\u037e", "\u1fef", "\u2260", "\u0344", "\u1734", "\u0e33", "\u0301" * 3]
REPEATED = ["a", "\xe9", "ab", "e\u0301", "\u0301", "\u5b57", "\U0001f600"]


def is_scalar(point):
    return not 0xD800 <= point < 0xE000


def every_code_point():
    for point in range(0x110000):
        if is_scalar(point):
            yield f"un{chr(point)}able"


def any_point(dice):
    low, high = dice.choice([(0x20, 0x7F), (0x80, 0x600), (0x600, 0x10000), (0x10000, 0x110000)])
    point = dice.randrange(low, high)
    return chr(point) if is_scalar(point) else "x"


def strings(n, seed, pieces):
    dice = random.Random(seed)

    def word():
        return dice.choice(pieces).removeprefix("##")

    makers = [
        lambda k: "".join(any_point(dice) for _ in range(k)),
        lambda k: "".join(dice.choice(dice.choice([ODD, MARKS, pieces, "abcde\xe9 ."])) for _ in range(k)),
        lambda k: "".join(dice.choice([word(), " ", dice.choice(MARKS)]) for _ in range(k)),
        lambda k: dice.choice(REPEATED) * dice.randrange(45, 112) + dice.choice(["", " x", "!"]) + word(),
        lambda k: " ".join(word().upper() for _ in range(k)),
        lambda k: "".join(word() + dice.choice(["", "", "\u200b", "\u0301", " "]) for _ in range(k)),
    ]
    for _ in range(n):
        yield dice.choice(makers)(dice.randrange(40))


def sample():
    with SAMPLE.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line).get("text", "")


def ours(program, texts, folder):
    source, out = folder / "in.jsonl", folder / "ids.bin"
    with source.open("w", encoding="utf-8") as file:
        for i, text in enumerate(texts):
            print(json.dumps({"id": str(i), "text": text}, ensure_ascii=i % 2 == 0), file=file)
    subprocess.run([program, "tokens", str(source), "-o", str(out)], check=True, stdout=subprocess.DEVNULL)
    ids, offsets = array("I", out.read_bytes()), array("Q", out.with_name("ids.offsets.bin").read_bytes())
    return [ids[a:b].tolist() for a, b in zip(offsets, offsets[1:])]


def compare(name, texts, program, reference):
    """Texts with other ids than the reference's; the first three are shown."""
    with tempfile.TemporaryDirectory() as folder:
        got = ours(program, texts, Path(folder))
    wanted = [e.ids for e in reference.encode_batch(texts, add_special_tokens=False)]
    wrong = [i for i, text in enumerate(texts) if i >= len(got) or got[i] != wanted[i]]
    for i in wrong[:3]:
        print(f"  {ascii(texts[i][:80])}: {got[i][:12] if i < len(got) else 'missing'}, not {wanted[i][:12]}")
    extra = len(got) != len(texts)
    print(f"{name}: {len(texts)} texts, {len(wrong)} differ{f', {len(got)} rows came back' if extra else ''}")
    return bool(wrong) or extra


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--strings", type=int, default=50000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    reference = BertWordPieceTokenizer(str(VOCABULARY), lowercase=True)
    pieces = VOCABULARY.read_text(encoding="utf-8").split("\n")[:-1]
    points = list(every_code_point())
    cases = [("all code points", [" ".join(points[i:i + 64]) for i in range(0, len(points), 64)]),
             ("made strings", list(strings(options.strings, options.seed, pieces)))]
    if SAMPLE.exists():
        cases.append(("sample corpus", list(sample())))
    failed = sum(compare(name, texts, options.program, reference) for name, texts in cases)
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
