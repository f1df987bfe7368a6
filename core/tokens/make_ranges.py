"""Writes ranges.h: which code points the reference tokenizer drops and which it splits off as punctuation.

    python core/tokens/make_ranges.py > core/tokens/ranges.h        (needs pip install tokenizers)

The reference keeps tables of a fixed, old Unicode version for these two questions, so they are asked of it directly, one
code point at a time, and not of a Unicode library that moves on.
"""
import tokenizers
from tokenizers import normalizers, pre_tokenizers


def ranges(points):
    runs = []
    for point in points:
        if runs and runs[-1][1] == point - 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return runs


def table(name, points):
    cells = [f"{{0x{a:x}, 0x{b:x}}}" for a, b in ranges(points)]
    lines, line = [], "   "
    for cell in cells:
        if len(line) + len(cell) + 2 > 128:
            lines.append(line)
            line = "   "
        line += f" {cell},"
    return f"static const point_range {name}[] = {{\n" + "\n".join(lines + [line]) + "\n};\n"


def main():
    normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
    splitter = pre_tokenizers.BertPreTokenizer()
    scalars = [p for p in range(0x110000) if not 0xD800 <= p < 0xE000]
    drops = [p for p in scalars if normalizer.normalize_str(f"a{chr(p)}b") == "ab"]
    puncts = [p for p in scalars if len(splitter.pre_tokenize_str(f"a{chr(p)}b")) == 3]
    print(f"/* Made by make_ranges.py from Hugging Face tokenizers {tokenizers.__version__}; do not edit. */")
    print("#include <stdint.h>\n")
    print("typedef struct point_range { uint32_t first, last; } point_range;\n")
    print("/* Controls, formats, private use, U+FFFD and nonspacing marks: they vanish. */")
    print(table("drops", drops))
    print("/* Characters that are a word by themselves. */")
    print(table("puncts", puncts), end="")


if __name__ == "__main__":
    main()
