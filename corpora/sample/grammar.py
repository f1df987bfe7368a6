"""The little language of words/*.txt.

    {a|b|c}   one of these; may be nested; an empty branch is allowed
    <name>    one line of the list `name` (words/slots.txt, or an @name line of the same file)
    <3-40>    a number of that range
    <model> <product> <order> and the like are filled by the caller through `fixed`
Lines starting with # are remarks. A file may open with `key: value` lines, then [section] headings.
"""
import re

INNER = re.compile(r"\{([^{}]*)\}|<([a-z_]+)>|<(\d+)-(\d+)>")


def expand(text, dice, lists, fixed=None):
    """Innermost first, left to right, until nothing is left to choose."""
    for _ in range(200):
        got = INNER.search(text)
        if not got:
            return text
        branch, name, low, high = got.groups()
        if branch is not None:
            put = dice.pick(branch.split("|"))
        elif low is not None:
            put = str(dice.between(int(low), int(high)))
        elif fixed and name in fixed:
            put = fixed[name]
        else:
            put = dice.pick(lists[name])
        text = text[:got.start()] + put + text[got.end():]
    raise ValueError("endless expansion: " + text[:80])


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and line[0] != "#"]


def read_parts(path):
    """-> (header dict, {section: [lines]}, {list name: [choices]})"""
    header, parts, lists, at = {}, {}, {}, None
    for line in read_lines(path):
        if line.startswith("[") and line.endswith("]") and " " not in line:
            at = line[1:-1]
            parts[at] = []
        elif line.startswith("@"):
            name, choices = line[1:].split(" ", 1)
            lists[name] = split_top(choices)
        elif at is None:
            key, value = line.split(":", 1)
            header[key.strip()] = value.strip()
        else:
            parts[at].append(line)
    return header, parts, lists


def split_top(text):
    """Splits at | outside braces."""
    out, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c == "{") - (c == "}")
        if c == "|" and depth == 0:
            out.append(text[start:i])
            start = i + 1
    return out + [text[start:]]


def tidy(text):
    """Empty branches leave double blanks, blanks before commas, and commas with nothing to follow."""
    text = re.sub(r"[ \t]+", " ", text)
    text = re.sub(r" ([,.;!?])", r"\1", text)
    text = re.sub(r",+(?=[,.;!?]|$)", "", text)
    return re.sub(r"^ | $|(?<=\n) | (?=\n)", "", text).rstrip(" ,")


def sentence_case(text):
    return re.sub(r"(^|[.!?]\s+|\n)([a-z])", lambda m: m.group(1) + m.group(2).upper(), text)
