#!/usr/bin/env python3
"""Does ew_text_normalise agree with the Unicode Character Database as Python knows it?

Usage: normalise.py PROGRAM [strings]. Every assigned code point alone, with a mark behind it, and random strings over all
planes. The reference: NFD, then case fold and NFKD without default ignorables until nothing changes, then NFC
(NFKC_Casefold of NFD), white space to one blank, trimmed. Controls go first. Code points that are new in only one of the two versions are left out."""
import random
import struct
import subprocess
import sys
import unicodedata

IGNORABLE = [(0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
             (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
             (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)]
IGNORED = {chr(c) for low, high in IGNORABLE for c in range(low, high + 1)}


def fold(text):
    kept = "".join(c for c in text if c not in IGNORED)
    return unicodedata.normalize("NFKD", kept.casefold())


def reference(text):
    text = "".join(c for c in text if unicodedata.category(c) != "Cc" or c in "\t\n\v\f\r\x85")
    text = unicodedata.normalize("NFD", text)
    while True:
        folded = fold(text)
        if folded == text:
            break
        text = folded
    text = unicodedata.normalize("NFC", "".join(c for c in text if c not in IGNORED))
    out, blank = [], False
    for c in text:
        if c in "\t\n\v\f\r\x85" or unicodedata.category(c) in ("Zs", "Zl", "Zp"):
            blank = True
        else:
            if blank and out:
                out.append(" ")
            blank = False
            out.append(c)
    return "".join(out)


def main():
    program = sys.argv[1]
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 100000
    assigned = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000 and unicodedata.category(chr(c)) not in ("Cn", "Co")]
    marks = [c for c in assigned if unicodedata.combining(c)]
    special = marks + [c for c in assigned if unicodedata.decomposition(c)] + sorted(IGNORED & set(assigned))
    rng = random.Random(1)
    texts = assigned + [c + "\u0345\u0301" for c in assigned if c < "\U00030000"]
    for _ in range(wanted):
        texts.append("".join(rng.choice(rng.choice((assigned, marks, special, "aE 1\t\n"))) for _ in range(rng.randint(1, 12))))
    data = b"".join(struct.pack("<I", len(t.encode())) + t.encode() for t in texts)
    out = subprocess.run([program], input=data, stdout=subprocess.PIPE, check=True).stdout
    at, wrong = 0, 0
    for text in texts:
        (n,) = struct.unpack_from("<I", out, at)
        got = out[at + 4:at + 4 + n].decode()
        at += 4 + n
        if got != reference(text):
            wrong += 1
            if wrong <= 10:
                print("text", ascii(text), "got", ascii(got), "want", ascii(reference(text)))
    print(f"normalise: {len(texts)} texts, {wrong} differences, Unicode {unicodedata.unidata_version} here")
    return 1 if wrong or at != len(out) else 0


if __name__ == "__main__":
    sys.exit(main())
