"""Writes class_table.h: how the reference tokenizer's normalisers see single characters, where its tables are of another Unicode version
than those of utf8proc.

    python core/tokens/make_classes.py > core/tokens/class_table.h        (needs pip install tokenizers)
"""
import ctypes
import ctypes.util

import tokenizers
from tokenizers import normalizers, pre_tokenizers

from make_ranges import ranges, table

STABLE, COMPAT, COMPOSE, DECOMPOSE = 1 << 1, 1 << 2, 1 << 3, 1 << 4
library = ctypes.CDLL(ctypes.util.find_library("utf8proc"))
library.utf8proc_map.restype = ctypes.c_ssize_t
library.utf8proc_tolower.restype = ctypes.c_int32
library.utf8proc_get_property.restype = ctypes.c_void_p


def here(text, options):
    out = ctypes.c_char_p()
    data = text.encode()
    n = library.utf8proc_map(data, ctypes.c_ssize_t(len(data)), ctypes.byref(out), options | STABLE)
    return ctypes.string_at(out, n).decode()


def main():
    scalars = [p for p in range(1, 0x110000) if not 0xD800 <= p < 0xE000]
    clean = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    marks = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    combining, lower = normalizers.StripAccents(), normalizers.Lowercase()
    forms = {DECOMPOSE: normalizers.NFD(), DECOMPOSE | COMPAT: normalizers.NFKD(), COMPOSE: normalizers.NFC(),
             COMPOSE | COMPAT: normalizers.NFKC()}
    late = [p for p in scalars
            if any(form.normalize_str(text) != here(text, options) for options, form in forms.items()
                   for text in (f"a{chr(p)}b", f"a\u0345{chr(p)}", f"a{chr(p)}\u0334"))]
    cases = [(p, lower.normalize_str(chr(p))) for p in scalars]
    pairs = [(p, ord(low)) for p, low in cases if len(low) == 1 and ord(low) != library.utf8proc_tolower(p)]
    longer = [(p, low) for p, low in cases if len(low) != 1]
    assert longer == [(0x130, "i\u0307")], longer
    print(f"/* Made by make_classes.py from Hugging Face tokenizers {tokenizers.__version__}; do not edit. */")
    print("#include <stdint.h>\n")
    print("typedef struct point_range { uint32_t first, last; } point_range;\n")
    print("/* Controls, formats, private use and U+FFFD: cleaning takes them out. */")
    print(table("controls", [p for p in scalars if clean.normalize_str(f"a{chr(p)}b") == "ab"]))
    print("/* Nonspacing marks: accents of the first kind. */")
    print(table("nonspacing", [p for p in scalars if marks.normalize_str(f"a{chr(p)}b") == "ab"]))
    print("/* All combining marks: accents of the second kind. */")
    print(table("combining", [p for p in scalars if combining.normalize_str(f"a{chr(p)}b") == "ab"]))
    print("/* Characters that the reference's normal forms do not know: they stay as they are, and nothing moves across them. */")
    print(table("late", late))
    digits = pre_tokenizers.Digits(individual_digits=True)
    library.utf8proc_category.restype = ctypes.c_int
    print("/* Numbers newer than utf8proc. */")
    print(table("numbers", [p for p in scalars if len(digits.pre_tokenize_str(f"a{chr(p)}b")) == 3
                            and library.utf8proc_category(p) not in (9, 10, 11)]))
    spaces = pre_tokenizers.Whitespace()
    print("/* Word characters where utf8proc's categories (letters, marks, Nd, Nl, Pc) say otherwise, either way. */")
    print(table("words", [p for p in scalars if (len(spaces.pre_tokenize_str(f"a{chr(p)}b")) == 1)
                          != (1 <= library.utf8proc_category(p) <= 10 or library.utf8proc_category(p) == 12)]))
    print("/* Lower case where utf8proc has another one. */")
    cells = "".join(f"\n    {{0x{a:x}, 0x{b:x}}}," for a, b in pairs)
    print(f"static const point_range lowers[] = {{{cells}\n}};")


if __name__ == "__main__":
    main()
